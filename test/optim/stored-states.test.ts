// States in fewer bits: the same on every target and in TypeScript, and as good as float32.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NO_CLIP, RULES } from '../../src/backend/contract/rules.js';
import {
  type PackedArray,
  packedLength,
  packedTypeOf,
  STATE_DTYPES,
} from '../../src/backend/contract/storage.js';
import { kernels } from '../../src/backend/select.js';
import { pack, unpack } from '../../src/backend/typescript/packed.js';
import {
  Adam,
  AdamW,
  cosine,
  currentTarget,
  Lion,
  type Optimizer,
  type Parameter,
  RowGradient,
  SGD,
  targets,
  threads,
  useTarget,
  useThreads,
} from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { ReusableBatch } from '../../src/optim/batches.js';
import { bits, randomNumbers } from './table.js';

const [initialTarget, initialThreads] = [currentTarget(), threads()];

const packedDtypes = ['bfloat16', 'int8'] as const;
const rules = ['adam', 'amsgrad', 'lion', 'momentum'] as const;
const lengths = [...Array(34).keys(), 63, 64, 65, 255, 256, 257, 511, 512, 513, 4099];
const special = [0, -0, 1e-45, -1e-30, 1e30, -3e38, 1e-20, 0.5];
const notFinite = [Number.NaN, Infinity, -Infinity];

const bytesOf = (array: ArrayBufferView) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex');

/** What a few steps of a rule leave, over arrays at odd places with a guard around each. */
function run(
  target: string,
  rule: (typeof rules)[number],
  dtype: (typeof packedDtypes)[number],
  sizes: readonly number[],
  gradient: (random: () => number, i: number) => number,
): string[] {
  useTarget(target);
  const random = randomNumbers(11);
  const states = RULES[rule].operands.slice(2);
  const wholes: Uint8Array[] = [];
  const memory = (bytes: number, unit: number) => {
    const whole = new Uint8Array(bytes + 2 * unit).fill(0xa5);
    wholes.push(whole);
    whole.fill(0, unit, unit + bytes);
    return [whole.buffer, unit] as const;
  };
  const floats = (length: number) => new Float32Array(...memory(4 * length, 4), length);
  const tensors = sizes.map((length) => {
    const packed = states.map((state) => {
      const Type = packedTypeOf(RULES[rule], state, dtype);
      const count = packedLength(Type, length);
      return new Type(...memory(count * Type.BYTES_PER_ELEMENT, Type.BYTES_PER_ELEMENT), count);
    });
    return { p: floats(length).map(random), g: floats(length), packed };
  });
  const batch = new ReusableBatch();
  const values = Object.fromEntries(RULES[rule].scalars.map((name, i) => [name, 1 / (3 + i)]));
  for (let step = 1; step <= 4; step++) {
    const clip = step % 2 === 0 ? NO_CLIP : { scale: 0.5, limit: 2 };
    batch.start(rule, { ...values, maximize: 0 }, clip, step * 0x9e3779b1);
    for (const { p, g, packed } of tensors) {
      for (let i = 0; i < g.length; i++) g[i] = gradient(random, i);
      for (const operand of [p, g, ...packed]) batch.add(operand);
    }
    batch.finish();
    kernels().step([batch]);
  }
  for (const whole of wholes) expect([whole[0], whole[whole.length - 1]]).toEqual([0xa5, 0xa5]);
  return tensors.flatMap(({ p, packed }) => [bits(p), ...packed.map(bytesOf)]);
}

describe.each(rules)('%s', (rule) => {
  test.each(packedDtypes)('has the same bits everywhere in %s', (dtype) => {
    const extreme = (random: () => number, i: number) =>
      i % 3 === 0 ? special[(i / 3) % special.length] : random();
    const gradients = {
      ordinary: (random: () => number) => random(),
      extreme,
      notFinite: (random: () => number, i: number) => (i < 3 ? notFinite[i] : extreme(random, i)),
    };
    for (const [name, gradient] of Object.entries(gradients)) {
      const sizes = name === 'ordinary' ? lengths : [65, 600];
      const expected = run('typescript', rule, dtype, sizes, gradient);
      for (const target of targets()) {
        expect(run(target, rule, dtype, sizes, gradient), `${target} ${name}`).toEqual(expected);
      }
    }
  });

  test.each(packedDtypes)('and for any number of threads in %s', (dtype) => {
    const few = Float64Array.from({ length: 4099 }, randomNumbers(5));
    const result = (count: number) => {
      useThreads(count);
      return run(targets()[0], rule, dtype, [70_003, 1, 40_000, 300], (_, i) => few[i % few.length]);
    };
    const expected = result(1);
    for (const count of [2, 3]) expect(result(count), `${count} threads`).toEqual(expected);
    useThreads(initialThreads);
  });
});

