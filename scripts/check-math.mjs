// `npm run check:math`: the error of every function of one number, over all 2^32 float32 values and a sample of
// float64, in a program without Node (native/harness). Fails where one exceeds what test/math/bounds.json records.
// `-- exp tanh` checks these alone; `-- --quick` one float32 in 997; `-- --record` writes down what was found.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root, run, seconds } from './shell.mjs';

const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const path = join(root, 'test', 'math', 'bounds.json');
const folder = join(root, 'build-cmake', 'harness-native');

function orExit({ ok, output }) {
  if (ok) return output;
  console.error(output);
  process.exit(1);
}

const start = performance.now();
orExit(run('cmake', ['-S', root, '-B', folder]));
orExit(run('cmake', ['--build', folder, '--target', 'harness', '-j', String(availableParallelism())]));
const mode = options.includes('--quick') ? 'sample' : 'sweep';
const output = orExit(run(join(folder, 'harness'), [mode, ...names]));

const inputs = { float32: options.includes('--quick') ? 'one in 997' : 'all', float64: '12582912' };
const bounds = JSON.parse(readFileSync(path, 'utf8'));
let exceeded = 0;
for (const line of output.trim().split('\n')) {
  const [name, type, error, at] = line.split(' ');
  const recorded = bounds[name]?.[type];
  // Rounded up: what is recorded is a bound.
  const ulp = Math.ceil(Number(error) * 1000) / 1000;
  const fits = recorded !== undefined && ulp <= recorded.ulp;
  if (options.includes('--record'))
    bounds[name] = { ...bounds[name], [type]: { ulp, at, inputs: inputs[type] } };
  else if (!fits) exceeded++;
  console.log(
    `${fits ? 'ok      ' : 'EXCEEDED'} ${name} ${type}: ${error} ULP at ${at}, recorded ${recorded?.ulp ?? 'none'}`,
  );
}
if (options.includes('--record')) writeFileSync(path, `${JSON.stringify(bounds, null, 2)}\n`);
console.log(`${exceeded} bounds are exceeded (${seconds(start)})`);
process.exit(exceeded === 0 ? 0 : 1);
