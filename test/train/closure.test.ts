// What fit hands to an optimizer that evaluates the loss more than once in a step.
import { describe, expect, it } from 'vitest';
import { type Definition, Optimizer, SGD, totalNorm } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { fit } from '../../src/train/index.js';
import { examples, network, spirals, weightsOf } from './helpers.js';

const defaults = { lr: 1, weightDecay: 0, maximize: false };
const loss = nn.crossEntropy;

/** Goes down the gradient as far as the loss gets smaller by what it should (Armijo 1966), half as far each time. */
const search: Definition = {
  name: 'Search',
  defaults,
  update(parameters, closure) {
    if (closure === undefined) throw new TypeError('Search needs step(closure)');
    const starts = parameters.map(({ value, grad }) => ({ value: value.slice(), grad: grad.slice() }));
    const slope = totalNorm(starts.map(({ grad }) => grad)) ** 2;
    for (let rate = parameters[0].lr; rate > 1e-6; rate /= 2) {
      for (const [k, { value }] of parameters.entries()) {
        const { value: start, grad } = starts[k];
        for (let i = 0; i < value.length; i++) value[i] = start[i] - rate * grad[i];
      }
      if (closure.evaluate() <= closure.loss - 1e-4 * rate * slope) return;
    }
  },
};

/** What an update saw of the gradients, and of the losses, evaluating twice at the weights that it found. */
interface Seen {
  readonly losses: number[];
  readonly grads: number[][];
}

function watching(seen: Seen[], shift = 0): Definition {
  return {
    name: 'Watching',
    defaults,
    update(parameters, closure) {
      const grads = () => parameters.flatMap(({ grad }) => Array.from(grad));
      const found = { losses: [closure?.loss ?? Number.NaN], grads: [grads()] };
      for (let evaluation = 0; evaluation < 2; evaluation++) {
        for (const { value } of parameters) value[0] += shift;
        found.losses.push(closure?.evaluate() ?? Number.NaN);
        found.grads.push(grads());
      }
      seen.push(found);
    },
  };
}

describe('an optimizer with a closure', () => {
  it("trains in fit as in a loop of one's own", async () => {
    const make = () => {
      const generator = new nn.Generator(3);
      return new nn.Sequential(
        new nn.Linear(2, 8, { generator }),
        new nn.Tanh(),
        new nn.Linear(8, 2, { generator }),
      );
    };
    const [model, other] = [make(), make()];
    const losses: number[] = [];
    const optimizer = new Optimizer(search, model.parameters());
    const everything = { loss, optimizer, epochs: 12, batchSize: spirals.rows, shuffle: false };
    await fit(model, examples(), { ...everything, afterStep: (report) => losses.push(report.loss) });

    const mine = new Optimizer(search, other.parameters());
    const { x, y } = examples();
    const expected = Array.from({ length: 12 }, () =>
      mine
        .step(() => {
          mine.zeroGrad();
          const value = loss(other.forward(x), y);
          value.backward();
          return value;
        })
        .item(),
    );
    expect(losses).toEqual(expected);
    expect(weightsOf(model)).toEqual(weightsOf(other));
    expect(losses.every((value, i) => i === 0 || value < losses[i - 1])).toBe(true);
  });

  it.each([1, 3])(
    'evaluates the same rows with the same random numbers, in %d batches',
    async (gradientAccumulation) => {
      const model = network();
      const seen: Seen[] = [];
      const optimizer = new Optimizer(watching(seen), model.parameters());
      const options = { loss, optimizer, epochs: 2, batchSize: 25, gradientAccumulation };
      const losses: number[] = [];
      await fit(model, examples(), { ...options, afterStep: (report) => losses.push(report.loss) });
      expect(seen).toHaveLength(gradientAccumulation === 1 ? 10 : 4);
      for (const {
        losses: [first, ...others],
        grads: [grad, ...more],
      } of seen) {
        expect(others).toEqual([first, first]);
        expect(more).toEqual([grad, grad]);
        expect(grad.some((g) => g !== 0)).toBe(true);
      }
      expect(losses).toEqual(seen.map(({ losses: [first] }) => first));
      expect(new Set(losses).size).toBe(losses.length);
    },
  );

  it('finds the gradients of the weights as they have become, clipped, after one beforeStep', async () => {
    const model = network();
    const seen: Seen[] = [];
    let pending = 0;
    const optimizer = new Optimizer(watching(seen, 0.5), model.parameters());
    const report: [number, number | null][] = [];
    await fit(model, examples(), {
      loss,
      optimizer,
      batchSize: 60,
      clipGradNorm: 0.01,
      beforeStep: () => pending++,
      afterStep: ({ samples, gradNorm }) => report.push([samples, gradNorm]),
    });
    expect([pending, optimizer.steps, report.map(([samples]) => samples)]).toEqual([2, 2, [60, 120]]);
    for (const { losses, grads } of seen) {
      expect(new Set(losses).size).toBe(3);
      for (const grad of grads) expect(totalNorm([Float64Array.from(grad)])).toBeCloseTo(0.01, 5);
    }
    expect(report[0][1]).toBeGreaterThan(0.01);
  });

  it('leaves the random numbers of later steps as they would have been', async () => {
    const still: Definition = { name: 'Still', defaults, update() {} };
    const run = async (definition: Definition) => {
      const model = network();
      const losses: number[] = [];
      const optimizer = new Optimizer(definition, model.parameters());
      const afterStep = (report: { loss: number }) => losses.push(report.loss);
      await fit(model, examples(), { loss, optimizer, batchSize: 30, afterStep });
      return losses;
    };
    expect(await run(watching([]))).toEqual(await run(still));
  });

  it('is one that need not look at it', async () => {
    const model = network();
    const inner = new SGD(model.parameters(), { lr: 0.1 });
    const before = weightsOf(model);
    const optimizer = {
      lr: 0.1,
      steps: 0,
      parameters: () => inner.parameters(),
      step: () => inner.step(),
      zeroGrad: () => inner.zeroGrad(),
      observe() {},
    };
    await fit(model, examples(), { loss, optimizer });
    expect(weightsOf(model)).not.toEqual(before);
  });
});
