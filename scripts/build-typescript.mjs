// Builds dist/: the compiled modules, and next to them what the HTML report inlines.
import { chmodSync, cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const start = performance.now();
if (compile()) {
  copyAssets();
  copyCharts();
  chmodSync(join(target, 'cli', 'main.js'), 0o755);
  console.log(`Lockstep: dist/ is built (${seconds(start)}).`);
} else {
  process.exitCode = 1;
}
