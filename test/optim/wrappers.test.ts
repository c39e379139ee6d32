import { describe, expect, it } from 'vitest';
import {
  Adam,
  cosine,
  LBFGS,
  Lookahead,
  RowGradient,
  SAM,
  SGD,
  type Stepping,
  targets,
  useTarget,
} from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { fit } from '../../src/train/index.js';
import { parameter } from './params.js';
import { bits } from './table.js';

/** A loss with a gradient that no weight has for itself. */
function lossOf(params: readonly { value: Float64Array; grad: Float64Array }[]): number {
  const all = params.reduce((sum, { value }) => sum + value.reduce((a, x) => a + x * x, 0), 0);
  for (const { value, grad } of params) {
    value.forEach((x, i) => {
      grad[i] = 2 * x * all + Math.cos(x);
    });
  }
  return all * all + params.reduce((sum, { value }) => sum + value.reduce((a, x) => a + Math.sin(x), 0), 0);
}

const pair = () => [parameter(5, 1, 'a'), parameter(3, 2)];

function checkClose(actual: Float64Array, expected: Float64Array): void {
  for (const [i, x] of actual.entries()) expect(Math.abs(x - expected[i])).toBeLessThan(1e-12);
}

describe.each(targets())('on %s', (target) => {
  it('Lookahead has slow weights that follow', () => {
    useTarget(target);
    const params = pair();
    const [fast, slow] = [0, 1].map(() => params.map(({ value }) => value.slice()));
    const optimizer = new Lookahead(new SGD(params, { lr: 0.01 }), { k: 3, alpha: 0.3 });
    for (let step = 1; step <= 7; step++) {
      expect(optimizer.step(() => lossOf(params))).toBeTypeOf('number');
      const mirror = fast.map((value) => ({ value, grad: new Float64Array(value.length) }));
      lossOf(mirror);
      for (const [k, { value, grad }] of mirror.entries()) {
        value.forEach((_, i) => {
          value[i] -= 0.01 * grad[i];
          if (step % 3 === 0) value[i] = slow[k][i] += 0.3 * (value[i] - slow[k][i]);
        });
        checkClose(params[k].value, value);
      }
    }
    expect(optimizer.steps).toBe(7);
  });

  it.each([false, true])('SAM steps with the gradient of a place near by, adaptive: %s', (adaptive) => {
    useTarget(target);
    const params = pair();
    const mirror = params.map(({ value }) => ({ value: value.slice(), grad: value.slice() }));
    const optimizer = new SAM(new SGD(params, { lr: 0.01, momentum: 0.9 }), { rho: 0.2, adaptive });
    const velocity = mirror.map(({ value }) => new Float64Array(value.length));
    for (let step = 0; step < 4; step++) {
      const loss = optimizer.step(() => lossOf(params));
      expect(loss).toBeCloseTo(lossOf(mirror), 12);
      const kept = mirror.map(({ value }) => value.slice());
      const along = mirror.map(({ value, grad }) => grad.map((g, i) => (adaptive ? value[i] * g : g)));
      const norm = Math.hypot(...along.flatMap((part) => [...part]));
      for (const [k, { value }] of mirror.entries()) {
        value.forEach((x, i) => {
          value[i] += (0.2 * along[k][i] * (adaptive ? x : 1)) / norm;
        });
      }
      lossOf(mirror);
      for (const [k, { value, grad }] of mirror.entries()) {
        value.forEach((_, i) => {
          velocity[k][i] = 0.9 * velocity[k][i] + grad[i];
          value[i] = kept[k][i] - 0.01 * velocity[k][i];
        });
        checkClose(params[k].value, value);
      }
    }
  });
});

const wrappers: Record<string, (params: ReturnType<typeof pair>) => Stepping> = {
  Lookahead: (params) => new Lookahead(new Adam(params, { lr: 0.05 }), { k: 2 }),
  SAM: (params) => new SAM(new Adam(params, { lr: 0.05 })),
  'one of each': (params) => new Lookahead(new SAM(new Adam(params)), { k: 3, alpha: 0.1 }),
  'two of one': (params) => new Lookahead(new Lookahead(new Adam(params), { k: 3 }), { k: 2 }),
};

