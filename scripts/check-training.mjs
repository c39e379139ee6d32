// `npm run check:training`: 200 training steps of each of the benchmark's networks end in the same weights, bit for bit, on
// every native target of this machine and with 1, 2 and 3 threads, each in a process of its own. The scalar target takes
// ten steps, which are compared with the first ten of the others: without the processor's fma, a step of one thread takes
// half a second, two, and six, and 200 of each network half an hour. `-- --all` lets it take them. Where the processor has no
// AVX-512: `npm run build:emulate`, and LOCKSTEP_BINARY=build-cmake/emulate/Release/lockstep.node before this command.
// `-- --memory` instead: the resident set of a process (process.memoryUsage().rss) does not grow by more than 2 % from step
// 100 to step 5,000, read whenever ten forced collections of garbage are over. It may shrink, and does by a few percent.
// `-- cnn` is that network alone.
import { targets } from '../dist/index.js';
import { run, seconds } from './shell.mjs';

const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const networks = names.length > 0 ? names : ['mlp', 'cnn', 'transformer'];

const STEPS = 200;
const FEW_STEPS = 10;
const THREADS = [1, 2, 3];
const MEMORY_STEPS = [100, 200, 500, 1000, 2000, 3000, 4000, 5000];
const MEMORY_GROWTH = 0.02;

/** What `steps.ts` prints, or null where it failed. */
function train(network, steps, environment = {}) {
  // The space for young objects stays small: it grows and shrinks by more than what is looked for.
  const node = ['--expose-gc', '--max-semi-space-size=1', '--import', 'tsx'];
  const args = [...node, 'bench/training/steps.ts', network, JSON.stringify(steps)];
  const { ok, output } = run(process.execPath, args, { env: { ...process.env, ...environment } });
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  if (ok) return lines.map((line) => JSON.parse(line));
  console.error(output);
  return null;
}

/** Prints how a run went; a failed one makes the script fail. */
function report(ok, text, start) {
  (ok ? console.log : console.error)(`${ok ? 'ok     ' : 'FAILED '} ${text} (${seconds(start)})`);
  if (!ok) process.exitCode = 1;
}

function compareTargets(network) {
  /** Step -> the hash that all must have. */
  const expected = new Map();
  for (const target of targets().filter((name) => name !== 'typescript')) {
    const isSlow = target === 'scalar' && !options.includes('--all');
    const steps = isSlow ? [FEW_STEPS] : [FEW_STEPS, STEPS];
    for (const threads of THREADS) {
      const start = performance.now();
      const environment = { LOCKSTEP_TARGET: target, LOCKSTEP_THREADS: String(threads) };
      const [head, ...reports] = train(network, { hash: steps }, environment) ?? [];
      const where = `${target}, ${threads} thread${threads === 1 ? '' : 's'}`;
      if (head?.target !== target || reports.length !== steps.length) {
        report(false, `${network} on ${where}: did not run`, start);
        continue;
      }
      for (const { step, hash } of reports) if (!expected.has(step)) expected.set(step, hash);
      const hashes = reports.map(({ step, hash }) => `${hash} after ${step} steps`).join(', ');
      const same = reports.every(({ step, hash }) => hash === expected.get(step));
      report(same, `${head.name} on ${where}: ${hashes}`, start);
    }
  }
}

function watchMemory(network) {
  const start = performance.now();
  const [head, first, ...others] = train(network, { memory: MEMORY_STEPS }) ?? [];
  if (first === undefined) return report(false, `${network}: did not run`, start);
  const changes = others.map(({ step, rss }) => ({ step, change: rss / first.rss - 1 }));
  const figures = changes.map(({ step, change }) => `${(100 * change).toFixed(1)} % at ${step}`);
  const ok = changes.every(({ change }) => change <= MEMORY_GROWTH);
  const megabytes = (first.rss / 2 ** 20).toFixed(0);
  report(ok, `${head.name}: ${megabytes} MiB at step ${first.step}, then ${figures.join(', ')}`, start);
}

for (const network of networks) (options.includes('--memory') ? watchMemory : compareTargets)(network);
