import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose } from './helpers.js';

interface Entry {
  readonly shape: number[];
  readonly value: number[];
  readonly constant?: boolean;
}

/** A tensor, class numbers, or a plain option. */
type Value = Entry | number[] | number | string | boolean;

interface Case {
  readonly loss: string;
  readonly options: Record<string, Value>;
  readonly inputs: Value[];
  readonly results: Record<string, { output: Entry; seed: number[]; gradients: (number[] | null)[] }>;
}

const path = new URL('../golden/losses.json', import.meta.url);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(path, 'utf8'));

const float64 = { dtype: 'float64' } as const;

function read(value: Value): unknown {
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return nn.tensor(value.value, value.shape, { ...float64, requiresGrad: value.constant !== true });
}

function run(name: string, args: readonly unknown[]): nn.Tensor {
  const loss: unknown = Reflect.get(nn, name);
  if (typeof loss !== 'function') throw new Error(`there is no ${name}`);
  // PyTorch's gradient of ctc is that by logits: test/golden/losses.py.
  const [first, ...rest] = args;
  const given =
    name === 'ctc' && first instanceof nn.Tensor && first.dtype === 'float64'
      ? [nn.logSoftmax(first), ...rest]
      : args;
  const result: unknown = Reflect.apply(loss, undefined, given);
  if (!(result instanceof nn.Tensor)) throw new Error(`${name} gives no tensor`);
  return result;
}

const title = ({ loss, options }: Case) =>
  `${loss} ${JSON.stringify(options, (_, value) => (Array.isArray(value?.shape) ? value.shape : value))}`;

const golden = cases.flatMap((one) =>
  Object.entries(one.results).map(
    ([reduction, result], i) => [`${title(one)} ${reduction}`, one, reduction, result, i] as const,
  ),
);

describe.each(targets())('PyTorch, on %s', (target) => {
  beforeAll(() => useTarget(target));

  it.each(golden)('%s', (_, { loss, options, inputs }, reduction, { output, seed, gradients }) => {
    const given = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, read(value)]));
    const args = inputs.map(read);
    const result = run(loss, [...args, { ...given, reduction }]);
    expect(result.shape).toEqual(output.shape);
    expectClose(result.value, output.value, 'output');
    result
      .mul(nn.tensor(seed, output.shape, float64))
      .sum()
      .backward();
    for (const [i, expected] of gradients.entries()) {
      const leaf = args[i];
      if (expected === null) continue;
      if (!(leaf instanceof nn.Tensor) || leaf.grad === null) throw new Error(`input ${i} has no gradient`);
      expectClose(leaf.grad, expected, `gradient ${i}`);
    }
    const silent = nn.noGrad(() => run(loss, [...args, { ...given, reduction }]));
    expectClose(silent.value, output.value, 'output without gradients');
  });
});

const ofRows = (values: number[], rows: number, options?: nn.TensorOptions) =>
  nn.tensor(values, [rows, values.length / rows], options);

