// Builds dist/: the compiled modules, what require() gets, and what the HTML report inlines.
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root, run, seconds, tool } from './shell.mjs';

const source = join(root, 'src');
const target = join(root, 'dist');

function compile() {
  rmSync(target, { recursive: true, force: true });
  const { ok, output } = run(process.execPath, [tool('typescript', 'tsc'), '-p', 'tsconfig.build.json']);
  if (!ok) console.error(`${output}Lockstep: the TypeScript build failed; the messages above say why.`);
  return ok;
}

/** Scripts and styles of the report lie beside the module that reads them, as in src/. */
function copyAssets() {
  cpSync(source, target, {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || !/(\.ts|tsconfig\.json)$/.test(path),
  });
}

/**
 * The chart library goes into the package: users need not install it. Its licence asks to be kept with every copy, so
 * it goes into the minified files, and with them into every report.
 */
function copyCharts() {
  const uplot = join(root, 'node_modules', 'uplot');
  const licence = readFileSync(join(uplot, 'LICENSE'), 'utf8').trim().replaceAll('*/', '* /');
  for (const name of ['uPlot.iife.min.js', 'uPlot.min.css']) {
    const body = readFileSync(join(uplot, 'dist', name), 'utf8');
    writeFileSync(
      join(target, 'cli', 'report', name),
      `/*! uPlot (https://github.com/leeoniya/uPlot)\n${licence}\n*/\n${body}`,
    );
  }
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
  copyAssets();
  copyCharts();
  addRequire();
  chmodSync(join(target, 'cli', 'main.js'), 0o755);
  console.log(`Lockstep: dist/ is built (${seconds(start)}).`);
} else {
  process.exitCode = 1;
}
