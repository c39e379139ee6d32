import { describe, expect, it } from 'vitest';
import * as nn from '../../src/nn/index.js';

const seeded = (seed: number) => ({ generator: new nn.Generator(seed) });

function network(seed = 1): nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(3, 4, seeded(seed)),
    new nn.Residual(
      new nn.Sequential(new nn.LayerNorm(4), new nn.SiLU(), new nn.Linear(4, 4, seeded(seed + 1))),
    ),
    new nn.BatchNorm1d(4),
    new nn.Linear(4, 2, { ...seeded(seed + 2), bias: false }),
  );
}

const parameterNames = [
  '0.weight',
  '0.bias',
  '1.body.0.weight',
  '1.body.0.bias',
  '1.body.2.weight',
  '1.body.2.bias',
  '2.weight',
  '2.bias',
  '3.weight',
];
const bufferNames = ['2.runningMean', '2.runningVar'];

describe('names', () => {
  it('are those of PyTorch', () => {
    const model = network();
    expect(model.parameters().map(({ name }) => name)).toEqual(parameterNames);
    expect(model.buffers().map(({ name }) => name)).toEqual(bufferNames);
    expect(Object.keys(model.stateDict()).sort()).toEqual([...parameterNames, ...bufferNames].sort());
  });

  it('start at the outermost module, whichever is asked later', () => {
    const inner = new nn.Linear(2, 2);
    expect(inner.parameters()[0]?.name).toBe('weight');
    const model = new nn.Sequential(new nn.ReLU(), inner);
    expect(model.parameters()[0]?.name).toBe('1.weight');
    expect(inner.parameters()[0]?.name).toBe('1.weight');
    expect(Object.keys(inner.stateDict())).toEqual(['weight', 'bias']);
  });

  it('are found in the properties and arrays of a class of its own, each tensor once', () => {
    class Network extends nn.Module {
      scale = nn.tensor([1, 2], [2], { requiresGrad: true });
      offset = nn.tensor([0, 0], [2]);
      first = new nn.Linear(2, 2);
      blocks = [new nn.Linear(2, 2, { bias: false }), this.first];
      lastOutput: nn.Tensor | null = null;
      parent: nn.Module = this;
      override forward(x: nn.Tensor): nn.Tensor {
        this.lastOutput = this.first.forward(x.add(this.scale));
        return this.lastOutput;
      }
    }
    const model = new Network();
    model.forward(nn.tensor([1, 2], [1, 2]));
    expect(model.parameters().map(({ name }) => name)).toEqual([
      'scale',
      'first.weight',
      'first.bias',
      'blocks.0.weight',
    ]);
    expect(model.buffers().map(({ name }) => name)).toEqual(['offset']);
    model.scale.requiresGrad = false;
    expect(model.buffers().map(({ name }) => name)).toEqual(['scale', 'offset']);
  });
});

it('train() and eval() reach every module', () => {
  const model = network();
  const modules = model.namedModules().map(([, module]) => module);
  expect(modules.length).toBe(9);
  expect(modules.every(({ training }) => training)).toBe(true);
  expect(model.eval()).toBe(model);
  expect(modules.some(({ training }) => training)).toBe(false);
  model.train();
  expect(modules.every(({ training }) => training)).toBe(true);
  expect(() => Reflect.apply(model.train, model, ['yes'])).toThrow(/mode must be a boolean/);
});

