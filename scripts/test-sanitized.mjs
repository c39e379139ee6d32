// `npm run test:sanitize -- test/optim`: tests over the addon that `npm run build:sanitize` builds. AddressSanitizer
// must come before everything else in the process, so it is preloaded into Node.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, tool } from './shell.mjs';

const compiler = process.env.CXX ?? 'g++';
const sanitizer = execFileSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
const { status } = spawnSync(process.execPath, [tool('vitest'), 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    LOCKSTEP_BINARY: join(root, 'build-cmake', 'sanitize', 'Release', 'lockstep.node'),
    LD_PRELOAD: sanitizer,
    // V8 gives nothing back at exit.
    ASAN_OPTIONS: 'detect_leaks=0',
  },
});
process.exitCode = status ?? 1;