describe('rounding', () => {
  const numbers = Float32Array.from({ length: 700 }, randomNumbers(3));
  const types: Record<string, (n: number) => PackedArray> = {
    bfloat16: (n) => new Uint16Array(n),
    'int8, any numbers': (n) => new Int8Array(packedLength(Int8Array, n)),
    'int8, means of squares': (n) => new Uint8Array(packedLength(Uint8Array, n)),
  };

  test.each(Object.entries(types))('of %s is right on average', (name, make) => {
    const x = name.includes('squares') ? numbers.map((one) => one * one + 1e-3) : numbers;
    const packed = make(x.length);
    const sums = new Float64Array(x.length);
    const rounds = 2000;
    let largestUnit = 0;
    for (let key = 0; key < rounds; key++) {
      pack(x, packed, Math.imul(key, 0x9e3779b1), key % 2);
      const found = unpack(packed, new Float32Array(x.length));
      for (let i = 0; i < x.length; i++) {
        sums[i] += found[i] - x[i];
        largestUnit = Math.max(largestUnit, Math.abs(found[i] - x[i]));
      }
    }
    // The mean of so many roundings is off by a unit's 1 / sqrt(12 rounds) or so; of 700 the worst one by four times that.
    const worst = Math.max(...sums.map((sum) => Math.abs(sum / rounds)));
    expect(largestUnit).toBeGreaterThan(0);
    expect(worst).toBeLessThan((largestUnit / Math.sqrt(rounds)) * 2.5);
  });

  test.each(Object.entries(types))('of what %s holds changes no bit', (name, make) => {
    for (const scale of [1e-29, 1e-3, 1, 1e37]) {
      const x = numbers.map((one) => scale * (name.includes('squares') ? Math.abs(one) : one));
      const [packed, again] = [make(x.length), make(x.length)];
      pack(x, packed, 77, 1);
      pack(unpack(packed, new Float32Array(x.length)), again, null, 0);
      expect(bytesOf(again), `${scale}`).toBe(bytesOf(packed));
    }
  });

  test('of a mean of squares gives 0 for nothing but 0', () => {
    const packed = new Uint8Array(packedLength(Uint8Array, 4));
    pack(Float32Array.of(1, 1e-20, 0, 1e-3), packed, 5, 0);
    expect([...packed.subarray(0, 3)]).toEqual([255, 1, 0]);
  });
});

test('numbers are stored as a table of what all codes stand for says', () => {
  interface Golden {
    readonly values: readonly number[];
    readonly cases: readonly {
      readonly key: number;
      readonly state: number;
      readonly bfloat16: string;
      readonly signed: string;
      readonly squares: string;
    }[];
  }
  const golden: Golden = JSON.parse(readFileSync(new URL('../golden/states.json', import.meta.url), 'utf8'));
  const x = Float32Array.from(golden.values);
  const stored = (numbers: Float32Array, to: PackedArray, key: number, state: number) => {
    pack(numbers, to, key, state);
    return bytesOf(to);
  };
  for (const { key, state, bfloat16, signed, squares } of golden.cases) {
    const length = packedLength(Int8Array, x.length);
    expect(stored(x, new Uint16Array(x.length), key, state)).toBe(bfloat16);
    expect(stored(x, new Int8Array(length), key, state)).toBe(signed);
    expect(
      stored(
        x.map((one) => one * one),
        new Uint8Array(length),
        key,
        state,
      ),
    ).toBe(squares);
  }
});

interface Kind {
  readonly name: string;
  create(params: Iterable<Parameter>, options?: object): Optimizer;
}
const kinds: readonly Kind[] = [
  { name: 'Adam', create: (params, options) => new Adam(params, { lr: 3e-3, ...options }) },
  { name: 'AdamW', create: (params, options) => new AdamW(params, { lr: 3e-3, amsgrad: true, ...options }) },
  { name: 'Lion', create: (params, options) => new Lion(params, { lr: 1e-3, ...options }) },
  { name: 'SGD', create: (params, options) => new SGD(params, { lr: 0.1, momentum: 0.9, ...options }) },
];

const SIZE = 5000;
function problem() {
  const random = randomNumbers(9);
  const goal = Float64Array.from({ length: SIZE }, random);
  const params = [{ name: 'w', value: new Float32Array(SIZE), grad: new Float32Array(SIZE) }];
  const step = (optimizer: Optimizer) => {
    const [{ value, grad }] = params;
    for (let i = 0; i < SIZE; i++) grad[i] = value[i] - goal[i] + 0.1 * random();
    optimizer.step();
  };
  return { params, step };
}

