// `npm run check:threads`: the tests of the pool and of streams, with up to 64 threads on whatever processors there are, under
// ThreadSanitizer. `npm run check:targets -- --sanitize` runs kernels under it as well, and takes minutes.
import { join } from 'node:path';
import { build, folderOf } from './cmake.mjs';
import { found, run, seconds } from './shell.mjs';

function main() {
  if (!found('cmake') || !found(process.env.CXX ?? 'c++')) {
    console.log('SKIPPED threads: cmake or a C++ compiler is not installed');
    return;
  }
  const start = performance.now();
  const built = build('thread', ['-DLOCKSTEP_SANITIZE=thread'], 'pool');
  const { ok, output } = built.ok ? run(join(folderOf('thread'), 'pool'), []) : built;
  if (ok) {
    console.log(`ok      the pool and the streams under ThreadSanitizer (${seconds(start)})`);
  } else {
    console.error(`${output}FAILED  the pool or the streams under ThreadSanitizer`);
    process.exitCode = 1;
  }
}

main();
