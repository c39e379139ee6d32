// Optimizers that a user writes, each beside a loop that does the same.
import { describe, expect, it } from 'vitest';
import {
  Adam,
  AdamW,
  type CommonOptions,
  type Definition,
  gemm,
  norm,
  Optimizer,
  RowGradient,
  SGD,
  type UpdateDefinition,
} from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { numbers, parameter } from './params.js';

const common = { lr: 0.1, weightDecay: 0, maximize: false };

function squares(x: Iterable<number>): number {
  let sum = 0;
  for (const y of x) sum += y * y;
  return sum;
}

type LionOptions = CommonOptions & { readonly betas?: readonly [number, number] };

const lion: UpdateDefinition<LionOptions> = {
  name: 'Lion',
  defaults: { ...common, betas: [0.9, 0.99] },
  check({ betas }) {
    if (!betas.every((beta) => beta >= 0 && beta < 1)) throw new RangeError('betas must be in [0, 1)');
  },
  states: ['m'],
  elementwise: true,
  update(parameters) {
    for (const { value, grad, states, options, lr } of parameters) {
      const [{ m }, { betas }] = [states, options];
      for (let i = 0; i < value.length; i++) {
        value[i] -= lr * Math.sign(betas[0] * m[i] + (1 - betas[0]) * grad[i]);
        m[i] = betas[1] * m[i] + (1 - betas[1]) * grad[i];
      }
    }
  },
};

describe('an optimizer in TypeScript', () => {
  it('has groups, schedules, counts and errors as any other', () => {
    const [a, b] = [parameter(5, 1, 'a'), parameter(3, 2, 'b')];
    const schedule = (step: number) => 1 / (step + 1);
    const optimizer = new Optimizer(lion, [{ params: [a] }, { params: [b], betas: [0.5, 0.5] as const }], {
      lr: schedule,
    });
    const expected = [a, b].map(({ value }) => value.slice());
    const moments = [a, b].map(({ value }) => new Float64Array(value.length));
    for (let step = 0; step < 3; step++) {
      expect(optimizer.lr).toBe(schedule(step));
      optimizer.step();
      for (const [k, { grad }] of [a, b].entries()) {
        const [beta1, beta2] = k === 0 ? [0.9, 0.99] : [0.5, 0.5];
        for (const [i, g] of grad.entries()) {
          expected[k][i] -= schedule(step) * Math.sign(beta1 * moments[k][i] + (1 - beta1) * g);
          moments[k][i] = beta2 * moments[k][i] + (1 - beta2) * g;
        }
      }
      expect([a.value, b.value]).toEqual(expected);
    }
    expect(() => new Optimizer(lion, [a], { betas: [1, 0] })).toThrow('betas must be in [0, 1)');
    expect(() => Reflect.construct(Optimizer, [lion, [a], { beta: 1 }])).toThrow(/Lion has no option "beta"/);
    a.grad = numbers(4, 1);
    expect(() => optimizer.step()).toThrow(/parameter "a".grad must have 5 elements/);
    expect(optimizer.steps).toBe(3);
  });

  it('is saved and goes on where it was', () => {
    const steps = (optimizer: Optimizer, count: number) => {
      for (let i = 0; i < count; i++) optimizer.step();
    };
    const whole = parameter(7, 3, 'w');
    steps(new Optimizer(lion, [whole]), 6);
    const half = parameter(7, 3, 'w');
    const first = new Optimizer(lion, [half]);
    steps(first, 3);
    const second = new Optimizer(lion, [half]);
    second.loadStateDict(first.stateDict());
    steps(second, 3);
    expect(half.value).toEqual(whole.value);
    expect(() => second.loadStateDict(new SGD([half]).stateDict())).toThrow(/optimizer must be "Lion"/);
  });

  it('steps the rows that have a gradient where it is element by element, and refuses them where not', () => {
    const [rows, columns] = [4, 3];
    const rowGrad = new RowGradient(rows, columns, 'float64');
    rowGrad.add(Int32Array.of(2, 0), numbers(2 * columns, 9));
    const table = { value: numbers(rows * columns, 5), grad: null, rowGrad };
    const before = table.value.slice();
    const whole = { value: before.slice(), grad: new Float64Array(rows * columns) };
    for (const [i, row] of [2, 0].entries()) {
      whole.grad.set(numbers(2 * columns, 9).subarray(i * columns, (i + 1) * columns), row * columns);
    }
    new Optimizer(lion, [table]).step();
    new Optimizer(lion, [whole]).step();
    expect(table.value).toEqual(whole.value);
    expect(table.value.subarray(3, 6)).toEqual(before.subarray(3, 6));
    const { elementwise: _, ...other } = lion;
    expect(() => new Optimizer(other, [table]).step()).toThrow(/has a rowGrad, which Lion cannot use/);
  });

  it('trains a network as tensors are trained', () => {
    const layer = new nn.Linear(2, 2, { generator: new nn.Generator(1) });
    const x = nn.tensor([1, 2, 3, -1], [2, 2]);
    const optimizer = new Optimizer(lion, layer.parameters(), { lr: 0.05 });
    const losses = Array.from({ length: 30 }, () =>
      optimizer
        .step(() => {
          optimizer.zeroGrad();
          const loss = nn.mse(layer.forward(x), x);
          loss.backward();
          return loss;
        })
        .item(),
    );
    expect(losses[29]).toBeLessThan(0.1 * losses[0]);
    const loss = nn.sum(layer.weight.mul(layer.weight));
    optimizer.step();
    expect(() => loss.backward()).toThrow(/was changed/);
  });

  it('leaves its count of steps where its update throws', () => {
    const w = parameter(2);
    let fails = true;
    const definition: UpdateDefinition<CommonOptions> = {
      name: 'Fails',
      defaults: common,
      update([{ value, step }]) {
        if (fails) throw new Error('not yet');
        value[0] = step;
      },
    };
    const optimizer = new Optimizer(definition, [w]);
    expect(() => optimizer.step()).toThrow('not yet');
    expect(optimizer.steps).toBe(0);
    fails = false;
    optimizer.step();
    expect([w.value[0], optimizer.steps]).toEqual([1, 1]);
  });
});

