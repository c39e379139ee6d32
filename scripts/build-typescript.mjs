// Compiles src/ to dist/ and puts beside it what the report inlines.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const report = join(root, 'dist', 'cli', 'report');

rmSync(join(root, 'dist'), { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  { cwd: root, stdio: 'inherit' },
);
if (status !== 0) process.exit(1);

// The page's own script and style are read at run time, not imported.
cpSync(join(root, 'src', 'cli', 'report', 'page'), join(report, 'page'), {
  recursive: true,
  filter: (path) => !path.endsWith('tsconfig.json'),
});

const uplot = dirname(dirname(require.resolve('uplot')));
mkdirSync(report, { recursive: true });
for (const file of ['uPlot.iife.min.js', 'uPlot.min.css']) {
  // The minified files carry no licence; it asks to be kept with every copy.
  const licence = readFileSync(join(uplot, 'LICENSE'), 'utf8').trim().replaceAll('*/', '* /');
  const body = readFileSync(join(uplot, 'dist', file), 'utf8');
  writeFileSync(join(report, file), `/*! uPlot (https://github.com/leeoniya/uPlot)\n${licence}\n*/\n${body}`);
}
chmodSync(join(root, 'dist', 'cli', 'main.js'), 0o755);
