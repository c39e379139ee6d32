// Calls every function of the addon with valid arguments of which some are replaced by hostile ones. A call may only
// work, or refuse with a TypeError or a RangeError, and never writes outside of its arrays.
// Started with the path of the addon and a seed.
import fc from 'fast-check';
import { addon, parameter } from './adam.mjs';

const seed = Number(process.argv[3]);
const GUARD = 64;

/** A view between guards that `damaged` looks at. */
function guarded(Type, length) {
  const bytes = new Uint8Array(2 * GUARD + length * Type.BYTES_PER_ELEMENT).fill(0xa5);
  const view = new Type(bytes.buffer, GUARD, length);
  view.fill(0.5);
  return view;
}

function isDamaged(value) {
  if (!ArrayBuffer.isView(value) || value.byteOffset !== GUARD || value.buffer.byteLength === 0) return false;
  const bytes = new Uint8Array(value.buffer);
  const end = GUARD + value.byteLength;
  return (
    bytes.subarray(0, GUARD).some((byte) => byte !== 0xa5) ||
    bytes.subarray(end).some((byte) => byte !== 0xa5)
  );
}

/** Arguments that a kernel accepts, found out from what its errors ask for: no array is longer than it must be. */
function discover(name) {
  const values = [];
  for (let tries = 0; tries < 200; tries++) {
    try {
      addon.kernels[name](...values);
      return values;
    } catch ({ message }) {
      answer(values, message);
    }
  }
  throw new Error(`${name} was not satisfied with (${values.map((value) => typeof value).join(', ')})`);
}

function answer(values, message) {
  const least = /at least (\d+)/.exec(message);
  const below = /must be less than (\d+)/.exec(message);
  const type = /must be a (Float32Array|Float64Array|Int32Array|Uint8Array)/.exec(message);
  if (type !== null) {
    values.push(guarded(globalThis[type[1]], 0));
  } else if (message.endsWith('must be a number')) {
    values.push(3);
  } else if (message.endsWith('must be 0 or 1')) {
    values[values.length - 1] = 1;
  } else if (message.endsWith('must each reach over the dimensions after it')) {
    values.splice(-4, 4, 27, 9, 3, 1);
  } else if (below !== null) {
    values[values.length - 1] = Number(below[1]) - 1;
  } else if (least !== null) {
    const last = values.pop();
    values.push(typeof last === 'number' ? Number(least[1]) : guarded(last.constructor, Number(least[1])));
  } else {
    throw new Error(`unexpected: ${message}`);
  }
}

function detached() {
  const array = new Float32Array(1000);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

const SIZES = [
  0,
  -0,
  1,
  2,
  4,
  0.5,
  -1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 52,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  1e300,
];
const hostile = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SIZES, Number.NaN, Infinity, -Infinity) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 70 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(Float32Array, Float64Array, Int32Array, Uint8Array),
        fc.integer({ min: 0, max: 40 }),
      )
      .map(([Type, length]) => guarded(Type, length)),
  },
  fc.constantFrom(undefined, null, '3', 3n, Symbol('three'), {}, [], () => 3),
  fc.constant(0).map(detached),
  fc.constant(0).map(() => new Float32Array(new SharedArrayBuffer(256))),
  fc.constant(0).map(() => new Float32Array(new ArrayBuffer(256, { maxByteLength: 1024 }))),
  fc.constant(0).map(() => new DataView(new ArrayBuffer(256))),
  fc.anything({ withBigInt: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true }),
);

/** Any place among the arguments: no kernel has as many. */
const anywhere = fc.nat(63);

/** Which of the arguments are replaced, added, left out, or given twice. */
const mutation = fc.record({
  replaced: fc.array(fc.tuple(anywhere, hostile), { maxLength: 4 }),
  repeated: fc.option(fc.tuple(anywhere, anywhere), { nil: undefined }),
  count: fc.option(fc.nat(24), { nil: undefined }),
  more: fc.array(hostile, { maxLength: 2 }),
});

function mutate(values, { replaced, repeated, count, more }) {
  const result = [...values];
  for (const [index, value] of replaced) if (result.length > 0) result[index % result.length] = value;
  if (repeated !== undefined && result.length > 0) {
    result[repeated[0] % result.length] = result[repeated[1] % result.length];
  }
  return [...(count === undefined ? result : result.slice(0, count)), ...more];
}

