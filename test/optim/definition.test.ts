// What an optimizer makes sure of when its step is someone else's code.
import { describe, expect, it } from 'vitest';
import {
  type CommonOptions,
  Optimizer,
  SGD,
  targets,
  totalNorm,
  type UpdateDefinition,
  useTarget,
  useThreads,
} from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const defaults = { lr: 0.1, weightDecay: 0, maximize: false };
const named = (update: UpdateDefinition<CommonOptions>['update']) => ({ name: 'Mine', defaults, update });
const tensor = () => nn.tensor([1, 2], [2], { requiresGrad: true });

describe('a definition', () => {
  it.each<[string, unknown, string | RegExp]>([
    ['that is none', null, 'definition must be an object, got null'],
    ['without a name', { defaults }, 'definition.name must be a string, got undefined'],
    ['without defaults', { name: 'Mine' }, 'defaults of Mine must be an object, got undefined'],
    ['without a step', { name: 'Mine', defaults }, 'Mine must have either an update, or a rule and scalars'],
    [
      'with two steps',
      { ...named(() => {}), rule: () => 'sgd', scalars: () => ({}) },
      'Mine must have either an update, or a rule and scalars',
    ],
    [
      'with states by no list',
      { ...named(() => {}), states: 'm' },
      'states of Mine must be an array of different names, got "m"',
    ],
    [
      'with a state twice',
      { ...named(() => {}), states: ['m', 'm'] },
      'states of Mine must be an array of different names',
    ],
    [
      'with a state that every object has',
      { ...named(() => {}), states: ['m', '__proto__'] },
      'states of Mine must have none called "__proto__": every object has that already',
    ],
    [
      'with a length of a state that every object has',
      { ...named(() => {}), stateLengths: () => ({ constructor: 1 }) },
      'stateLengths of Mine must have none called "constructor": every object has that already',
    ],
    [
      'with a memory that a state dictionary could not hold',
      { ...named(() => {}), memory: { name: 'mine', scope: () => 'param', initial: () => ({ key: 1 }) } },
      'mine must have no field called key',
    ],
  ])('%s is refused', (_, definition, message) => {
    const make = () => Reflect.construct(Optimizer, [definition, [tensor()]]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  it('tells states with commas in their names apart', () => {
    const make = (states: readonly string[]) =>
      new Optimizer({ ...named(() => {}), states }, [
        { name: 'w', value: new Float64Array(2), grad: new Float64Array(2) },
      ]);
    const [one, two] = [make(['a,b']), make(['a', 'b'])];
    for (const optimizer of [one, two]) optimizer.step();
    expect(() => one.loadStateDict(two.stateDict())).toThrow(
      'arrays must be ["a,b"] with these options, got ["a", "b"]',
    );
    expect(() => two.loadStateDict(one.stateDict())).toThrow(
      'arrays must be ["a", "b"] with these options, got ["a,b"]',
    );
    one.loadStateDict(one.stateDict());
    expect(Object.keys(one.stateDict().parameters.w.arrays)).toEqual(['a,b']);
  });

  it.each<[string, () => Promise<void>]>([
    ['resolves', async () => {}],
    ['rejects', () => Promise.reject(new Error('too late'))],
  ])('whose update is async is refused, also where it %s', async (_, update) => {
    const w = { value: new Float32Array(2), grad: new Float32Array(2) };
    const optimizer = new Optimizer(named(update), [w]);
    const refused =
      'update of Mine must not be async, but returned a promise: await what it needs before step()';
    expect(() => optimizer.step()).toThrow(new TypeError(refused));
    expect(optimizer.steps).toBe(0);
    // A rejection that nobody handles would fail this test run.
    await new Promise(setImmediate);
  });

  it('whose before or after is async is refused', () => {
    const w = { value: new Float32Array(2), grad: new Float32Array(2) };
    const { name } = named(() => {});
    const rule = {
      name,
      defaults,
      rule: () => 'sgd',
      scalars: () => ({ lr: 1, weightDecay: 0, maximize: 0 }),
    };
    const early = Reflect.construct(Optimizer, [{ ...rule, before: async () => {} }, [w]]);
    expect(() => early.step()).toThrow('before of Mine must not be async');
    const scalars = () => ({
      stepSize: 1,
      beta1: 0,
      rest1: 1,
      beta2: 0,
      rest2: 1,
      eps: 1,
      weightDecay: 0,
      shrink: 1,
      maximize: 0,
    });
    const late = Reflect.construct(Optimizer, [
      { ...rule, rule: () => 'swats', scalars, after: async () => {} },
      [w],
    ]);
    expect(() => late.step()).toThrow('after of Mine must not be async');
  });

  it('that forgets a scalar of its rule is refused before anything changes', () => {
    const w = { value: new Float32Array(2), grad: new Float32Array(2).fill(1) };
    const definition = { name: 'Mine', defaults, rule: () => 'sgd', scalars: () => ({ lr: 1, maximize: 0 }) };
    const optimizer = Reflect.construct(Optimizer, [definition, [w]]);
    expect(() => optimizer.step()).toThrow(
      'scalars of the rule "sgd" must be numbers, lr, weightDecay, maximize: got undefined for weightDecay',
    );
    expect([...w.value, optimizer.steps]).toEqual([0, 0, 0]);
  });

  it('has memories of scopes that there are', () => {
    const memory = { name: 'mine', scope: () => 'parameter', initial: () => ({}) };
    const definition = { ...named(() => {}), memory };
    expect(() => Reflect.construct(Optimizer, [definition, [tensor()]])).toThrow(
      'scope of Mine must be one of "global", "group", "param", got "parameter"',
    );
  });

  it('sees shapes that fit', () => {
    const w = { value: new Float32Array(6), grad: new Float32Array(6), shape: [2, 2] };
    expect(
      () =>
        new Optimizer(
          named(() => {}),
          [w],
        ),
    ).toThrow('params[0].shape must be of 6 elements as its value is, got [2, 2]');
  });
});

describe('a step that has written to a tensor', () => {
  it('lets nothing go back through what was computed before, also where it throws', () => {
    const w = tensor();
    nn.sum(w.mul(w)).backward();
    const loss = nn.sum(w.mul(w));
    const optimizer = new Optimizer(
      named(([{ value }]) => {
        value[0] += 1;
        throw new Error('half done');
      }),
      [w],
    );
    expect(() => optimizer.step()).toThrow('half done');
    expect(() => loss.backward()).toThrow(/was changed/);
  });

  it('lets nothing go back while it evaluates the closure', () => {
    const w = tensor();
    const losses: nn.Tensor[] = [];
    const errors: unknown[] = [];
    const optimizer = new Optimizer(
      named(([{ value }], closure) => {
        value[0] += 1;
        closure?.evaluate();
      }),
      [w],
    );
    optimizer.step(() => {
      for (const loss of losses) {
        try {
          loss.backward();
        } catch (error) {
          errors.push(error);
        }
      }
      losses.push(nn.sum(w.mul(w)));
      const loss = nn.sum(w.mul(w));
      loss.backward();
      return loss;
    });
    expect(errors.map(String)).toEqual([expect.stringMatching(/was changed/)]);
  });

  it('finds the gradients of the point at which it evaluated, in whichever arrays they are', () => {
    const a: { name: string; value: Float64Array; grad: Float64Array | null } = {
      name: 'a',
      value: Float64Array.of(3),
      grad: Float64Array.of(3),
    };
    const seen: number[] = [];
    const optimizer = new Optimizer(
      named((parameters, closure) => {
        const [{ value }] = parameters;
        value[0] = 1;
        closure?.evaluate();
        seen.push(parameters[0].grad[0]);
      }),
      [a],
    );
    optimizer.step(() => {
      a.grad = a.value.slice();
      return 1;
    });
    expect(seen).toEqual([1]);

    let calls = 0;
    const next = (grad: Float64Array | null) => () => {
      if (++calls % 2 === 0) a.grad = grad;
      return 1;
    };
    const refused = (grad: Float64Array | null, message: string) => {
      a.grad = Float64Array.of(3);
      expect(() => optimizer.step(next(grad))).toThrow(message);
    };
    refused(null, 'parameter "a" must have a grad after every call of the closure');
    refused(new Float64Array(2), 'parameter "a".grad must have 1 elements as its value has, got 2');
    refused(a.value, 'must not share memory');
    expect(optimizer.steps).toBe(1);
  });

  it('by a rule lets nothing go back either', () => {
    const w = tensor();
    nn.sum(w.mul(w)).backward();
    const loss = nn.sum(w.mul(w));
    new SGD([w]).step();
    expect(() => loss.backward()).toThrow(/was changed/);
  });

  it('sees a loss that is not finite, as a search along a line must', () => {
    const w = { value: Float64Array.of(3), grad: Float64Array.of(1) };
    const seen: number[] = [];
    const optimizer = new Optimizer(
      named(([{ value }], closure) => {
        if (closure === undefined) throw new TypeError('no closure');
        seen.push(closure.loss);
        value[0] = -1;
        seen.push(closure.evaluate());
      }),
      [w],
    );
    expect(optimizer.step(() => Math.log(w.value[0]))).toBe(Math.log(3));
    expect(seen).toEqual([Math.log(3), Number.NaN]);
    expect(() => Reflect.apply(optimizer.step, optimizer, [() => ({ item: () => 'low' })])).toThrow(
      'the loss that the closure returns must be a number, got "low"',
    );
  });
});

describe('what is no loss', () => {
  it.each<[string, unknown]>([
    ['Promise', Promise.resolve(1)],
    ['undefined', undefined],
    ['"low"', 'low'],
  ])('%s, is refused by every optimizer before the step', (shown, loss) => {
    for (const definition of [named(([{ value }]) => value.fill(9)), null]) {
      const w = { value: Float64Array.of(3), grad: Float64Array.of(1) };
      const optimizer: Optimizer = definition === null ? new SGD([w]) : new Optimizer(definition, [w]);
      expect(() => Reflect.apply(optimizer.step, optimizer, [() => loss])).toThrow(
        `closure must return the loss, a number or a tensor of one element, got ${shown}`,
      );
      expect([...w.value, optimizer.steps]).toEqual([3, 0]);
    }
  });
});

describe('a learning rate that takes memory away', () => {
  it('is found out before an update sees it', () => {
    const w = { value: Float64Array.of(3), grad: Float64Array.of(1) };
    let calls = 0;
    const lr = () => {
      if (w.grad.length > 0) structuredClone(w.grad, { transfer: [w.grad.buffer] });
      return 0.1;
    };
    const optimizer = new Optimizer(
      named(() => {
        calls++;
      }),
      [w],
      { lr },
    );
    expect(() => optimizer.step()).toThrow(/grad must have 1 elements as its value has, got 0/);
    expect([calls, optimizer.steps]).toEqual([0, 0]);
  });
});

describe('totalNorm', () => {
  it('is in double, and the same on every target with any number of threads', () => {
    const arrays = [100_003, 17, 0].map((n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i)));
    const exact = Math.sqrt(arrays.reduce((sum, array) => sum + array.reduce((s, x) => s + x * x, 0), 0));
    const norms = targets().flatMap((target) =>
      [1, 3].map((helpers) => {
        useTarget(target);
        useThreads(helpers);
        return totalNorm(arrays);
      }),
    );
    expect(Math.abs(norms[0] / exact - 1)).toBeLessThan(1e-13);
    expect(new Set(norms).size).toBe(1);
    expect(totalNorm([Float32Array.of(1), Float64Array.of(1)])).toBe(Math.SQRT2);
    expect(totalNorm([arrays[1], arrays[1]])).toBeCloseTo(Math.SQRT2 * totalNorm([arrays[1]]), 13);
    expect(totalNorm([])).toBe(0);
  });

  it('refuses what does not fit', () => {
    expect(() => Reflect.apply(totalNorm, null, [5])).toThrow('arrays must be an iterable of arrays, got 5');
    expect(() => Reflect.apply(totalNorm, null, [[[1]]])).toThrow(
      'arrays[0] must be a Float32Array or a Float64Array, got [1]',
    );
  });
});