describe.each(Object.entries(wrappers))('%s', (_, wrap) => {
  it('goes on with the same bits where it was saved', () => {
    for (const at of [1, 2, 3, 4]) {
      const [whole, half] = [pair(), pair()];
      const straight = wrap(whole);
      for (let step = 0; step < 9; step++) straight.step(() => lossOf(whole));
      const before = wrap(half);
      for (let step = 0; step < at; step++) before.step(() => lossOf(half));
      const saved = structuredClone(before.stateDict());
      const second = half.map((param) => ({ ...param, value: param.value.slice() }));
      before.step(() => lossOf(half));
      const after = wrap(second);
      after.loadStateDict(saved);
      for (let step = at; step < 9; step++) after.step(() => lossOf(second));
      expect(second.map(({ value }) => bits(value))).toEqual(whole.map(({ value }) => bits(value)));
    }
  });

  it('refuses the state of others, and nothing has then changed', () => {
    const params = pair();
    const optimizer = wrap(params);
    optimizer.step(() => lossOf(params));
    const before = optimizer.stateDict();
    expect(() => optimizer.loadStateDict(new Adam(pair()).stateDict())).toThrow(/optimizer must be of a/);
    expect(() => optimizer.loadStateDict({ ...before, steps: -1 })).toThrow(/state.steps/);
    expect(() => optimizer.loadStateDict(3)).toThrow(/state must be an object/);
    expect(optimizer.stateDict()).toEqual(before);
  });
});

it.each<[string, (inner: Stepping) => Stepping]>([
  ['SAM', (inner) => new SAM(inner)],
  ['Lookahead around it', (inner) => new Lookahead(new SAM(inner), { k: 2 })],
])('%s trains in fit, with a schedule, with the same bits in the background', async (_, wrap) => {
  const train = async (background: boolean) => {
    const model = new nn.Linear(2, 2, { generator: new nn.Generator(1), dtype: 'float64' });
    const optimizer = wrap(new SGD(model.parameters()));
    const x = nn.tensor(
      Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      [12, 2],
    );
    const schedule = cosine(0.1, { steps: 100 });
    const common = { loss: nn.mse, epochs: 10, batchSize: 4, clipGradNorm: 1, background };
    const { epochs } = await fit(model, { x, y: x }, { optimizer, schedule, ...common });
    expect(optimizer.steps).toBe(30);
    expect(optimizer.lr).toBe(schedule.at(30));
    expect(epochs[9].loss).toBeLessThan(0.8 * epochs[0].loss);
    return bits(model.weight.value);
  };
  expect(await train(true)).toBe(await train(false));
});

describe('Lookahead', () => {
  it('takes parameters that join later, and refuses slow weights of another length', () => {
    const params = pair();
    const inner = new SGD([params[0]], { lr: 0.1 });
    const optimizer = new Lookahead(inner, { k: 1, alpha: 0 });
    inner.addParamGroup({ params: [params[1]] });
    const before = params.map(({ value }) => value.slice());
    optimizer.step();
    expect(params.map(({ value }) => value)).toEqual(before);
    const state = optimizer.stateDict();
    const wrong = { ...state.parameters, a: { step: 1, arrays: { 'SGD.slow': new Float64Array(4) } } };
    expect(() => optimizer.loadStateDict({ ...state, parameters: wrong })).toThrow(
      /state.parameters\["a"\].arrays must have slow weights, a Float64Array\(5\), got Float64Array\(4\)/,
    );
  });

  it('refuses what is no optimizer, and options that are none', () => {
    expect(() => Reflect.construct(Lookahead, [{}])).toThrow(/optimizer must be an optimizer such as/);
    const inner = new SGD(pair());
    expect(() => new Lookahead(inner, { k: 0 })).toThrow(/k must be an integer of at least 1/);
    expect(() => new Lookahead(inner, { alpha: 2 })).toThrow(/alpha must be in \[0, 1\]/);
  });
});

describe('SAM', () => {
  it('leaves the weights where they were when a closure throws', () => {
    const params = pair();
    const before = params.map(({ value }) => value.slice());
    const optimizer = new SAM(new SGD(params));
    let calls = 0;
    const closure = () => {
      if (++calls === 2) throw new Error('no loss');
      return lossOf(params);
    };
    expect(() => optimizer.step(closure)).toThrow('no loss');
    expect(params.map(({ value }) => value)).toEqual(before);
    expect(optimizer.steps).toBe(0);
  });

  it('needs a closure, gradients as a whole, and an optimizer that needs none', () => {
    const optimizer = new SAM(new SGD(pair()));
    expect(() => Reflect.apply(optimizer.step, optimizer, [])).toThrow(/SAM needs step\(closure\)/);
    const rowGrad = new RowGradient(2, 2, 'float64');
    const table = { value: new Float64Array(4), grad: null, rowGrad };
    expect(() => new SAM(new SGD([table])).step(() => 1)).toThrow(/has a rowGrad, which SAM cannot use/);
    const params = pair();
    expect(() => new SAM(new LBFGS(params)).step(() => lossOf(params))).toThrow(/LBFGS needs/);
    expect(() => new SAM(new SGD(params), { rho: -1 })).toThrow(/rho must be .* at least 0/);
    expect(() => Reflect.construct(SAM, [new SGD(params), { adaptive: 1 }])).toThrow(/adaptive must be/);
  });
});
