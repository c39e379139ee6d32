// The same call gives the same answer from both halves: it works on both, or both refuse it with the same error.
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const [native = 'typescript'] = lockstep.targets();
// The same calls in every run: another LOCKSTEP_SEED makes others.
const seed = Number(process.env.LOCKSTEP_SEED ?? 1);
afterAll(() => lockstep.useTarget(native));

type Values = readonly unknown[];

interface Case {
  readonly name: string;
  readonly call: (...values: readonly unknown[]) => unknown;
  /** Arguments that fit, new ones each time. */
  readonly values: () => Values;
}

/** The function for arguments of any kind. */
function of(f: unknown): Case['call'] {
  if (typeof f !== 'function') throw new TypeError('there is no such function');
  return (...values) => Reflect.apply(f, undefined, values);
}

const floats = (length: number) => Float32Array.from({ length }, (_, i) => 0.25 + i / 16);
const tensor = (...shape: number[]) =>
  nn.tensor(floats(shape.reduce((size, length) => size * length, 1)), shape, { requiresGrad: true });

/** Forward and backward. */
function learn(f: unknown): Case['call'] {
  const call = of(f);
  return (...values) => {
    const result = call(...values);
    if (result instanceof nn.Tensor && result.requiresGrad) nn.sum(result).backward();
  };
}

const unary = ['exp', 'log', 'tanh', 'gelu', 'silu', 'sigmoid', 'abs', 'sqrt'] as const;
const binary = ['add', 'mul', 'pow', 'maximum', 'lt'] as const;
const reductions = ['sum', 'mean', 'prod', 'amax', 'norm', 'argmax', 'softmax', 'logSoftmax'] as const;

const arrays: Case[] = [
  ...unary.map((name) => ({ name, call: of(lockstep[name]), values: () => [floats(6), { out: floats(6) }] })),
  ...binary.map((name) => ({
    name,
    call: of(lockstep[name]),
    values: () => [
      floats(6),
      floats(3),
      {
        shapes: [
          [2, 3],
          [1, 3],
        ],
        out: floats(6),
      },
    ],
  })),
  ...reductions.map((name) => ({
    name,
    call: of(lockstep[name]),
    values: () => [floats(6), { shape: [2, 3] }],
  })),
  { name: 'where', call: of(lockstep.where), values: () => [floats(4), floats(4), 2, { out: floats(4) }] },
  {
    name: 'clamp',
    call: of(lockstep.clamp),
    values: () => [floats(4), { min: 0.3, max: 1, out: floats(4) }],
  },
  {
    name: 'permute',
    call: of(lockstep.permute),
    values: () => [floats(6), { shape: [1, 2, 3], axes: [2, 0, 1] }],
  },
  {
    name: 'transpose',
    call: of(lockstep.transpose),
    values: () => [floats(6), { shape: [2, 3], out: floats(6) }],
  },
  {
    name: 'gemm',
    call: of(lockstep.gemm),
    values: () => [
      { m: 2, n: 3, k: 2, a: floats(4), b: floats(6), c: floats(6), lda: 2, beta: 1, bias: floats(3) },
    ],
  },
  {
    name: 'gemmBatched',
    call: of(lockstep.gemmBatched),
    values: () => [
      {
        batch: 2,
        m: 2,
        n: 2,
        k: 2,
        a: floats(8),
        b: floats(8),
        c: floats(8),
        strideA: 4,
        strideB: 4,
        strideC: 4,
      },
    ],
  },
  {
    name: 'gatherRows',
    call: of(lockstep.gatherRows),
    values: () => [floats(6), Int32Array.of(2, 0), { columns: 2, out: floats(4) }],
  },
  {
    name: 'scatterAddRows',
    call: of(lockstep.scatterAddRows),
    values: () => [floats(4), Int32Array.of(2, 0), { columns: 2, out: floats(6) }],
  },
  {
    name: 'conv2d',
    call: of(lockstep.conv2d),
    values: () => [
      floats(32),
      floats(24),
      { shape: [1, 4, 4, 2], weightShape: [3, 2, 2, 2], stride: [1, 2], padding: 1, dilation: 1, groups: 1 },
    ],
  },
  {
    name: 'maxPool2d',
    call: of(lockstep.maxPool2d),
    values: () => [
      floats(32),
      { shape: [1, 4, 4, 2], kernel: 2, stride: [2, 2], positions: new Int32Array(8) },
    ],
  },
  {
    name: 'avgPool2d',
    call: of(lockstep.avgPool2d),
    values: () => [floats(32), { shape: [1, 4, 4, 2], kernel: [2, 2], padding: 1, ceilMode: true }],
  },
  {
    name: 'uniform',
    call: of(lockstep.uniform),
    values: () => [floats(4), { seed: 3, offset: 0, low: 0, high: 1 }],
  },
  {
    name: 'normal',
    call: of(lockstep.normal),
    values: () => [floats(4), { seed: 3, offset: 0, mean: 0, std: 1 }],
  },
  {
    name: 'dropout',
    call: of(lockstep.dropout),
    values: () => [floats(4), { seed: 3, probability: 0.5, out: floats(4) }],
  },
];