describe('state', () => {
  const x = nn.tensor([0.1, 0.2, 0.3, -1, 0, 1], [2, 3]);

  it('goes round: the copy computes the same', () => {
    const [model, other] = [network(1), network(5)];
    model.forward(x);
    const state = model.stateDict();
    other.loadStateDict(state);
    expect(other.eval().forward(x).value).toEqual(model.eval().forward(x).value);
    expect(other.stateDict()).toEqual(state);
  });

  it('is a copy on the way out and on the way in', () => {
    const model = network();
    const state = model.stateDict();
    const before = structuredClone(state);
    for (const { value } of model.parameters()) value.fill(7);
    expect(state).toEqual(before);
    model.loadStateDict(state);
    for (const { value } of Object.values(state)) value.fill(8);
    expect(model.stateDict()).toEqual(before);
  });

  it('can be its own arrays, swapped', () => {
    const [a, b] = [new nn.Linear(2, 2, { bias: false }), new nn.Linear(2, 2, { bias: false })];
    const model = new nn.Sequential(a, b);
    const [first, second] = [a.weight.value.slice(), b.weight.value.slice()];
    model.loadStateDict({ '0.weight': b.weight, '1.weight': a.weight });
    expect([a.weight.value, b.weight.value]).toEqual([second, first]);
  });

  it('is refused as a whole, with everything that is wrong, before anything changes', () => {
    const model = network();
    const before = model.stateDict();
    const { '0.bias': _, ...state } = network(9).stateDict();
    const wrong = {
      ...state,
      extra: { value: new Float32Array(1), shape: [1] },
      '0.weight': { value: new Float32Array(12), shape: [3, 4] },
      '1.body.0.bias': { value: new Float64Array(4), shape: [4] },
      '1.body.0.weight': { value: new Float32Array(5), shape: [4] },
      '2.bias': null,
    };
    const message = [
      'state does not fit the module: extra is not in the module',
      '0.weight must have shape [4, 3], got [3, 4]',
      '0.bias is missing',
      '1.body.0.weight must have 4 elements, got 5',
      '1.body.0.bias must have a float32 value, got Float64Array(4)',
      '2.bias must be an object with value and shape, got null',
    ].join('; ');
    expect(() => Reflect.apply(model.loadStateDict, model, [wrong])).toThrow(new RangeError(message));
    expect(() => Reflect.apply(model.loadStateDict, model, [null])).toThrow(
      /state must be an object, got null/,
    );
    expect(model.stateDict()).toEqual(before);
  });
});

it('modules refuse what is no module', () => {
  expect(() => Reflect.construct(nn.Sequential, [new nn.ReLU(), 'relu'])).toThrow(
    /modules\[1\] must be a Module, got "relu"/,
  );
  expect(() => Reflect.construct(nn.Residual, [(x: unknown) => x])).toThrow(
    /body must be a Module, got function/,
  );
});

describe('summary', () => {
  it('lists modules, shapes and parameters', () => {
    const model = network();
    model.namedChildren()[1]?.[1].eval();
    const modes = model.namedModules().map(([, module]) => module.training);
    const state = model.stateDict();
    const lines = model
      .summary(nn.tensor([1, 2, 3], [1, 3]))
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ['layer', 'kind', 'output', 'parameters'],
      [expect.stringMatching(/^─+$/)],
      ['(model)', 'Sequential', '[1, 2]', '–'],
      ['0', 'Linear', '[1, 4]', '16'],
      ['1', 'Residual', '[1, 4]', '–'],
      ['1.body', 'Sequential', '[1, 4]', '–'],
      ['1.body.0', 'LayerNorm', '[1, 4]', '8'],
      ['1.body.1', 'SiLU', '[1, 4]', '–'],
      ['1.body.2', 'Linear', '[1, 4]', '20'],
      ['2', 'BatchNorm1d', '[1, 4]', '8'],
      ['3', 'Linear', '[1, 2]', '8'],
      ['60 parameters, 8 numbers that are not trained'],
      [''],
    ]);
    expect(model.namedModules().map(([, module]) => module.training)).toEqual(modes);
    expect(model.stateDict()).toEqual(state);
    expect(Object.hasOwn(model, 'forward')).toBe(false);
  });

  it('knows no shapes without an input, and counts a shared tensor once', () => {
    const shared = new nn.Linear(2, 2);
    const tied = Object.assign(new nn.Linear(2, 2, { bias: false }), { weight: shared.weight });
    const text = new nn.Sequential(shared, shared, tied, new nn.Linear(2, 1)).summary();
    expect(text).toContain('9 parameters\n');
    expect(text).not.toContain('[');
    expect(() => Reflect.apply(shared.summary, shared, [[1, 2]])).toThrow(/input must be a Tensor/);
  });
});
