import { describe, expect, it, test } from 'vitest';
import { gradualWarmup, reduceOnPlateau, SGD, SWATS, stepDecay } from '../../src/index.js';
import { makeParams, parameter } from './params.js';

describe('learning rates', () => {
  test('the first step uses at(0), and lr tells the rate of the next one', () => {
    const [param] = makeParams(['a']);
    const schedule = gradualWarmup(stepDecay(1, { every: 2, factor: 0.5 }), { steps: 4 });
    const optimizer = new SGD([param], { lr: schedule });
    const seen: number[] = [];
    for (let s = 0; s < 8; s++) {
      seen.push(optimizer.lr);
      const before = Float32Array.from(param.value);
      param.grad.fill(1);
      optimizer.step();
      expect(param.value).toEqual(before.map((x) => x - Math.fround(seen[s])));
    }
    expect(seen).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0.5]);
  });

  test('can be replaced', () => {
    const optimizer = new SGD(makeParams(['a']), { lr: 1 });
    optimizer.lr = 0.5;
    expect(optimizer.lr).toBe(0.5);
    expect(() => {
      optimizer.lr = -1;
    }).toThrow(/lr/);
    expect(optimizer.lr).toBe(0.5);
  });

  test('one schedule shared by two groups observes a metric once', () => {
    const [a, b] = makeParams(['a', 'b']);
    let observed = 0;
    const shared = {
      at: () => 0.1,
      observe: () => {
        observed++;
      },
      stateDict: () => ({}),
      loadStateDict: () => {},
    };
    const optimizer = new SGD([{ params: [a] }, { params: [b] }], { lr: shared });
    optimizer.observe(1);
    expect(observed).toBe(1);
  });

  test('SWATS goes on with the learnt rate, scaled by the schedule', () => {
    const [param] = makeParams(['a']);
    const optimizer = new SWATS([param], {
      lr: stepDecay(0.1, { every: 10, factor: 0.5 }),
      switchTolerance: 1e9,
      minSwitchStep: 5,
    });
    while (optimizer.phase === 'adam' && optimizer.steps < 50) {
      for (let i = 0; i < param.grad.length; i++) param.grad[i] = param.value[i];
      optimizer.step();
    }
    const learnt = optimizer.sgdLr;
    expect(optimizer.switchStep).toBe(optimizer.steps);
    expect(optimizer.lr).toBe(learnt);
    optimizer.zeroGrad();
    while (optimizer.steps < 10) optimizer.step();
    expect(optimizer.lr).toBeCloseTo((learnt ?? NaN) / 2, 12);
  });
});

describe('the learning rate', () => {
  it('that was set is that of groups added later', () => {
    const [a, b, c] = [parameter(2, 1), parameter(2, 2), parameter(2, 3)];
    const optimizer = new SGD([a], { lr: 0.5 });
    optimizer.lr = 0.25;
    optimizer.addParamGroup({ params: [b] });
    optimizer.addParamGroup({ params: [c], lr: 1 });
    const expected = [a, b, c].map(({ value, grad }, k) =>
      value.map((x, i) => x - [0.25, 0.25, 1][k] * grad[i]),
    );
    optimizer.step();
    expect([a, b, c].map(({ value }) => value)).toEqual(expected);
  });

  it('is resolved once, and one schedule for all groups is told a metric once', () => {
    let asked = 0;
    const plateau = reduceOnPlateau(1, { patience: 1, factor: 0.5 });
    const counted = {
      at: (step: number) => plateau.at(step),
      observe(metric: number, step: number) {
        asked++;
        plateau.observe?.(metric, step);
      },
      stateDict: () => plateau.stateDict?.() ?? {},
      loadStateDict: (state: unknown) => plateau.loadStateDict?.(state),
    };
    const optimizer = new SGD([{ params: [parameter(2, 1)] }, { params: [parameter(2, 2)] }], {
      lr: counted,
    });
    optimizer.addParamGroup({ params: [parameter(2, 3)] });
    optimizer.step();
    optimizer.observe(1);
    expect(asked).toBe(1);
  });
});
