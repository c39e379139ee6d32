// A value that changed between the forward pass and backward() is an error where backward() reads it.
import { describe, expect, test } from 'vitest';
import { type FloatArray, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import {
  BatchNorm1d,
  crossEntropy,
  embedding,
  gatherRows,
  init,
  Linear,
  mse,
  noGrad,
  ReLU,
  Sequential,
  type Tensor,
  tensor,
} from '../../src/nn/index.js';
import { ExponentialMovingAverage } from '../../src/train/index.js';

const leaf = (shape: readonly number[], requiresGrad = true) =>
  tensor(
    Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, (_, i) => 0.1 + 0.05 * i),
    shape,
    { requiresGrad },
  );

const detach = ({ buffer }: FloatArray) => {
  if (buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] });
};

const change = (x: Tensor) => init.uniform(x, 0.2, 0.4);

describe('backward() reads its inputs', () => {
  test.each<[string, (a: Tensor, b: Tensor) => Tensor]>([
    ['matmul', (a, b) => a.matmul(b)],
    ['mul', (a, b) => a.mul(b)],
    ['div', (a, b) => nn.div(a, b)],
    ['pow', (a, b) => nn.pow(a, b)],
    ['maximum', (a, b) => nn.maximum(a, b)],
    ['bmm', (a, b) => nn.bmm(a, b)],
    ['where', (a, b) => nn.where(b, a, 0)],
    ['mse', (a, b) => mse(a, b)],
    ['attention', (a, b) => nn.scaledDotProductAttention(a, b, b)],
    ['log', (_, b) => nn.log(b)],
    ['clamp', (_, b) => nn.clamp(b, { max: 0.3 })],
    ['prod', (_, b) => nn.prod(b)],
  ])('of %s', (name, f) => {
    const [a, b] = [leaf([2, 2]), leaf([2, 2])];
    b.name = 'b';
    const loss = f(a, b).sum();
    change(b);
    expect(() => loss.backward()).toThrow(
      new RegExp(`backward\\(\\) of ${name} needs the value of "b" of shape \\[2, 2\\]`),
    );
    expect([a.grad, b.grad]).toEqual([null, null]);
    f(a, b).sum().backward();
  });

  test.each<[string, (a: Tensor, b: Tensor) => Tensor]>([
    ['add', (a, b) => a.add(b)],
    ['sub', (a, b) => a.sub(b)],
    ['neg', (_, b) => nn.neg(b)],
    ['exp', (_, b) => nn.exp(b)],
    ['softmax', (_, b) => nn.softmax(b)],
    ['embedding', (_, b) => embedding(b, [1, 0])],
    ['transpose', (_, b) => nn.transpose(b)],
    ['a product whose other factor is a constant', (_, b) => b.mul(leaf([2, 2], false))],
    ['sum', (_, b) => b.sum()],
  ])('but not of %s', (_, f) => {
    const [a, b] = [leaf([2, 2]), leaf([2, 2])];
    const loss = f(a, b).sum();
    change(b);
    loss.backward();
    expect(b.grad).not.toBeNull();
  });
});

describe('a change is told by', () => {
  const network = () => new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
  const x = leaf([2, 3], false);
  const labels = Int32Array.of(0, 1);

  test.each<[string, (model: Sequential) => void]>([
    [
      'step()',
      (model) => {
        for (const p of model.parameters()) p.grad = new Float32Array(p.size).fill(0.1);
        new SGD(model.parameters(), { lr: 0.1 }).step();
      },
    ],
    ['loadStateDict()', (model) => model.loadStateDict(network().stateDict())],
    ['apply() of an average', (model) => new ExponentialMovingAverage(model.parameters()).apply()],
  ])('%s', (_, act) => {
    const model = network();
    const loss = crossEntropy(model.forward(x), labels);
    act(model);
    const before = model.parameters().map(({ grad }) => grad?.slice() ?? null);
    expect(() => loss.backward()).toThrow(
      /backward\(\) of linear needs the value of "2.weight" of shape \[2, 4\]/,
    );
    expect(model.parameters().map(({ grad }) => grad)).toEqual(before);
    crossEntropy(model.forward(x), labels).backward();
  });

  test('a batch that takes the memory of the last one', () => {
    const weight = leaf([3, 2]);
    const out = leaf([2, 3], false);
    const loss = out.matmul(weight).sum();
    gatherRows(leaf([4, 3], false), [3, 1], { out });
    expect(() => loss.backward()).toThrow(/backward\(\) of matmul needs a value of shape \[2, 3\]/);
  });

  test('a tensor with the same elements', () => {
    const weight = leaf([2, 2]);
    const loss = weight.mul(weight).sum();
    change(weight.detach());
    expect(() => loss.backward()).toThrow(/backward\(\) of mul/);
  });

  test('whoever goes through the steps of backward(), in between', () => {
    const [a, b] = [leaf([2, 2]), leaf([2, 2])];
    const steps = a.mul(b).sum().backwardSteps();
    steps.next();
    change(b);
    expect(() => steps.next()).toThrow(/backward\(\) of mul/);
  });
});

test('training, running statistics and evaluation in between are none', () => {
  const model = new Sequential(new Linear(3, 4), new BatchNorm1d(4), new Linear(4, 2));
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  for (let step = 0; step < 3; step++) {
    const loss = crossEntropy(model.forward(leaf([2, 3], false)), [0, 1]);
    noGrad(() => model.forward(leaf([2, 3], false)));
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
  }
  expect(optimizer.steps).toBe(3);
});

describe('loadStateDict()', () => {
  test('takes all or nothing, whatever getters say the second time', () => {
    const model = new Sequential(new Linear(2, 2), new Linear(2, 2));
    const state = model.stateDict();
    const before = model.stateDict();
    const names = Object.keys(state);
    for (const name of names) state[name].value.fill(7);
    let reads = 0;
    const last = names[names.length - 1];
    const entry = {
      shape: state[last].shape,
      get value() {
        if (reads++ > 0) throw new SyntaxError('read twice');
        return state[last].value;
      },
    };
    model.loadStateDict({ ...state, [last]: entry });
    expect(Object.values(model.stateDict()).every(({ value }) => value.every((one) => one === 7))).toBe(true);
    model.loadStateDict(before);

    const hostile = {
      shape: state[last].shape,
      get value() {
        detach(state[names[0]].value);
        return state[last].value;
      },
    };
    model.loadStateDict({ ...state, [last]: hostile });
    const weights = model.parameters()[1].value;
    model.loadStateDict(before);
    detach(weights);
    expect(() => model.loadStateDict(before)).toThrow(RangeError);
    expect(model.parameters()[0].value).toEqual(before[names[0]].value);
  });
});
