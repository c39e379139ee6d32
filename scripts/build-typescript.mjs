// Builds dist/: the compiled modules, what require() gets, and what the HTML report inlines.
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { bundlePage } from './report-page.mjs';
import { root, run, seconds, tool } from './shell.mjs';

const target = join(root, 'dist');

function compile() {
  rmSync(target, { recursive: true, force: true });
  const { ok, output } = run(process.execPath, [tool('typescript', 'tsc'), '-p', 'tsconfig.build.json']);
  if (!ok) console.error(`${output}Lockstep: the TypeScript build failed; the messages above say why.`);
  return ok;
}

/** The page of the report is no module: its script and its styles are written into the report. */
async function addPage() {
  const { script, style } = await bundlePage();
  writeFileSync(join(target, 'cli', 'report', 'page.js'), script);
  writeFileSync(join(target, 'cli', 'report', 'page.css'), style);
}

/**
 * What `require('lockstep')` gets: the same modules, through a file in CommonJS, so that there is one copy of them. The
 * declarations say again what is in them, for TypeScript takes those in dist/ for modules that CommonJS cannot require.
 */
function addRequire() {
  const folder = join(target, 'cjs');
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' });
  for (const path of files.filter((path) => path.endsWith('.d.ts') && !path.startsWith('cli'))) {
    cpSync(join(target, path), join(folder, path));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entry of Object.values(exports).filter((entry) => entry.require !== undefined)) {
    const path = entry.require.default;
    const module = posix.relative(posix.dirname(path), entry.import.default);
    writeFileSync(join(root, path), `module.exports = require('${module}');\n`);
  }
}

const start = performance.now();
if (compile()) {
  await addPage();
  addRequire();
  chmodSync(join(target, 'cli', 'main.js'), 0o755);
  console.log(`Lockstep: dist/ is built (${seconds(start)}).`);
} else {
  process.exitCode = 1;
}
