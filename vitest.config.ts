import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

/** What a process has once: a world, the backend of TensorFlow.js, the arrays that wait to be used again, its memory. */
const ALONE = [
  'test/distributed/world.test.ts',
  'test/examples/**/*.test.ts',
  'test/nn/**/*.test.ts',
  'test/stream/**/*.test.ts',
  'test/tfjs/**/*.test.ts',
  'test/train/leaves/**/*.test.ts',
  'test/train/{event-loop,fit,networks}.test.ts',
];

/** `npm run check:queued`: it changes classes, once in each process. */
const QUEUED = Boolean(process.env.LOCKSTEP_TEST_QUEUED);
/** Plain objects, whose gradients the test reads without asking. */
const NOT_QUEUED = QUEUED ? ['test/optim/clip-grad-norm.test.ts'] : [];

export default defineConfig({
  // The examples import the package by its name, as its users do.
  resolve: {
    alias: [
      { find: /^lockstep$/, replacement: source('index.ts') },
      { find: /^lockstep\/([\w-]+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // By itself one processor would be left idle, which is half of a small machine.
    maxWorkers: '100%',
    // What programs print must not depend on where the tests run.
    env: { COLUMNS: '', LOCKSTEP_QUIET: '1', TERM: 'xterm' },
    setupFiles: ['test/setup.ts', ...(QUEUED ? ['test/stream/hostile.ts'] : [])],
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        // The others share processes, and test/setup.ts puts back what they change.
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...NOT_QUEUED],
          isolate: QUEUED,
        },
      },
    ],
  },
});