function check(name, call, values) {
  try {
    call(...values);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  const found = values.flat(3).find(isDamaged);
  if (found !== undefined) throw new Error(`${name} wrote outside of its arrays`);
}

function fuzz(name, call, makeValues, numRuns) {
  const property = fc.property(mutation, (change) => check(name, call, mutate(makeValues(), change)));
  const { failed, counterexamplePath, errorInstance, counterexample } = fc.check(property, { seed, numRuns });
  if (!failed) return;
  console.log(`${name}(${fc.stringify(counterexample)}): ${errorInstance?.stack}`);
  console.log(
    `rerun: LOCKSTEP_SEED=${seed} npx vitest run test/package/addon.test.ts (${counterexamplePath})`,
  );
  process.exit(1);
}

/** The same arguments with float arrays of another type, where the kernel takes it. */
function inType(name, sample, Type) {
  const values = sample.map((value) =>
    value instanceof Float32Array ? guarded(Type, value.length).fill(1) : value,
  );
  try {
    addon.kernels[name](...values);
    return [values];
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

const names = Object.keys(addon.kernels).filter((name) => name !== 'step');
let typed = 0;
for (const name of names) {
  const sample = discover(name);
  fuzzKernel(name, sample);
  for (const Type of [Int32Array, Uint8Array]) {
    for (const other of sample.some((value) => value instanceof Float32Array)
      ? inType(name, sample, Type)
      : []) {
      fuzzKernel(name, other);
      typed++;
    }
  }
}

function fuzzKernel(name, sample) {
  const copy = () =>
    sample.map((value) =>
      typeof value === 'number' ? value : guarded(value.constructor, value.length).fill(1),
    );
  fuzz(name, addon.kernels[name], copy, 400);
  tryPairs(name, copy);
  tryOverlaps(name, copy);
}

/** Every two numbers of a call at once: sizes that multiply to nothing, or to more than there is. */
function tryPairs(name, makeValues) {
  const places = makeValues().flatMap((value, place) => (typeof value === 'number' ? [place] : []));
  for (const first of places) {
    for (const second of places) {
      for (const huge of [2 ** 31 - 1, 2 ** 32, 2 ** 53 - 1]) {
        for (const other of [0, 1, huge]) {
          const values = makeValues();
          values[first] = huge;
          if (second !== first) values[second] = other;
          check(name, addon.kernels[name], values);
        }
      }
    }
  }
}

/** Every two arrays of a call on common memory, one a little further on: where the call works, it has written to neither. */
function tryOverlaps(name, makeValues) {
  const places = makeValues().flatMap((value, place) => (typeof value === 'number' ? [] : [place]));
  for (const first of places) {
    for (const second of places) {
      const values = makeValues();
      const [one, other] = [values[first], values[second]];
      if (first === second || one.byteLength <= 8) continue;
      const memory = new Uint8Array(8 + one.byteLength + other.byteLength);
      values[first] = new one.constructor(memory.buffer, 0, one.length);
      values[second] = new other.constructor(memory.buffer, 8, other.length);
      // Whole numbers last, which must be places that there are.
      for (const view of [values[first], values[second]]) if (!(view instanceof Int32Array)) view.fill(1);
      for (const view of [values[first], values[second]]) if (view instanceof Int32Array) view.fill(1);
      const before = memory.slice();
      check(name, addon.kernels[name], values);
      if (memory.some((byte, i) => byte !== before[i])) {
        throw new Error(`${name} wrote to arguments ${first} and ${second}, which overlap`);
      }
    }
  }
}

/** Takes a step again, and again when the memory of one of its arrays has gone. */
function repeatWithout({ buffer }, repeat) {
  if (!repeat()) throw new Error('a step was not taken again');
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength === 0) return;
  if (buffer.resizable) buffer.resize(0);
  else structuredClone(buffer, { transfer: [buffer] });
  if (repeat()) throw new Error('a step was taken again without its memory');
}

const rules = Object.entries(addon.listRules());
for (const [rule, { operands, scalars, dots }] of rules) {
  // A batch with some of its fields, or of its operands, replaced.
  const fields = () => [
    rule,
    new Float64Array(scalars).fill(0.5),
    Array.from({ length: 2 * operands }, () => guarded(Float32Array, 21)),
    guarded(Float64Array, 2 * dots),
  ];
  const step = (...[name, values, list, sums]) => {
    const repeat = addon.kernels.step([{ rule: name, scalars: values, operands: list, dots: sums }], true);
    if (repeat !== undefined) repeatWithout(list[list.length >> 1] ?? values, repeat);
  };
  const stepOperands = (...list) => step(rule, fields()[1], list, fields()[3]);
  fuzz(`step of ${rule}`, step, fields, 150);
  fuzz(`operands of ${rule}`, stepOperands, () => fields()[2], 150);
}
fuzz(
  'step',
  addon.kernels.step,
  () => [[{ rule: 'adam', scalars: new Float64Array(10), operands: [] }]],
  300,
);
for (const name of Object.keys(addon).filter((key) => typeof addon[key] === 'function')) {
  fuzz(name, addon[name], () => (name === 'setThreads' ? [2] : []), 200);
}
addon.kernels.step([
  { rule: 'adam', scalars: new Float64Array(10).fill(0.5), operands: parameter(1000, 0), dots: null },
]);
console.log(`${names.length} kernels, ${typed} of them for other types, ${rules.length} rules`);