describe.each(kinds)('$name', ({ create }) => {
  test.each(packedDtypes)('goes on with saved states in %s bit for bit', (stateDtype) => {
    const [one, other] = [problem(), problem()];
    const [whole, first] = [one, other].map(({ params }) => create(params, { stateDtype }));
    for (let i = 0; i < 6; i++) one.step(whole);
    for (let i = 0; i < 3; i++) other.step(first);
    const second = create(other.params, { stateDtype });
    second.loadStateDict(structuredClone(first.stateDict()));
    for (let i = 0; i < 3; i++) other.step(second);
    expect(bits(other.params[0].value)).toBe(bits(one.params[0].value));
    expect(second.stateDict()).toEqual(whole.stateDict());
  });

  test('goes on in another dtype', () => {
    for (const from of STATE_DTYPES) {
      for (const to of STATE_DTYPES) {
        const { params, step } = problem();
        const first = create(params, { stateDtype: from });
        for (let i = 0; i < 3; i++) step(first);
        const saved = first.stateDict();
        const second = create(params, { stateDtype: to });
        second.loadStateDict(saved);
        const { arrays } = second.stateDict().parameters.w;
        for (const [name, found] of Object.entries(arrays)) {
          const given = saved.parameters.w.arrays[name];
          expect(found).toBeInstanceOf(Float32Array);
          let largest = 0;
          for (const x of given) largest = Math.max(largest, Math.abs(x));
          const isExact = from === to || to === 'float32';
          const unit = isExact ? 0 : to === 'int8' ? 1 / 30 : 1 / 256;
          const off = found.findIndex((x, i) => Math.abs(x - given[i]) > unit * largest);
          expect(off, `${from} ${to} ${name}`).toBe(-1);
        }
        step(second);
      }
    }
  });

  test('refuses what cannot be', () => {
    const float64 = [{ name: 'x', value: new Float64Array(3), grad: new Float64Array(3) }];
    expect(() => create(float64, { stateDtype: 'int8' })).toThrow(
      /stateDtype must be 'float32' for parameter "x", which is a Float64Array/,
    );
    expect(() => create(problem().params, { stateDtype: 'float16' })).toThrow(
      /stateDtype must be one of "float32", "bfloat16", "int8", got "float16"/,
    );
    expect(() => create(float64, { stateDtype: 'float32' }).step()).not.toThrow();
    const rowGrad = new RowGradient(2, 3);
    rowGrad.add(Int32Array.of(1), Float32Array.of(1, 2, 3));
    const rows = [{ name: 'table', value: new Float32Array(6), grad: null, rowGrad }];
    const optimizer = create(rows, { stateDtype: 'bfloat16' });
    expect(() => optimizer.step()).toThrow(/"table" has a rowGrad, which needs states in float32/);
    expect(optimizer.steps).toBe(0);
  });
});

test('groups have their own, and few elements stay in float32', () => {
  const params = [10, SIZE, SIZE].map((length, i) => ({
    name: `p${i}`,
    value: new Float32Array(length),
    grad: Float32Array.from({ length }, (_, at) => Math.sin(at * at)),
  }));
  const plain = params.map((param) => ({ ...param, value: param.value.slice() }));
  const optimizer = new Adam(
    [{ params: params.slice(0, 2), stateDtype: 'int8' }, { params: params.slice(2) }],
    { lr: 0.01 },
  );
  const reference = new Adam(plain, { lr: 0.01 });
  for (let i = 0; i < 3; i++) {
    optimizer.step();
    reference.step();
  }
  expect(params.map(({ value }, i) => bits(value) === bits(plain[i].value))).toEqual([true, false, true]);
});

// A network that fits noise to a known floor: a matrix of 64 x 64 weights in 8 bits, vectors in float32.
test.each(kinds)('$name ends with the loss of float32 states, within 1 %', ({ create }) => {
  useTarget(initialTarget);
  const rows = 512;
  const random = new nn.Generator(5);
  const inputs = Float32Array.from({ length: rows * 8 }, () => 2 * random.uniform() - 1);
  const wanted = Float32Array.from({ length: rows }, (_, row) => {
    const [a, b, c] = inputs.subarray(row * 8);
    return Math.sin(3 * a) * b + c * c + 0.5 * random.normal();
  });
  const [x, y] = [nn.tensor(inputs, [rows, 8]), nn.tensor(wanted, [rows, 1])];
  const loss = (stateDtype: string) => {
    nn.manualSeed(3);
    const model = new nn.Sequential(
      new nn.Linear(8, 64),
      new nn.Tanh(),
      new nn.Linear(64, 64),
      new nn.Tanh(),
      new nn.Linear(64, 1),
    );
    const steps = 200;
    const optimizer = create(model.parameters(), { stateDtype });
    optimizer.lr = cosine(optimizer.lr, { steps });
    let last = 0;
    for (let step = 0; step <= steps; step++) {
      const error = nn.mse(model.forward(x), y);
      last = error.item();
      optimizer.zeroGrad();
      error.backward();
      if (step < steps) optimizer.step();
    }
    return last;
  };
  const expected = loss('float32');
  expect(expected).toBeLessThan(0.35);
  for (const dtype of packedDtypes) {
    const found = loss(dtype);
    expect(Math.abs(found / expected - 1), `${dtype}: ${found}, not ${expected}`).toBeLessThan(0.01);
  }
});
