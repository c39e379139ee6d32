// The same call gives the same answer from both halves: it works on both, or both refuse it with the same error.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { arrays, type Case, floats, networks, optimizers, tensor, type Values } from './calls.js';

const [native = 'typescript'] = lockstep.targets();
// The same calls in every run: another LOCKSTEP_SEED makes others.
const seed = Number(process.env.LOCKSTEP_SEED ?? 1);

function isGone(value: nn.Tensor): boolean {
  try {
    return value.value.length === 0;
  } catch {
    return true;
  }
}

/** Every array that is somewhere in the arguments, or below them. */
function arraysIn(value: unknown): (Float32Array | Float64Array | Int32Array)[] {
  if (value instanceof nn.Tensor) return isGone(value) ? [] : [value.value];
  if (value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array)
    return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(arraysIn) : [];
}

function detach(array: ArrayBufferView<ArrayBufferLike> | undefined): void {
  if (array?.buffer instanceof ArrayBuffer && array.buffer.byteLength > 0) {
    structuredClone(array.buffer, { transfer: [array.buffer] });
  }
}

/** The same memory from the second element on; nothing, where it is gone. */
function afterFirst(array: ArrayBufferView<ArrayBufferLike> | undefined): unknown {
  if (array === undefined || array.byteLength < 8) return undefined;
  return new Float32Array(array.buffer, array.byteOffset + 4);
}

function resizable(): Float32Array {
  const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 64 }]);
  const array = new Float32Array(buffer, 0, 4);
  Reflect.apply(Reflect.get(buffer, 'resize'), buffer, [8]);
  return array;
}

class Longer extends Float32Array {
  override get length(): number {
    return 100;
  }
}

const withLength = (length: number, own: number) =>
  Object.defineProperty(floats(length), 'length', { value: own, configurable: true });

/** What stands in the place of an argument, an option, or one of several numbers: made anew for each half. */
const replacements: readonly ((values: Values) => unknown)[] = [
  ...[0, 1, 2, 3, 4, 5, -1, -2, 0.5, NaN, Infinity, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53].map(
    (number) => () => number,
  ),
  ...[undefined, null, '3', 3n, true, Symbol.iterator].map((value) => () => value),
  () => ({}),
  () => [],
  // biome-ignore lint/suspicious/noSparseArray: a hole is what is tried
  () => [, 2],
  // biome-ignore lint/suspicious/noSparseArray: a hole is what is tried
  () => [2, , 3],
  () => [2, 3],
  () => [2 ** 53 - 1, 0],
  () => [0, 2 ** 53 - 1, 2 ** 53 - 1],
  () => floats(0),
  () => floats(4),
  () => floats(6),
  () => new Float64Array(6),
  () => new Int32Array(2).fill(7),
  () => withLength(6, 100),
  () => withLength(4, 6),
  () => withLength(100, 6),
  () => Object.defineProperty(Int32Array.of(0), 'length', { value: 2, configurable: true }),
  () => new Longer(6),
  () => Object.create(Float32Array.prototype),
  () => resizable(),
  () => Object.assign(floats(6), { constructor: Float64Array }),
  () => {
    const array = floats(6);
    detach(array);
    return array;
  },
  () => new Float32Array(new SharedArrayBuffer(24)),
  () => tensor(2, 3),
  () => {
    const gone = tensor(2, 3);
    detach(gone.value);
    return gone;
  },
  () => nn.tensor(new Float64Array(6), [2, 3]),
  // What is there already, once more: shared memory.
  ...[0, 1, 2, 3].map((i) => (values: Values) => arraysIn(values)[i]),
  ...[0, 1].map((i) => (values: Values) => afterFirst(arraysIn(values)[i])),
  // A learning rate, or any function, that takes memory away.
  ...[0, 1, 2, 3].map((i) => (values: Values) => () => {
    detach(arraysIn(values)[i]);
    return 0.1;
  }),
];

/** Where something can be replaced: the arguments, and what is in those that are plain objects and arrays. */
function places(value: unknown): [owner: object, key: string][] {
  if (typeof value !== 'object' || value === null || value instanceof nn.Tensor || ArrayBuffer.isView(value))
    return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [value, key] as [object, string],
    ...places(inner),
  ]);
}

interface Change {
  readonly place: number;
  readonly what: number;
  readonly how: 'replace' | 'getter' | 'detach' | 'own length';
}

const changes = fc.array(
  fc.record({
    place: fc.nat(40),
    what: fc.nat(replacements.length - 1),
    how: fc.constantFrom<Change['how'][]>('replace', 'replace', 'replace', 'getter', 'detach', 'own length'),
  }),
  { minLength: 1, maxLength: 2 },
);

function apply(values: Values, { place, what, how }: Change): void {
  const all = places(values);
  const [owner, key] = all[place % all.length];
  const array = arraysIn(values)[place % Math.max(1, arraysIn(values).length)];
  if (how === 'detach') detach(array);
  else if (how === 'own length') {
    if (array !== undefined) Object.defineProperty(array, 'length', { value: what, configurable: true });
  } else if (how === 'replace') {
    const value = replacements[what](values);
    Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    // Says what it should, and takes something else away.
    const value: unknown = Reflect.get(owner, key);
    Object.defineProperty(owner, key, {
      enumerable: true,
      configurable: true,
      get() {
        detach(arraysIn(value).length > 0 ? undefined : array);
        return value;
      },
    });
  }
}

function answerOf({ call, values }: Case, target: string, list: readonly Change[]): string {
  const given = values();
  for (const change of list) apply(given, change);
  lockstep.useTarget(target);
  try {
    call(...given);
    return 'works';
  } catch (error) {
    return error instanceof Error ? error.constructor.name : 'something else';
  } finally {
    lockstep.useTarget(native);
  }
}

describe.skipIf(native === 'typescript')('both halves answer the same', () => {
  test.each([...arrays, ...networks, ...optimizers])(`$name (LOCKSTEP_SEED=${seed})`, (one) => {
    expect(answerOf(one, native, []), 'with arguments that fit').toBe('works');
    const property = fc.property(changes, (list) => {
      const answer = answerOf(one, native, list);
      if (answer !== 'works' && answer !== 'TypeError' && answer !== 'RangeError') throw new Error(answer);
      expect(answerOf(one, 'typescript', list)).toBe(answer);
    });
    const { failed, counterexample, errorInstance } = fc.check(property, { seed, numRuns: 150 });
    if (!failed) return;
    const rerun = `rerun: LOCKSTEP_SEED=${seed} npx vitest run test/package/answers.test.ts -t ${JSON.stringify(one.name)}`;
    const shown = counterexample?.[0].map(
      ({ place, what, how }) => `${how} ${place} (${replacements[what]})`,
    );
    throw new Error(`${one.name}: ${shown?.join('; ')}: ${String(errorInstance)}\n${rerun}`);
  });
});
