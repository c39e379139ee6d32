// Steps that are taken again after their memory was taken away, made smaller or collected, in the middle of another step,
// and long after anybody else has forgotten them: each works, or does nothing.
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parameter, step, train } from './adam.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const LENGTH = 1000;

function expect(what, is, wanted = true) {
  if (is !== wanted) throw new Error(`${what}: ${is}, not ${wanted}`);
}

/** A parameter whose operand `place` lies in a buffer, at its beginning. */
function placed(place, buffer) {
  return parameter(LENGTH, 1).with(place, new Float32Array(buffer, 0, LENGTH));
}

for (let place = 0; place < 4; place++) {
  const bytes = 4 * LENGTH;
  const detached = parameter(LENGTH, place);
  const repeatDetached = step(detached, true);
  expect('taken again', repeatDetached());
  const left = detached[(place + 1) % 4];
  const before = left.slice();
  structuredClone(detached[place].buffer, { transfer: [detached[place].buffer] });
  expect('without a buffer', repeatDetached(), false);
  expect(
    'what is left',
    left.every((x, i) => x === before[i]),
  );

  for (const size of [0, bytes - 4, bytes + 4, 16 * bytes]) {
    const buffer = new ArrayBuffer(bytes, { maxByteLength: 16 * bytes });
    const repeatResized = step(placed(place, buffer), true);
    buffer.resize(size);
    buffer.resize(bytes);
    expect('with the size it had', repeatResized());
    buffer.resize(size);
    expect(`with ${size} of ${bytes} bytes`, repeatResized(), false);
    buffer.resize(bytes);
    expect('from then on', repeatResized(), false);
  }

  const memory = new WebAssembly.Memory({ initial: 1, maximum: 10_000 });
  const repeatGrown = step(placed(place, memory.buffer), true);
  expect('in WebAssembly', repeatGrown());
  memory.grow(5000);
  expect('in WebAssembly that grew', repeatGrown(), false);

  // Node.js 20 tells nothing of shared memory, which nobody can take away.
  const shared = new SharedArrayBuffer(bytes, { maxByteLength: 2 * bytes });
  const repeatShared = step(placed(place, shared), true);
  expect('with shared memory', repeatShared?.() ?? true);
  shared.grow(2 * bytes);
  expect('with more shared memory', repeatShared?.() ?? false, false);
}

// It is a function like others: whatever it is called with.
const odd = step(parameter(LENGTH, 0), true);
expect('with arguments', odd.call(null, odd, -1, Symbol('one')));
expect('as a constructor', typeof Reflect.construct(odd, [1]), 'object');
expect('bound', new Proxy(odd.bind(odd), {})());
for (const isKept of [1, 'true', {}, null, undefined])
  expect('kept', step(parameter(1, 0), isKept) === undefined);

// In the middle of reading another one.
const nested = parameter(LENGTH, 2);
Object.defineProperty(nested, 2, {
  get() {
    odd();
    collect();
    return new Float32Array(LENGTH);
  },
});
expect('nested', step(nested, true)());

// It keeps no array alive.
const forgotten = step(parameter(100_000, 3), true);
for (let tries = 0; forgotten(); tries++) {
  if (tries === 100) throw new Error('an array is never collected');
  await setImmediate();
  collect();
}

// Nor does it stay itself once it is over, or once JavaScript has paused: plans of 6,000 arrays each, 1.5 GB of them.
const many = Array.from({ length: 1500 }, () => parameter(1, 0)).flat();
const start = process.memoryUsage.rss();
for (let round = 0; round < 1000; round++) {
  const repeat = step(many, true);
  if (round % 2 === 0) repeat(true);
  if (round % 50 === 0) await setImmediate();
}
const grown = (process.memoryUsage.rss() - start) / 2 ** 20;
if (grown > 500) throw new Error(`${grown} MB are still held`);

train(LENGTH, 0, 3);
// Some are left for the end of the process.
globalThis.left = [odd, step(many, true)];
console.log('alive');
