import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queue } from '../../src/backend/select.js';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

// Late, so that what forgets to wait reads wrong numbers.
beforeAll(() => queue?.delay(200));
afterAll(() => queue?.delay(0));

const LENGTH = 300;

const param = (name: string) => ({
  name,
  value: Float32Array.from({ length: LENGTH }, (_, i) => Math.sin(i)),
  grad: Float32Array.from({ length: LENGTH }, (_, i) => Math.cos(i)) as Float32Array | null,
});

const table = { Adam: lockstep.Adam, SGD: lockstep.SGD, SWATS: lockstep.SWATS, RMSprop: lockstep.RMSprop };

describe.each(Object.entries(table))('stepAsync() of %s', (_, Optimizer) => {
  it('gives the bits and the state of step()', async () => {
    const [a, b] = [param('p'), param('p')];
    const [one, other] = [new Optimizer([a], { lr: 0.01 }), new Optimizer([b], { lr: 0.01 })];
    for (let step = 0; step < 5; step++) {
      one.step();
      await other.stepAsync();
    }
    expect(b.value).toEqual(a.value);
    expect(other.stateDict()).toEqual(one.stateDict());
  });
});

describe('stepAsync()', () => {
  const network = () => {
    nn.manualSeed(1);
    const model = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 3));
    const x = nn.tensor(
      Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
      [5, 8],
    );
    const optimizer = new lockstep.Adam(model.parameters());
    const closure = () => {
      optimizer.zeroGrad();
      const loss = nn.crossEntropy(model.forward(x), [0, 1, 2, 0, 1]);
      loss.backward();
      return loss;
    };
    return { model, optimizer, closure };
  };

  it('runs its closure beside the event loop as well', async () => {
    const [one, other] = [network(), network()];
    for (let step = 0; step < 4; step++) {
      const loss = one.optimizer.step(one.closure);
      expect((await other.optimizer.stepAsync(other.closure)).item()).toBe(loss.item());
    }
    expect(other.model.stateDict()).toEqual(one.model.stateDict());
  });

  it('locks its parameters until it is over', async () => {
    const { model, optimizer, closure } = network();
    const pending = optimizer.stepAsync(closure);
    const message = /parameter "0.weight" must not be written to while stepAsync\(\) is at work/;
    expect(() => optimizer.step()).toThrow(message);
    expect(() => model.loadStateDict(model.stateDict())).toThrow(message);
    await expect(optimizer.stepAsync(closure)).rejects.toThrow(message);
    await pending;
    optimizer.step();
    expect(optimizer.steps).toBe(2);
  });

  it('rejects as step() throws, and leaves nothing locked', async () => {
    const { optimizer, closure } = network();
    await expect(
      optimizer.stepAsync(() => {
        closure();
        throw new Error('enough');
      }),
    ).rejects.toThrow('enough');
    await expect(Reflect.apply(optimizer.stepAsync, optimizer, [3])).rejects.toThrow(
      /closure must be a function/,
    );
    expect(optimizer.steps).toBe(0);
    await optimizer.stepAsync(closure);
  });

  it('tells that an array was replaced meanwhile', async () => {
    const p = param('p');
    const pending = new lockstep.SGD([p], { lr: 0.1 }).stepAsync();
    p.grad = null;
    await expect(pending).rejects.toThrow(/parameter "p" must keep its value and grad/);
  });

  it.runIf(lockstep.targets().length > 1)('works on the target typescript', async () => {
    const initial = lockstep.currentTarget();
    lockstep.useTarget('typescript');
    const { optimizer, closure } = network();
    const loss = await optimizer.stepAsync(closure);
    lockstep.useTarget(initial);
    expect(loss.item()).toBeGreaterThan(0);
  });
});