const networks: Case[] = [
  ...unary.map((name) => ({ name: `nn.${name}`, call: learn(nn[name]), values: () => [tensor(2, 3)] })),
  ...(['add', 'mul', 'pow', 'maximum'] as const).map((name) => ({
    name: `nn.${name}`,
    call: learn(nn[name]),
    values: () => [tensor(2, 3), tensor(3)],
  })),
  ...(['sum', 'prod', 'amax', 'norm'] as const).map((name) => ({
    name: `nn.${name}`,
    call: learn(nn[name]),
    values: () => [tensor(2, 3), { axes: [1], keepDim: true }],
  })),
  { name: 'nn.softmax', call: learn(nn.softmax), values: () => [tensor(2, 3), { axis: 1 }] },
  { name: 'nn.permute', call: learn(nn.permute), values: () => [tensor(2, 3), { axes: [1, 0] }] },
  { name: 'nn.bmm', call: learn(nn.bmm), values: () => [tensor(2, 3), tensor(3, 2), { scale: 1 }] },
  { name: 'nn.mse', call: learn(nn.mse), values: () => [tensor(2, 3), tensor(2, 3)] },
  {
    name: 'nn.crossEntropy',
    call: learn(nn.crossEntropy),
    values: () => [tensor(2, 3), Int32Array.of(0, 2)],
  },
  { name: 'nn.embedding', call: learn(nn.embedding), values: () => [tensor(4, 2), Int32Array.of(3, 0)] },
  {
    name: 'nn.conv2d',
    call: learn(nn.conv2d),
    values: () => [tensor(1, 4, 4, 2), tensor(3, 2, 2, 2), { stride: 1, padding: [1, 1], dilation: 1 }],
  },
  {
    name: 'nn.maxPool2d',
    call: learn(nn.maxPool2d),
    values: () => [tensor(1, 4, 4, 2), { kernel: 2, stride: 1 }],
  },
  { name: 'nn.tensor', call: learn(nn.tensor), values: () => [floats(6), [2, 3], { requiresGrad: true }] },
  {
    name: 'reshape',
    call: learn((x: nn.Tensor, shape: number[]) => x.reshape(shape)),
    values: () => [tensor(2, 3), [3, -1]],
  },
  {
    name: 'Linear',
    call: learn((x: nn.Tensor, weight: nn.Tensor) =>
      Object.assign(new nn.Linear(3, 2), { weight }).forward(x),
    ),
    values: () => [tensor(2, 3), tensor(2, 3)],
  },
];

const parameters = () => [
  { name: 'a', value: floats(4), grad: floats(4) },
  { name: 'b', value: floats(3), grad: floats(3) },
];

/** Two steps, with something of the first parameter exchanged in between. */
function train(Optimizer: unknown): Case['call'] {
  return (params, options, exchanged) => {
    if (typeof Optimizer !== 'function') throw new TypeError('there is no such optimizer');
    const optimizer: unknown = Reflect.construct(Optimizer, [params, options]);
    if (!(optimizer instanceof lockstep.Optimizer)) throw new TypeError('this is no optimizer');
    optimizer.step();
    Object.assign(optimizer.parameters()[0], exchanged);
    lockstep.clipGradNorm(optimizer.parameters(), 1);
    optimizer.step();
  };
}

const optimizers: Case[] = (
  ['SGD', 'Adam', 'Adagrad', 'Adadelta', 'Adamax', 'RMSprop', 'SWATS'] as const
).map((name) => ({
  name,
  call: train(lockstep[name]),
  values: () => [parameters(), { lr: () => 0.1, weightDecay: 0.1 }, { grad: floats(4) }],
}));

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
