import { describe, expect, it } from 'vitest';
import { SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

// What finds its way through a network: containers, names, freezing, shared parameters and hooks.

const float64 = (seed: number) => ({ dtype: 'float64', generator: new nn.Generator(seed) }) as const;
const rows = (requiresGrad = false) =>
  nn.tensor([0.5, -1, 2, 0.25, 1, -0.5], [2, 3], { dtype: 'float64', requiresGrad });

function network(): nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(3, 4, float64(1)),
    new nn.Tanh(),
    new nn.Sequential(new nn.Linear(4, 3, float64(2))),
  );
}

describe('containers', () => {
  it('Sequential and ModuleList grow, and are gone through', () => {
    const [a, b, c, d] = [new nn.ReLU(), new nn.Tanh(), new nn.SiLU(), new nn.GELU()];
    for (const list of [new nn.Sequential(a), new nn.ModuleList([a])]) {
      expect(list.append(c)).toBe(list);
      list.insert(1, b).extend([d]);
      expect([...list]).toEqual([a, b, c, d]);
      expect([list.length, list.at(-1), list.at(1), list.at(9)]).toEqual([4, d, b, undefined]);
      expect(list.namedChildren().map(([name]) => name)).toEqual(['0', '1', '2', '3']);
      expect(() => list.insert(5, a)).toThrow(/index must be at most 4, got 5/);
      expect(() => Reflect.apply(list.append, list, ['relu'])).toThrow(/module must be a Module, got "relu"/);
    }
    expect(() => new nn.ModuleList().forward()).toThrow(/a ModuleList has no forward/);
  });

  it('ModuleDict has names, which are those of its parameters', () => {
    const [a, b] = [new nn.Linear(2, 2, { bias: false }), new nn.Linear(2, 1)];
    const dict = new nn.ModuleDict({ a });
    expect(dict.set('b', b)).toBe(dict);
    expect([dict.size, dict.get('b'), dict.has('c'), dict.get('c')]).toEqual([2, b, false, undefined]);
    expect([...dict].map(([name]) => name)).toEqual([...dict.keys()]);
    expect([...dict.values()]).toEqual([a, b]);
    expect(dict.namedParameters().map(([name]) => name)).toEqual(['a.weight', 'b.weight', 'b.bias']);
    expect([dict.delete('a'), dict.delete('a'), dict.size]).toEqual([true, false, 1]);
    expect(() => dict.set('a.b', a)).toThrow(/name must be a string without a dot, not empty, got "a.b"/);
    expect(() => Reflect.construct(nn.ModuleDict, [{ a: 1 }])).toThrow(/a must be a Module, got 1/);
    expect(() => dict.forward()).toThrow(/a ModuleDict has no forward/);
  });
});

describe('names', () => {
  it('of modules, parameters and buffers are as seen from where they are asked for', () => {
    const model = new nn.Sequential(network(), new nn.BatchNorm1d(3));
    const inner = model.children()[0];
    expect(model.namedModules().map(([name]) => name)).toEqual(['', '0', '0.0', '0.1', '0.2', '0.2.0', '1']);
    expect(model.modules()[0]).toBe(model);
    expect(inner.namedParameters().map(([name]) => name)).toEqual([
      '0.weight',
      '0.bias',
      '2.0.weight',
      '2.0.bias',
    ]);
    expect(model.namedBuffers().map(([name]) => name)).toEqual(['1.runningMean', '1.runningVar']);
    expect(model.getSubmodule('0.2.0')).toBe(inner.getSubmodule('2.0'));
    expect(model.getSubmodule('')).toBe(model);
    expect(model.getParameter('0.2.0.bias')).toBe(model.namedParameters()[3][1]);
    expect(() => model.getSubmodule('0.7')).toThrow(/there is no module "7" in Sequential/);
    expect(() => model.getParameter('1.runningMean')).toThrow(/there is no parameter "1.runningMean"/);
  });

  it('apply() reaches every module, the inner ones first', () => {
    const seen: string[] = [];
    const model = network();
    expect(model.apply((module) => seen.push(module.constructor.name))).toBe(model);
    expect(seen).toEqual(['Linear', 'Sequential', 'Tanh', 'Linear', 'Sequential']);
  });
});

