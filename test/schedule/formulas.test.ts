// What PyTorch has not: the formulas of the papers, written once more, and where their parts meet.
import { describe, expect, it } from 'vitest';
import {
  constant,
  exponentialWarmup,
  gradualWarmup,
  inverseSqrt,
  linear,
  multiplicative,
  reduceOnPlateau,
  type Schedule,
  scale,
  warmupStableDecay,
} from '../../src/schedule/index.js';

const STEPS = Array.from({ length: 1000 }, (_, step) => step);

/** Every step to 1e-12 of the rate, and in any order the same. */
function expectRates(schedule: Schedule, expected: (step: number) => number): void {
  for (const step of [...STEPS, ...STEPS.toReversed()]) {
    const rate = expected(step);
    expect(Math.abs(schedule.at(step) - rate), `step ${step}`).toBeLessThanOrEqual(1e-12 * rate);
  }
}

describe('inverseSqrt', () => {
  it('is that of Vaswani et al.: width^-0.5 min(n^-0.5, n warmup^-1.5)', () => {
    const [width, warmup] = [512, 400];
    expectRates(
      inverseSqrt((width * warmup) ** -0.5, { warmup }),
      (step) => width ** -0.5 * Math.min((step + 1) ** -0.5, (step + 1) * warmup ** -1.5),
    );
  });
});

describe('exponentialWarmup', () => {
  it('multiplies the schedule by 1 - exp(-(t + 1) / period)', () => {
    expectRates(
      exponentialWarmup(linear(0.1, { from: 1, to: 0.5, steps: 700 }), { period: 1000 }),
      (step) => 0.1 * (1 - (0.5 * Math.min(step, 700)) / 700) * -Math.expm1(-(step + 1) / 1000),
    );
  });
});

describe('multiplicative', () => {
  it('has the product until a step, in whatever order it is asked', () => {
    const schedule = multiplicative(0.3, (step) => 1 - 1 / (step + 10));
    const rateAt = (step: number) => (0.3 * 10) / (step + 10);
    for (const step of [40, 3, 0, 41, 41, 7.5]) {
      expect(schedule.at(step)).toBeCloseTo(rateAt(Math.floor(step)), 15);
    }
  });

  it('refuses a factor that wants metrics or is none', () => {
    expect(() => multiplicative(0.1, reduceOnPlateau(0.1))).toThrow('factor must depend on the step alone');
    expect(() => multiplicative(-1, 0.5)).toThrow(/lr must be/);
    expect(() => multiplicative(0.1, () => -1).at(3)).toThrow(/factor at step 1 must be/);
  });
});

describe('scale', () => {
  it('takes a number and a function of the step', () => {
    expectRates(scale(0.1, 0.5), () => 0.05);
    expectRates(
      scale(gradualWarmup(0.1, { steps: 10 }), (step) => 0.95 ** step),
      (step) => 0.1 * Math.min((step + 1) / 10, 1) * 0.95 ** step,
    );
  });

  it('passes metrics on, and refuses a factor that wants them', () => {
    const schedule = scale(reduceOnPlateau(0.1, { patience: 0 }), 0.5);
    schedule.observe?.(1, 1);
    schedule.observe?.(2, 2);
    expect(schedule.at(3)).toBeCloseTo(0.005, 15);
    expect(() => scale(0.1, reduceOnPlateau(0.1))).toThrow(
      'factor must depend on the step alone: a metric-driven schedule goes first',
    );
    expect(() => scale(0.1, () => -1).at(3)).toThrow(/factor at step 3 must be/);
  });
});

describe('warmupStableDecay', () => {
  const options = { steps: 900, warmup: 90, decay: 300, min: 0.001 };
  const progress = (step: number) => (step - 600) / 300;

  it.each([
    ['linear', (x: number) => 1 - x],
    ['cosine', (x: number) => (1 + Math.cos(Math.PI * x)) / 2],
    ['sqrt', (x: number) => 1 - Math.sqrt(x)],
  ] as const)('rises, stays and falls: %s', (shape, left) => {
    expectRates(warmupStableDecay(0.1, { ...options, shape }), (step) => {
      if (step < 90) return (0.1 * (step + 1)) / 90;
      if (step < 600) return 0.1;
      return step >= 900 ? 0.001 : 0.001 + 0.099 * left(progress(step));
    });
  });

  it('has no warm-up and a tenth of decay where nothing is said, and may have neither', () => {
    const schedule = warmupStableDecay(0.1, { steps: 95 });
    expect([0, 84, 85, 86, 95].map((step) => schedule.at(step))).toEqual([
      0.1,
      0.1,
      0.1,
      expect.any(Number),
      0,
    ]);
    expect(schedule.at(86)).toBeCloseTo(0.09, 12);
    expectRates(warmupStableDecay(0.1, { steps: 1000, decay: 0 }), constant(0.1).at);
  });

  it('refuses parts that do not fit', () => {
    expect(() => warmupStableDecay(0.1, { steps: 10, warmup: 6, decay: 5 })).toThrow(
      'warmup and decay must fit into 10 steps, got 6 and 5',
    );
  });
});
