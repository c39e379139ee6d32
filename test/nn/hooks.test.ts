import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as nn from '../../src/nn/index.js';
import { expectGradients, poisonPool, randomTensor } from './helpers.js';

beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const float64 = (seed: number) => ({ dtype: 'float64', generator: new nn.Generator(seed) }) as const;

function network(): [model: nn.Sequential, linear: nn.Linear] {
  const linear = new nn.Linear(3, 2, float64(1));
  return [new nn.Sequential(new nn.Tanh(), linear, new nn.ReLU(), new nn.Linear(2, 2, float64(2))), linear];
}

describe('forward hooks', () => {
  it('see inputs and output, in their order, until they are removed', () => {
    const [model, linear] = network();
    const x = randomTensor([4, 3], 1, false);
    const expected = model.forward(x).value;
    const seen: unknown[] = [];
    const first = linear.registerForwardPreHook((module, inputs) => {
      seen.push(['before', module === linear, inputs.length]);
    });
    const second = linear.registerForwardHook((_, [input], output) => {
      seen.push(['after', input.shape, output.shape]);
    });
    expect(model.forward(x).value).toEqual(expected);
    expect(seen).toEqual([
      ['before', true, 1],
      ['after', [4, 3], [4, 2]],
    ]);
    expect(model.namedModules().length).toBe(5);
    first.remove();
    first.remove();
    model.forward(x);
    expect(seen.length).toBe(3);
    second.remove();
    expect(Object.hasOwn(linear, 'forward')).toBe(false);
    model.forward(x);
    expect(seen.length).toBe(3);
  });

  it('may put something else in the place of inputs and output', () => {
    const [, linear] = network();
    const x = randomTensor([4, 3], 1, false);
    const plain = linear.forward(x.mul(2)).add(1).value;
    linear.registerForwardPreHook((_, [input]) => input.mul(2));
    linear.registerForwardHook((_, __, output) => output.add(1));
    expect(linear.forward(x).value).toEqual(plain);
  });

  it('a module whose forward is a property gets it back', () => {
    class Own extends nn.Module {
      override forward = (x: nn.Tensor) => x.mul(3);
    }
    const model = new Own();
    const { forward } = model;
    const handle = model.registerForwardHook((_, __, output) => output.add(1));
    expect(model.forward(nn.tensor([1])).value[0]).toBe(4);
    handle.remove();
    expect(model.forward).toBe(forward);
  });

  it('refuse what is no function', () => {
    expect(() => Reflect.apply(nn.Module.prototype.registerForwardHook, new nn.ReLU(), [1])).toThrow(
      /hook must be a function, got 1/,
    );
  });
});

describe('backward hooks', () => {
  it('see the gradients by inputs and output, and change no bit', () => {
    const [model, linear] = network();
    const x = randomTensor([4, 3], 1);
    const run = () => {
      for (const leaf of [x, ...model.parameters()]) leaf.grad = null;
      nn.sum(nn.square(model.forward(x))).backward();
      return [x, ...model.parameters()].map(({ grad }) => grad?.slice());
    };
    const expected = run();
    const calls: [nn.Gradients, nn.Gradients][] = [];
    const handle = linear.registerFullBackwardHook((module, gradInput, gradOutput) => {
      expect(module).toBe(linear);
      calls.push([gradInput, gradOutput]);
    });
    expect(run()).toEqual(expected);
    expect(calls.length).toBe(1);
    const [[[byInput], [byOutput]]] = calls;
    expect([byInput?.shape, byOutput?.shape]).toEqual([
      [4, 3],
      [4, 2],
    ]);
    if (byOutput === null) throw new Error('there is no gradient');
    expect([...nn.sum(byOutput, { axes: [0] }).value]).toEqual(
      [...(linear.bias?.grad ?? [])].map((value) => expect.closeTo(value, 12)),
    );
    expect(byInput?.value).toEqual(byOutput.matmul(linear.weight.detach()).value);
    handle.remove();
    run();
    expect(calls.length).toBe(1);
  });

  it('are called of a first layer, and not of a frozen one or without recording', () => {
    const [model, linear] = network();
    const hook = vi.fn(() => undefined);
    linear.registerFullBackwardHook(hook);
    const x = randomTensor([4, 3], 1, false);
    nn.noGrad(() => model.forward(x));
    nn.sum(model.forward(x)).backward();
    expect(hook.mock.calls).toEqual([[linear, [null], [expect.any(nn.Tensor)]]]);
    linear.requiresGrad_(false);
    nn.sum(model.forward(x)).backward();
    expect(hook).toHaveBeenCalledTimes(1);
  });

  it('may put other gradients in their place', () => {
    class Pair extends nn.Module<nn.Tensor[]> {
      override forward(a: nn.Tensor, b: nn.Tensor): nn.Tensor[] {
        return [a.mul(b), a.tanh(), b.detach()];
      }
    }
    const [a, b] = [randomTensor([3], 1), randomTensor([3], 2)];
    const model = new Pair();
    const loss = () => {
      const [x, y, z] = model.forward(a, b);
      return nn.sum(x.mul(y).add(z));
    };
    const nothing = model.registerFullBackwardHook(() => undefined);
    expectGradients(() => {
      const [x, y] = model.forward(a, b);
      return nn.sum(x.mul(y));
    }, [a, b]);
    nothing.remove();
    model.registerFullBackwardHook((_, [, byB], byOutput) => {
      expect(byOutput.map((one) => one?.shape)).toEqual([[3], [3], undefined]);
      return [nn.tensor([1, 2, 3], { dtype: 'float64' }), byB];
    });
    const before = b.grad?.slice();
    a.grad = null;
    b.grad = null;
    loss().backward();
    expect([...(a.grad ?? [])]).toEqual([1, 2, 3]);
    expect(b.grad).toEqual(b.value.map((_, i) => a.value[i] * Math.tanh(a.value[i])));
    expect(before).toBeDefined();
    model.registerFullBackwardHook(() => [null]);
    expect(() => loss().backward()).toThrow(/must return an array of 2 gradients or nothing/);
  });
});