describe('an update', () => {
  it('may have factored states, as Adafactor', () => {
    const decay = 0.9;
    const factored: Definition = {
      name: 'Factored',
      defaults: common,
      initial: (_, state) => (state === 'columns' ? 1e-30 : 0),
      stateLengths: (_, [rows, columns]) => ({ rows, columns }),
      update(parameters) {
        for (const { value, grad, states, shape, lr } of parameters) {
          const [height, width] = shape;
          states.rows.forEach((r, i) => {
            const mean = squares(grad.subarray(i * width, (i + 1) * width)) / width;
            states.rows[i] = decay * r + (1 - decay) * mean;
          });
          for (let j = 0; j < width; j++) {
            let mean = 0;
            for (let i = 0; i < height; i++) mean += grad[i * width + j] ** 2 / height;
            states.columns[j] = decay * states.columns[j] + (1 - decay) * mean;
          }
          let total = 0;
          for (const r of states.rows) total += r / height;
          for (let i = 0; i < value.length; i++) {
            const v = (states.rows[Math.floor(i / width)] * states.columns[i % width]) / total;
            value[i] -= (lr * grad[i]) / Math.sqrt(v);
          }
        }
      },
    };
    // A gradient of rank one has exact factors.
    const [u, v] = [Float64Array.of(1, -2), Float64Array.of(3, 1, -2)];
    const grad = Float64Array.from({ length: 6 }, (_, i) => u[Math.floor(i / 3)] * v[i % 3]);
    const w = { name: 'w', value: new Float64Array(6), grad, shape: [2, 3] };
    const optimizer = new Optimizer(factored, [w]);
    optimizer.step();
    for (const [i, x] of w.value.entries()) {
      expect(x).toBeCloseTo((-0.1 * Math.sign(grad[i])) / Math.sqrt(1 - decay), 12);
    }
    const saved = optimizer.stateDict();
    expect(Object.entries(saved.parameters.w.arrays).map(([name, { length }]) => [name, length])).toEqual([
      ['rows', 2],
      ['columns', 3],
    ]);
    const wrong = { rows: new Float64Array(2), columns: new Float64Array(4) };
    const state = { ...saved, parameters: { w: { step: 1, arrays: wrong } } };
    expect(() => optimizer.loadStateDict(state)).toThrow(/arrays.columns must have 3 elements, got 4/);
  });

  it('may reduce over a parameter and over all of them first, as LARS does and as clipping', () => {
    const trust: Definition = {
      name: 'Trust',
      defaults: common,
      update(parameters) {
        const all = Math.hypot(...parameters.map(({ grad }) => norm(grad)));
        for (const { value, grad, lr } of parameters) {
          const scale = (lr * norm(value)) / all;
          for (let i = 0; i < value.length; i++) value[i] -= scale * grad[i];
        }
      },
    };
    const [a, b] = [parameter(4, 1), parameter(9, 2)];
    const length = (x: Float64Array) => Math.sqrt(squares(x));
    const all = Math.hypot(length(a.grad), length(b.grad));
    const expected = [a, b].map(({ value, grad }) =>
      value.map((x, i) => x - ((0.1 * length(value)) / all) * grad[i]),
    );
    new Optimizer(trust, [a, b]).step();
    for (const [k, { value }] of [a, b].entries()) {
      for (const [i, x] of value.entries()) expect(x).toBeCloseTo(expected[k][i], 12);
    }
  });

  it('may multiply matrices, as Muon does', () => {
    // Newton and Schulz: X = 1.5 X - 0.5 (X X^T) X goes to the nearest orthogonal matrix.
    const muon: Definition = {
      name: 'Orthogonal',
      defaults: common,
      update(parameters) {
        for (const { value, grad, shape, lr } of parameters) {
          const [m, n] = shape;
          const scale = norm(grad);
          let x = grad.map((g) => g / scale);
          for (let i = 0; i < 30; i++) {
            const [square, next] = [new Float64Array(m * m), x.map((y) => 1.5 * y)];
            gemm({ m, n: m, k: n, a: x, b: x, transB: true, c: square });
            gemm({ m, n, k: m, alpha: -0.5, a: square, b: x, beta: 1, c: next });
            x = next;
          }
          for (let i = 0; i < value.length; i++) value[i] -= lr * x[i];
        }
      },
    };
    const w = { value: new Float64Array(6), grad: Float64Array.of(2, 1, 0, -1, 3, 1), shape: [2, 3] };
    new Optimizer(muon, [w], { lr: 1 }).step();
    const gram = new Float64Array(4);
    gemm({ m: 2, n: 2, k: 3, a: w.value, b: w.value, transB: true, c: gram });
    for (const [i, x] of gram.entries()) expect(x).toBeCloseTo([1, 0, 0, 1][i], 10);
  });

  it('may go along a line by the closure, as LBFGS does', () => {
    const search: Definition = {
      name: 'Search',
      defaults: { ...common, lr: 1 },
      update(parameters, closure) {
        if (closure === undefined) throw new TypeError('Search needs step(closure)');
        const starts = parameters.map(({ value, grad }) => [value.slice(), grad.slice()]);
        for (let rate = parameters[0].lr; ; rate /= 2) {
          for (const [k, { value }] of parameters.entries()) {
            const [start, slope] = starts[k];
            for (let i = 0; i < value.length; i++) value[i] = start[i] - rate * slope[i];
          }
          if (closure.evaluate() < closure.loss || rate < 1e-6) return;
        }
      },
    };
    const x = nn.tensor(Float64Array.of(3, -2), [2], { requiresGrad: true });
    const factors = nn.tensor(Float64Array.of(10, 1), [2]);
    const optimizer = new Optimizer(search, [x]);
    let calls = 0;
    const closure = () => {
      calls++;
      optimizer.zeroGrad();
      const loss = nn.sum(x.mul(x).mul(factors));
      loss.backward();
      return loss;
    };
    const losses = Array.from({ length: 60 }, () => optimizer.step(closure).item());
    expect(losses[0]).toBe(94);
    expect(losses[59]).toBeLessThan(1e-6);
    expect(losses.every((loss, i) => i === 0 || loss <= losses[i - 1])).toBe(true);
    expect(calls).toBeGreaterThan(120);
    expect(() => optimizer.step()).toThrow('Search needs step(closure)');
    expect(optimizer.steps).toBe(60);
  });
});

describe('step(closure)', () => {
  it('evaluates first, steps, and returns the loss', () => {
    const [w, v] = [parameter(3), parameter(3)];
    const [one, other] = [new Adam([w]), new Adam([v])];
    const grad = w.grad.slice();
    w.grad.fill(0);
    const loss = one.step(() => {
      w.grad.set(grad);
      return 7;
    });
    other.step();
    expect(loss).toBe(7);
    expect(w.value).toEqual(v.value);
    expect(() => Reflect.apply(one.step, one, [1])).toThrow(/closure must be a function/);
  });

  it('changes nothing where the closure throws', () => {
    const w = parameter(3);
    const before = w.value.slice();
    const optimizer = new AdamW([w]);
    const fail = (): number => {
      throw new Error('no loss');
    };
    expect(() => optimizer.step(fail)).toThrow('no loss');
    expect([w.value, optimizer.steps]).toEqual([before, 0]);
  });
});