describe('freezing', () => {
  it('requiresGrad_() leaves running statistics alone, and comes back', () => {
    const model = new nn.Sequential(network(), new nn.BatchNorm1d(3));
    const names = model.namedParameters().map(([name]) => name);
    expect(model.requiresGrad_(false).parameters()).toEqual([]);
    expect(model.getParameter('0.0.weight').requiresGrad).toBe(false);
    expect(
      model
        .requiresGrad_()
        .namedParameters()
        .map(([name]) => name),
    ).toEqual(names);
    expect(model.namedBuffers().map(([name]) => name)).toEqual(['1.runningMean', '1.runningVar']);
  });

  it('costs no gradient, and changes no bit of the others', () => {
    const [free, frozen] = [network(), network()];
    frozen.children()[0].requiresGrad_(false);
    for (const model of [free, frozen]) nn.sum(nn.square(model.forward(rows()))).backward();
    expect(frozen.getParameter('0.weight').grad).toBeNull();
    for (const name of ['2.0.weight', '2.0.bias']) {
      expect(frozen.getParameter(name).grad).toEqual(free.getParameter(name).grad);
    }
    // Nothing before the layers that are trained is part of the graph.
    frozen.requiresGrad_(false);
    expect(frozen.forward(rows()).requiresGrad).toBe(false);
  });
});

describe('a parameter under two names', () => {
  class Tied extends nn.Module {
    readonly embedding = new nn.Embedding(3, 2, float64(1));
    readonly head = new nn.Linear(2, 3, { ...float64(2), bias: false });
    constructor() {
      super();
      this.head.weight = this.embedding.weight;
    }
    override forward(): nn.Tensor {
      return this.head.forward(this.embedding.forward([0, 2]));
    }
  }

  it('is stepped once by the sum of its gradients', () => {
    const model = new Tied();
    const { weight } = model.embedding;
    const parameters = model.parameters();
    expect(parameters).toEqual([weight]);
    const before = weight.value.slice();
    // The sum of e_i . w_j over i in {0, 2} and all j.
    nn.sum(model.forward()).backward();
    const column = (c: number, some: readonly number[]) =>
      some.reduce((sum, r) => sum + before[2 * r + c], 0);
    const expected = before.map((_, i) => {
      const [row, c] = [Math.floor(i / 2), i % 2];
      return column(c, [0, 2]) + (row === 1 ? 0 : column(c, [0, 1, 2]));
    });
    expect([...(weight.grad ?? [])]).toEqual([...expected].map((x) => expect.closeTo(x, 12)));
    new SGD(parameters, { lr: 0.5 }).step();
    expect([...weight.value]).toEqual([...before].map((x, i) => expect.closeTo(x - 0.5 * expected[i], 12)));
  });

  it('is saved under both, with one copy, and loaded from either', () => {
    const [model, other] = [new Tied(), new Tied()];
    model.embedding.weight.value.fill(3);
    const state = model.stateDict();
    expect(Object.keys(state)).toEqual(['embedding.weight', 'head.weight']);
    expect(state['embedding.weight'].value).toBe(state['head.weight'].value);
    other.loadStateDict({ 'head.weight': state['head.weight'] });
    expect(other.head.weight.value).toEqual(model.head.weight.value);
    expect(other.head.weight).toBe(other.embedding.weight);
    const last = { ...state['head.weight'], value: state['head.weight'].value.map(() => 5) };
    other.loadStateDict({ ...state, 'head.weight': last });
    expect(other.embedding.weight.value).toEqual(last.value);
    expect(() => other.loadStateDict({})).toThrow(/embedding.weight is missing; head.weight is missing/);
  });
});
