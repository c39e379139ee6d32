// Runs tests over a file that is changed in memory alone: Vitest is started once, in this process, and is handed the text of
// the mutant in the place of the file's. `check-mutants.mjs` forks this, and kills it where a mutant never ends.
import { createVitest } from 'vitest/node';
import { root } from '../shell.mjs';

/** What is in the place of a file. */
let changed = { path: '', text: '' };

const vitest = await createVitest(
  'test',
  // Tests that fail are what is looked for: nothing is to be said of them. No `bail`: it counts failures of earlier runs too.
  { root, watch: false, fileParallelism: false, reporters: [{}], onConsoleLog: () => false },
  {
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform: (_, id) => (id.split('?')[0] === changed.path ? { code: changed.text, map: null } : null),
      },
    ],
  },
);
await vitest.standalone();
const project = vitest.getRootProject();

process.on('message', async ({ path, text, tests }) => {
  const before = changed.path;
  changed = { path, text };
  for (const file of [before, path]) if (file !== '') vitest.invalidateFile(file);
  /** How long each file of tests took, until one of them failed. */
  const times = [];
  let failed = null;
  for (const test of tests) {
    const start = performance.now();
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([
      project.createSpecification(test),
    ]);
    // The results of other files are those of earlier runs. A file that could not be loaded has an error and no tests.
    const own = testModules.find(({ moduleId }) => moduleId === test);
    times.push(performance.now() - start);
    if (unhandledErrors.length > 0 || !own?.ok()) {
      failed = test;
      break;
    }
  }
  process.send({ failed, times });
});
process.send('ready');
