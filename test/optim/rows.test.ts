import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../src/array/parameter.js';
import { targets, useTarget, useThreads } from '../../src/backend/select.js';
import type { FloatArray } from '../../src/core/types.js';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  clipGradNorm,
  type Optimizer,
  RMSprop,
  RowGradient,
  SGD,
  SWATS,
} from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const [ROWS, COLUMNS] = [40, 7];

/** Batches of row numbers that repeat, within a batch and between them; some rows never come. */
const batches = Array.from({ length: 6 }, (_, step) => {
  const generator = new nn.Generator(step);
  return Int32Array.from({ length: 12 }, () => generator.integer(20));
});

type Make = (params: Parameter[]) => Optimizer;
type DType = 'float32' | 'float64';

interface Trained {
  readonly value: FloatArray;
  readonly states: Readonly<Record<string, FloatArray>>;
}

function train(make: Make, sparse: boolean, dtype: DType = 'float32', used = batches): Trained {
  const table = new nn.Embedding(ROWS, COLUMNS, { sparse, dtype, generator: new nn.Generator(5) });
  const optimizer = make(table.parameters());
  for (const [step, rows] of used.entries()) {
    optimizer.zeroGrad();
    const weights = nn.tensor(
      Array.from({ length: rows.length * COLUMNS }, (_, i) => Math.sin(7 * step + i)),
      [rows.length, COLUMNS],
      { dtype },
    );
    nn.sum(nn.mul(table.forward(rows), weights)).backward();
    optimizer.step();
  }
  const { arrays } = Object.values(optimizer.stateDict().parameters)[0] ?? { arrays: {} };
  return { value: table.weight.value, states: arrays };
}

const bytes = ({ value, states }: Trained) =>
  [value, ...Object.values(states)].map((array) => Buffer.from(array.slice().buffer).toString('hex'));

const everywhere: [string, Make][] = [
  ['SGD', (params) => new SGD(params, { lr: 0.1 })],
  ['SGD upwards', (params) => new SGD(params, { lr: 0.1, maximize: true })],
  ['Adagrad', (params) => new Adagrad(params, { lr: 0.1, lrDecay: 0.01, initialAccumulatorValue: 0.1 })],
];

const touched: [string, Make][] = [
  [
    'SGD with momentum',
    (params) => new SGD(params, { lr: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: true }),
  ],
  ['Adagrad with weight decay', (params) => new Adagrad(params, { lr: 0.1, weightDecay: 0.1 })],
  ['Adam', (params) => new Adam(params, { lr: 0.1 })],
  ['AMSGrad', (params) => new Adam(params, { lr: 0.1, amsgrad: true })],
  ['AdamW', (params) => new AdamW(params, { lr: 0.1 })],
  ['Adamax', (params) => new Adamax(params, { lr: 0.1 })],
  ['Adadelta', (params) => new Adadelta(params)],
  ['RMSprop', (params) => new RMSprop(params, { lr: 0.1, centered: true, momentum: 0.9 })],
];

describe.each(targets())('on %s', (target) => {
  const dtypes: DType[] = ['float32', 'float64'];
  it.each(everywhere.flatMap(([name, make]) => dtypes.map((dtype) => [name, dtype, make] as const)))(
    '%s, %s: the bits of the dense rule everywhere',
    (_, dtype, make) => {
      useTarget(target);
      expect(bytes(train(make, true, dtype))).toEqual(bytes(train(make, false, dtype)));
    },
  );

  it.each(touched.flatMap(([name, make]) => dtypes.map((dtype) => [name, dtype, make] as const)))(
    '%s, %s: the bits of the dense rule where every step uses the same rows, and no change elsewhere',
    (_, dtype, make) => {
      useTarget(target);
      const [rows = new Int32Array()] = batches;
      const same = batches.map(() => rows);
      const [sparse, dense] = [train(make, true, dtype, same), train(make, false, dtype, same)];
      const before = train(make, true, dtype, []);
      const pick = (array: FloatArray, row: number) => array.slice(row * COLUMNS, (row + 1) * COLUMNS);
      for (let row = 0; row < ROWS; row++) {
        const expected = rows.includes(row) ? dense : before;
        expect(pick(sparse.value, row)).toEqual(pick(expected.value, row));
        for (const [name, state] of Object.entries(sparse.states)) {
          const zero = new Float64Array(COLUMNS);
          const other = rows.includes(row) ? pick(dense.states[name] ?? state, row) : zero;
          expect([...pick(state, row)]).toEqual([...other]);
        }
      }
      expect(sparse.value).not.toEqual(before.value);
    },
  );
});

it('gives the same bits on every target with any number of threads', () => {
  const results = targets().flatMap((target) =>
    [1, 2, 7].map((count) => {
      useTarget(target);
      useThreads(count);
      return touched.map(([, make]) => bytes(train(make, true)));
    }),
  );
  for (const result of results) expect(result).toEqual(results[0]);
});

