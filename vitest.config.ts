import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

/** `npm run check:queued`: it changes classes, once in each process. */
const QUEUED = Boolean(process.env.LOCKSTEP_TEST_QUEUED);

export default defineConfig({
  // The examples import the package by its name, as its users do.
  resolve: {
    alias: [
      { find: /^lockstep$/, replacement: source('index.ts') },
      { find: /^lockstep\/([\w-]+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // By itself one processor would be left idle, which is half of a small machine.
    maxWorkers: '100%',
    // Files share a process, and test/setup.ts puts back what they change of it.
    isolate: QUEUED,
    setupFiles: ['test/setup.ts', ...(QUEUED ? ['test/stream/hostile.ts'] : [])],
    // What programs print must not depend on where the tests run.
    env: { COLUMNS: '', LOCKSTEP_QUIET: '1', TERM: 'xterm' },
  },
});
