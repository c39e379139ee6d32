// `npm run check`: everything that must hold before a commit, the quickest first. Stops at the first failure and
// shows its output. `-- --quick` leaves the tests out.
import { join } from 'node:path';
import { found, root, run, seconds } from './shell.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const node = process.execPath;
const native = [
  '-c',
  'git ls-files -co --exclude-standard "native/*.h" "native/*.c" "native/*.cc" | xargs clang-format --dry-run --Werror',
];

/** A step without its tool is skipped aloud where `optional` says that it may be; so is what a step says it skipped. */
const steps = [
  { name: 'lint and format', command: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
  { name: 'format of native', command: 'sh', args: native, optional: 'clang-format' },
  { name: 'imports', command: bin('depcruise'), args: ['src', '--config', '.dependency-cruiser.mjs'] },
  { name: 'types', command: bin('tsc'), args: ['--noEmit'] },
  {
    name: 'types of the report',
    command: bin('tsc'),
    args: ['--noEmit', '-p', 'src/cli/report/page/tsconfig.json'],
  },
  { name: 'native build', command: node, args: ['scripts/build-native.mjs'] },
  { name: 'headers of native', command: node, args: ['scripts/check-headers.mjs'], optional: 'c++' },
  { name: 'TypeScript build', command: node, args: ['scripts/build-typescript.mjs'] },
  { name: 'symbols', command: node, args: ['scripts/check-symbols.mjs'], optional: 'nm' },
  { name: 'binaries for the package', command: node, args: ['scripts/prebuild.mjs'] },
  { name: 'binaries on every Linux', command: node, args: ['scripts/check-binaries.mjs'] },
  { name: 'tarball', command: node, args: ['scripts/check-tarball.mjs'] },
  { name: 'package', command: bin('publint'), args: ['--strict'] },
  {
    name: 'types of the package',
    command: bin('attw'),
    args: ['--pack', '.', '--no-emoji'],
  },
  { name: 'tests', command: bin('vitest'), args: ['run'], slow: true },
];

for (const { name, command, args, optional, slow } of steps) {
  if (slow && process.argv.includes('--quick')) continue;
  if (optional !== undefined && !found(optional)) {
    console.log(`SKIPPED  ${name}: ${optional} is not installed`);
    continue;
  }
  const start = performance.now();
  // The package is built by the steps above; packing must not build it again.
  const env = { ...process.env, npm_config_ignore_scripts: 'true', LOCKSTEP_TEST_LONG: '1' };
  const { ok, output } = run(command, args, { env });
  if (!ok) {
    console.error(`${output}\nFAILED   ${name} (${seconds(start)})`);
    process.exit(1);
  }
  console.log(`ok       ${name} (${seconds(start)})`);
  for (const [skipped] of output.matchAll(/^SKIPPED .*$/gm)) console.log(skipped);
}