describe('RowGradient', () => {
  it('holds every row once, summed in the order in which it came, and forgets', () => {
    const gradient = new RowGradient(1000, 2, 'float64');
    const big = 2 ** 53;
    gradient.add(Int32Array.of(900, 3, 900), Float64Array.of(big, 1, 2, 3, 1, 5));
    gradient.add(Int32Array.of(900), Float64Array.of(-big, 0));
    expect([...gradient.rows]).toEqual([900, 3]);
    // In another order, the 1 would not be lost.
    expect([...gradient.values]).toEqual([0, 6, 2, 3]);
    gradient.clear();
    expect(gradient.count).toBe(0);
    gradient.add(
      Int32Array.from({ length: 500 }, (_, i) => 2 * i),
      new Float64Array(1000).fill(1),
    );
    expect(gradient.count).toBe(500);
    expect(gradient.values.every((x) => x === 1)).toBe(true);
    expect([...gradient.rows]).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i));
  });

  it('refuses what does not fit, and adds nothing then', () => {
    const gradient = new RowGradient(3, 2);
    expect(() => gradient.add(Int32Array.of(0, 3), new Float32Array(4))).toThrow(
      /rows\[1\] must be from 0 to 2/,
    );
    expect(() => gradient.add(Int32Array.of(0), new Float64Array(2))).toThrow(
      /values must be a Float32Array/,
    );
    expect(() => gradient.add(Int32Array.of(0, 1), new Float32Array(2))).toThrow(/of 2 rows of 2/);
    expect(() => Reflect.apply(gradient.add, gradient, [[0], new Float32Array(2)])).toThrow(/an Int32Array/);
    expect(() => new RowGradient(0, 2)).toThrow(/rowCount/);
    expect(gradient.count).toBe(0);
  });
});

describe('an optimizer', () => {
  const parameter = (change: Partial<Parameter> = {}): Parameter => {
    const rowGrad = new RowGradient(4, 2);
    rowGrad.add(Int32Array.of(2), Float32Array.of(1, 1));
    return { name: 'w', value: new Float32Array(8), grad: null, rowGrad, ...change };
  };

  it('counts a step without rows, and forgets rows with zeroGrad', () => {
    const w = parameter();
    const optimizer = new Adam([w]);
    optimizer.zeroGrad();
    optimizer.step();
    expect([...w.value]).toEqual(new Array(8).fill(0));
    expect(optimizer.stateDict().parameters.w?.step).toBe(1);
  });

  it('goes on from a saved state', () => {
    const [make] = touched.map(([, make]) => make).slice(2);
    const whole = train(make ?? (() => new SGD([])), true);
    const table = new nn.Embedding(ROWS, COLUMNS, { sparse: true, generator: new nn.Generator(5) });
    let optimizer = new Adam(table.parameters(), { lr: 0.1 });
    for (const [step, rows] of batches.entries()) {
      if (step === 3) {
        const state = optimizer.stateDict();
        optimizer = new Adam(table.parameters(), { lr: 0.1 });
        optimizer.loadStateDict(state);
      }
      optimizer.zeroGrad();
      const weights = Array.from({ length: rows.length * COLUMNS }, (_, i) => Math.sin(7 * step + i));
      nn.sum(nn.mul(table.forward(rows), nn.tensor(weights, [rows.length, COLUMNS]))).backward();
      optimizer.step();
    }
    expect(table.weight.value).toEqual(whole.value);
  });

  it('has its row gradients clipped with the others', () => {
    const [w, v] = [parameter(), { value: new Float32Array(2), grad: Float32Array.of(1, 1) }];
    expect(clipGradNorm([w, v], 1)).toBe(2);
    expect(w.rowGrad?.values[0]).toBeCloseTo(0.5, 5);
  });

  it.each([
    [
      parameter({ grad: new Float32Array(8) }),
      /parameter "w" has both a grad and a rowGrad: a table that is/,
    ],
    [
      parameter({ rowGrad: new RowGradient(3, 2) }),
      /rowGrad must be of a Float32Array of 8 elements, got 3 x 2/,
    ],
    [parameter({ rowGrad: new RowGradient(4, 2, 'float64') }), /of a Float64Array/],
  ])('refuses %#', (wrong, message) => {
    const before = { ...wrong, grad: null, rowGrad: null };
    const optimizer = new SGD([before]);
    Object.assign(before, wrong);
    expect(() => optimizer.step()).toThrow(message);
    expect([...before.value]).toEqual(new Array(8).fill(0));
  });

  it('that needs all weights at once refuses rows', () => {
    expect(() => new SWATS([parameter()]).step()).toThrow(
      /has a rowGrad, which SWATS cannot use, .* use another optimizer/,
    );
  });
});

it('takes a step whose cost does not grow with the table', () => {
  const cost = (rows: number) => {
    const value = new Float32Array(rows * 16);
    const rowGrad = new RowGradient(rows, 16);
    const optimizer = new Adam([{ value, grad: null, rowGrad }]);
    const indices = Int32Array.from({ length: 64 }, (_, i) => (i * 7919) % rows);
    const values = new Float32Array(64 * 16).fill(1);
    const times = Array.from({ length: 60 }, () => {
      const start = performance.now();
      optimizer.zeroGrad();
      rowGrad.add(indices, values);
      optimizer.step();
      return performance.now() - start;
    });
    return times.sort((a, b) => a - b)[15] ?? 0;
  };
  cost(1000);
  // A step of the whole table would cost 500 times as much.
  expect(cost(500_000) / cost(1000)).toBeLessThan(20);
});
