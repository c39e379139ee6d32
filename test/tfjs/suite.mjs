// tfjs-core's own tests against this backend, in a process of its own: they set the flags of the whole engine.
// `node suite.mjs [filter]` prints what failed, and last one line of JSON: how many specs passed and failed.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'node_modules', '.cache', 'tfjs-suite');
const outfile = join(folder, 'suite.cjs');

mkdirSync(folder, { recursive: true });
await build({
  stdin: {
    contents: `
      import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
      import '@tensorflow/tfjs-core/dist/register_all_gradients';
      import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
      setTestEnvs([{ name: 'lockstep', backendName: 'lockstep', isDataSync: true }]);
      require('@tensorflow/tfjs-core/dist/tests');`,
    resolveDir: root,
  },
  outfile,
  bundle: true,
  platform: 'node',
  logLevel: 'error',
  // Its package.json says that tests have no side effects.
  ignoreAnnotations: true,
  // In a bundle of its own the engine is still the process's: the other copy is the one that the package has loaded.
  mainFields: ['module', 'main'],
});

const jasmineRequire = require('jasmine-core');
const jasmine = jasmineRequire.boot(jasmineRequire);
Object.assign(globalThis, jasmine.getEnv(), { jasmine: globalThis.jasmine ?? jasmine });

const { version } = await import('lockstep');
await import('lockstep/tfjs');
void version;
require(outfile);

const filter = process.argv[2];
const env = jasmine.getEnv();
if (filter !== undefined) env.configure({ specFilter: (spec) => spec.getFullName().includes(filter) });
env.configure({
  random: false,
  ...(filter === undefined ? {} : { specFilter: (spec) => spec.getFullName().includes(filter) }),
});
const counts = { passed: 0, failed: 0, pending: 0 };
env.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === 'failed') {
      console.log(`FAILED ${fullName}`);
      for (const { message } of failedExpectations) console.log(`  ${message.slice(0, 400)}`);
    }
  },
});
await env.execute();
console.log(JSON.stringify(counts));
process.exit(counts.failed === 0 ? 0 : 1);
