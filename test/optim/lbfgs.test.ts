import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LBFGS, targets, useTarget } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { bits, label } from './table.js';

interface Golden {
  readonly data: { readonly x: readonly (readonly number[])[]; readonly y: readonly number[] };
  readonly cases: readonly {
    readonly problem: keyof typeof losses;
    readonly values: readonly (readonly number[])[];
    readonly options: object;
    readonly steps: readonly {
      readonly loss: number;
      readonly values: readonly (readonly number[])[];
      readonly calls: number;
    }[];
  }[];
}

type Problem = { readonly value: Float64Array; readonly grad: Float64Array }[];

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/lbfgs.json', import.meta.url), 'utf8'));

/** The loss, with its gradients. */
const losses = {
  rosenbrock([{ value: x, grad: dx }, { value: y, grad: dy }]: Problem): number {
    const rise = y[0] - x[0] ** 2;
    dx[0] = -2 * (1 - x[0]) - 400 * rise * x[0];
    dy[0] = 200 * rise;
    return (1 - x[0]) ** 2 + 100 * rise ** 2;
  },
  logistic([{ value: w, grad: dw }, { value: b, grad: db }]: Problem): number {
    const { x, y } = golden.data;
    let loss = 0;
    dw.forEach((_, j) => {
      dw[j] = 0.01 * w[j];
      loss += 0.005 * w[j] ** 2;
    });
    db.fill(0);
    for (const [i, row] of x.entries()) {
      const z = row.reduce((sum, xj, j) => sum + xj * w[j], b[0]);
      loss += (Math.max(z, 0) - z * y[i] + Math.log1p(Math.exp(-Math.abs(z)))) / x.length;
      const slope = (1 / (1 + Math.exp(-z)) - y[i]) / x.length;
      for (const [j, xj] of row.entries()) dw[j] += slope * xj;
      db[0] += slope;
    }
    return loss;
  },
};

const start = (values: readonly (readonly number[])[]): Problem =>
  values.map((value) => ({ value: Float64Array.from(value), grad: new Float64Array(value.length) }));

describe.each(targets())('%s', (target) => {
  test.each(golden.cases.map((one) => ({ ...one, shown: label(one.options) })))(
    '$problem $shown has the iterates of PyTorch',
    ({ problem, values, options, steps }) => {
      useTarget(target);
      const params = start(values);
      let calls = 0;
      const closure = () => {
        calls++;
        return losses[problem](params);
      };
      let optimizer = new LBFGS(params, options);
      for (const [i, step] of steps.entries()) {
        // Saved and resumed in the middle.
        if (i === 7) {
          const saved = structuredClone(optimizer.stateDict());
          optimizer = new LBFGS(params, options);
          optimizer.loadStateDict(saved);
        }
        expect(Math.abs(optimizer.step(closure) - step.loss)).toBeLessThan(1e-10);
        for (const [k, { value }] of params.entries()) {
          for (const [j, x] of value.entries()) expect(Math.abs(x - step.values[k][j])).toBeLessThan(1e-10);
        }
        expect(calls, `step ${i}`).toBe(step.calls);
      }
    },
  );
});

test('gives the same bits on every target', () => {
  const results = targets().map((target) => {
    useTarget(target);
    const params = start([Array(2000).fill(0.5), [1]]);
    const optimizer = new LBFGS(params, { historySize: 3, lineSearchFn: 'strong_wolfe' });
    optimizer.step(() =>
      params.reduce((sum, { value, grad }) => {
        value.forEach((x, i) => {
          grad[i] = 4 * (x - Math.sqrt(i)) ** 3 + x;
          sum += (x - Math.sqrt(i)) ** 4 + x ** 2 / 2;
        });
        return sum;
      }, 0),
    );
    return params.map(({ value }) => bits(value));
  });
  for (const result of results) expect(result).toEqual(results[0]);
});

test('trains tensors, in the background as well', async () => {
  const make = () => {
    const layer = new nn.Linear(2, 1, { generator: new nn.Generator(1) });
    const optimizer = new LBFGS(layer.parameters(), { lineSearchFn: 'strong_wolfe' });
    const x = nn.tensor([1, 2, 3, -1, 0, 1], [3, 2]);
    const y = nn.tensor([1, 2, 3], [3, 1]);
    const closure = () => {
      optimizer.zeroGrad();
      const loss = nn.mse(layer.forward(x), y);
      loss.backward();
      return loss;
    };
    return { layer, optimizer, closure };
  };
  const [one, other] = [make(), make()];
  for (let step = 0; step < 3; step++) {
    const loss = one.optimizer.step(one.closure).item();
    expect((await other.optimizer.stepAsync(other.closure)).item()).toBe(loss);
  }
  expect(one.closure().item()).toBeLessThan(1e-8);
  expect(bits(other.layer.weight.value)).toBe(bits(one.layer.weight.value));
});

describe('refuses', () => {
  test('steps without a closure, other groups and other parameters', () => {
    const params = start([[1, 2], [3]]);
    const optimizer = new LBFGS(params);
    expect(() => optimizer.step()).toThrow(/LBFGS needs step\(closure\)/);
    expect(() => optimizer.addParamGroup()).toThrow(/one group/);
    expect(() => new LBFGS(params.map((param) => ({ params: [param] })))).toThrow(/one group/);
    const some: { grad: unknown } = params[1];
    optimizer.step(() => 1);
    params[0].grad.fill(1);
    optimizer.step(() => 1);
    some.grad = null;
    expect(() => optimizer.step(() => 1)).toThrow(/the same parameters .* "#0", "#1": got those of "#0"/);
  });

  test.each([
    [{ maxIter: 0 }, /maxIter must be an integer of at least 1/],
    [{ maxEval: 0.5 }, /maxEval must be an integer/],
    [{ historySize: 0 }, /historySize must be an integer of at least 1/],
    [{ toleranceGrad: -1 }, /toleranceGrad must be .* at least 0/],
    [{ toleranceChange: -1 }, /toleranceChange must be .* at least 0/],
    [{ lineSearchFn: 'armijo' }, /lineSearchFn must be one of null, "strong_wolfe"/],
  ])('the options %o', (options, message) => {
    expect(() => Reflect.construct(LBFGS, [start([[1]]), options])).toThrow(message);
  });
});