describe('losses', () => {
  it('lose nothing of logits far out', () => {
    const logits = ofRows([40, -40, 1e30, -1e30, 20, -20], 1, { requiresGrad: true });
    const target = ofRows([1, 0, 1, 0, 1, 0], 1);
    const losses = nn.bceWithLogits(logits, target, { reduction: 'none' });
    const expected = [40, 40, 1e30, 1e30, 20, 20].map((x) => Math.log1p(Math.exp(-x)));
    for (const [i, loss] of losses.value.entries()) {
      expect(Math.abs(loss - expected[i])).toBeLessThanOrEqual(1e-6 * expected[i]);
    }
    const wrong = nn.bceWithLogits(logits, nn.sub(1, target), { reduction: 'none' });
    expect([...wrong.value]).toEqual([40, 40, 1e30, 1e30, 20, 20].map(Math.fround));
  });

  it('do not count what is ignored, whatever it holds', () => {
    const logProbs = ofRows([-1, -2, Number.NEGATIVE_INFINITY, 0], 2, { requiresGrad: true });
    expect(nn.nll(logProbs, [1, 0], { ignoreIndex: 0 }).item()).toBe(2);
    const options = { ignoreIndex: 0, weight: nn.tensor([1, 3]), labelSmoothing: 0.5 };
    const loss = nn.crossEntropy(logProbs, [1, 0], options);
    loss.backward();
    expect(loss.item()).toBeCloseTo((2.25 * Math.log1p(Math.E) + 0.25 * Math.log1p(1 / Math.E)) / 3, 5);
    expect([...(logProbs.grad ?? [])].slice(2).map(Math.abs)).toEqual([0, 0]);
  });

  it('are NaN where nothing counts', () => {
    const logits = ofRows([1, 2], 1);
    expect(nn.crossEntropy(logits, [1], { ignoreIndex: 1 }).item()).toBeNaN();
    expect(nn.nll(logits, [1], { ignoreIndex: 1 }).item()).toBeNaN();
    expect(nn.nll(logits, [1], { ignoreIndex: 1, reduction: 'sum' }).item()).toBe(0);
  });

  it('of sequences too short for their target are Infinity, or nothing', () => {
    const logProbs = nn.logSoftmax(nn.tensor(new Float64Array(6), [2, 1, 3], { requiresGrad: true }));
    expect(nn.ctc(logProbs, [1, 1], [2], [2]).item()).toBe(Number.POSITIVE_INFINITY);
    expect(nn.ctc(logProbs, [1, 1], [2], [2], { zeroInfinity: true }).item()).toBe(0);
    expect(nn.ctc(logProbs, [1, 2], [2], [2], { reduction: 'sum' }).item()).toBeCloseTo(2 * Math.log(3), 12);
  });

  const two = ofRows([0.5, 0.25], 1);
  const three = nn.tensor([0, 0, 0]);
  const states = nn.tensor(new Float32Array(12), [2, 2, 3]);
  it.each<[string, unknown[], string]>([
    ['mse', [two, two, { reduction: 'all' }], 'reduction must be one of "mean", "sum", "none", got "all"'],
    ['mse', [two, three], 'target must have shape [1, 2], got [3]'],
    ['huber', [two, two, { delta: 0 }], 'delta must be a finite number greater than 0, got 0'],
    ['smoothL1', [two, two, { beta: -1 }], 'beta must be a finite number of at least 0, got -1'],
    [
      'bce',
      [nn.tensor([0.5, 1.5]), nn.tensor([0, 1])],
      'probabilities must be in [0, 1], got some from 0.5 to 1.5',
    ],
    [
      'bce',
      [nn.tensor([Number.NaN]), nn.tensor([0])],
      'probabilities must be in [0, 1], got some from NaN to NaN',
    ],
    [
      'bceWithLogits',
      [two, two, { posWeight: three }],
      'posWeight must have shape [1, 2] but for lengths of 1, got [3]',
    ],
    [
      'bceWithLogits',
      [two, two, { weight: nn.tensor([1, 2], [1, 2], { requiresGrad: true }) }],
      'weight must not require a gradient: none is passed on to it',
    ],
    ['nll', [two, [0], { weight: three }], 'weight must have shape [2], got [3]'],
    ['nll', [three, [0]], 'logProbs must have shape [rows, classes], got [3]'],
    ['crossEntropy', [two, two, { ignoreIndex: 0 }], 'ignoreIndex must not be given with probabilities'],
    ['crossEntropy', [two, three], 'target must have shape [1, 2], got [3]'],
    ['klDiv', [two, two, { logTarget: 1 }], 'logTarget must be a boolean, got 1'],
    ['cosineEmbedding', [two, two, three], 'target must have shape [1], got [3]'],
    ['tripletMargin', [two, two, two, { p: 0 }], 'p must be greater than 0, got 0'],
    ['ctc', [two, [1], [1], [1]], 'logProbs must have shape [steps, batch, classes], got [1, 2]'],
    ['ctc', [states, [1, 2], [2, 3], [1, 1]], 'inputLengths[1] must be a whole number from 0 to 2, got 3'],
    ['ctc', [states, [1, 2], [2, 0], [1, 1]], 'inputLengths[1] must be at least 1, got 0'],
    ['ctc', [states, [1, 0], [2, 2], [1, 1]], 'targets[1] must not be the blank, 0'],
    [
      'ctc',
      [states, [1, 2, 1], [2, 2], [1, 1]],
      'targets must have 2 elements as targetLengths says, or [batch, longest], got 3',
    ],
    [
      'ctc',
      [states, [1, 2], [2], [1, 1]],
      'inputLengths must have one length for each of 2 sequences, got 1',
    ],
    ['ctc', [states, [1, 2], [2, 2], [1, 1], { blank: 3 }], 'blank must be below 3, got 3'],
  ])('%s refuses %#', (name, args, message) => expect(() => run(name, args)).toThrow(message));
});
