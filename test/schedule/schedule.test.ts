import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  constant,
  constantWarmup,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  gradualWarmup,
  linear,
  multiStep,
  oneCycle,
  polynomial,
  type Schedule,
  sequential,
  stepDecay,
  toSchedule,
} from '../../src/schedule/index.js';

const rate = fc.double({ min: 1e-6, max: 10, noNaN: true });
const count = fc.integer({ min: 1, max: 200 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Any schedule that depends on the step only. */
const plain: fc.Arbitrary<Schedule> = fc.oneof(
  rate.map(constant),
  fc.tuple(rate, count, share).map(([lr, every, factor]) => stepDecay(lr, { every, factor })),
  fc
    .tuple(rate, fc.uniqueArray(count, { maxLength: 5 }))
    .map(([lr, at]) => multiStep(lr, { at: at.sort((a, b) => a - b) })),
  fc.tuple(rate, share).map(([lr, factor]) => exponential(lr, { factor })),
  fc.tuple(rate, share, share, count).map(([lr, from, to, steps]) => linear(lr, { from, to, steps })),
  fc.tuple(rate, count, share).map(([lr, steps, power]) => polynomial(lr, { steps, power: power * 3 })),
  fc.tuple(rate, count, rate).map(([lr, steps, min]) => cosine(lr, { steps, min })),
  fc
    .tuple(rate, count, fc.integer({ min: 1, max: 4 }), rate)
    .map(([lr, first, multiplier, min]) => cosineRestarts(lr, { first, multiplier, min })),
  fc
    .tuple(rate, count, share, fc.constantFrom('cos' as const, 'linear' as const), fc.boolean())
    .map(([max, steps, half, annealStrategy, threePhase]) =>
      oneCycle({ max, steps, pctStart: half / 2, annealStrategy, threePhase }),
    ),
  fc
    .tuple(
      rate,
      rate,
      count,
      count,
      fc.constantFrom('triangular' as const, 'triangular2' as const, 'expRange' as const),
    )
    .map(([base, more, up, down, mode]) => cyclic({ base, max: base + more, up, down, mode, factor: 0.99 })),
);

describe('properties', () => {
  const steps = fc.array(fc.nat(2000), { minLength: 1, maxLength: 20 });

  it('a rate depends on the step alone, whatever was asked before, and is finite and not negative', () => {
    fc.assert(
      fc.property(plain, steps, (schedule, asked) => {
        const once = asked.map((step) => schedule.at(step));
        const again = [...asked].reverse().map((step) => schedule.at(step));
        expect(again.reverse()).toEqual(once);
        expect(once.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
      }),
    );
  });

  it('gradualWarmup adds the same amount at every step and then starts the schedule', () => {
    fc.assert(
      fc.property(plain, count, share, (schedule, length, from) => {
        const warm = gradualWarmup(schedule, { steps: length, from });
        const first = schedule.at(0);
        const tolerance = 1e-15 * Math.max(first, from, 1e-6);
        for (let step = 0; step < length; step++) {
          const before = step === 0 ? from : warm.at(step - 1);
          expect(Math.abs(warm.at(step) - before - (first - from) / length)).toBeLessThanOrEqual(tolerance);
        }
        expect(Math.abs(warm.at(length - 1) - first)).toBeLessThanOrEqual(tolerance);
        for (let step = length; step < length + 20; step++)
          expect(warm.at(step)).toBe(schedule.at(step - length));
      }),
    );
  });

  it('constantWarmup holds its rate and then starts the schedule', () => {
    fc.assert(
      fc.property(plain, count, rate, (schedule, length, lr) => {
        const warm = constantWarmup(schedule, { lr, steps: length });
        for (let step = 0; step < length; step++) expect(warm.at(step)).toBe(lr);
        for (let step = length; step < length + 20; step++)
          expect(warm.at(step)).toBe(schedule.at(step - length));
      }),
    );
  });

  it('sequential gives every step to one schedule, counted from where it took over', () => {
    fc.assert(
      fc.property(
        fc.array(plain, { minLength: 1, maxLength: 4 }),
        fc.array(count, { minLength: 3, maxLength: 3 }),
        (parts, gaps) => {
          const at = gaps
            .slice(0, parts.length - 1)
            .map((_, i) => gaps.slice(0, i + 1).reduce((a, b) => a + b));
          const joined = sequential(parts, { at });
          for (let step = 0; step < 700; step += 3) {
            const index = at.filter((start) => start <= step).length;
            expect(joined.at(step)).toBe(parts[index].at(step - (index === 0 ? 0 : at[index - 1])));
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('where PyTorch ends', () => {
  it('cosine stays at its minimum, where PyTorch climbs again', () => {
    const schedule = cosine(0.1, { steps: 10, min: 0.001 });
    expect([10, 11, 15, 20, 1e9].map((step) => schedule.at(step))).toEqual([
      0.001, 0.001, 0.001, 0.001, 0.001,
    ]);
  });

  it('oneCycle stays at its last rate, where PyTorch raises an error', () => {
    const schedule = oneCycle({ max: 1, steps: 10, divFactor: 10, finalDivFactor: 100 });
    expect([9, 10, 11, 1e9].map((step) => schedule.at(step))).toEqual([0.001, 0.001, 0.001, 0.001]);
  });

  it('oneCycle takes a rise of a single step, where PyTorch divides by 0', () => {
    expect(oneCycle({ max: 1, steps: 10, pctStart: 0.1 }).at(0)).toBe(1);
  });

  it('cosineRestarts restarts on the very step, however late', () => {
    const schedule = cosineRestarts(1, { first: 1, multiplier: 3 });
    for (let n = 1; n <= 30; n++) expect(schedule.at((3 ** n - 1) / 2)).toBe(1);
  });
});

describe('warm-ups', () => {
  it('of 0 steps are no warm-up', () => {
    const inner = exponential(0.1, { factor: 0.5 });
    expect(gradualWarmup(inner, { steps: 0 }).at(0)).toBe(0.1);
    expect(constantWarmup(inner, { lr: 0.01, steps: 0 }).at(0)).toBe(0.1);
  });

  it('take a number, a function or a schedule', () => {
    expect(gradualWarmup(0.4, { steps: 4 }).at(0)).toBe(0.1);
    const halving = (step: number) => 2 ** -step;
    expect(constantWarmup(halving, { lr: 0.01, steps: 2 }).at(3)).toBe(0.5);
    expect(constantWarmup(1, { lr: halving, steps: 2 }).at(1)).toBe(0.5);
  });

  it('nest', () => {
    const schedule = gradualWarmup(constantWarmup(exponential(1, { factor: 0.5 }), { lr: 0.2, steps: 2 }), {
      steps: 2,
    });
    expect([0, 1, 2, 3, 4, 5].map((step) => schedule.at(step))).toEqual([0.1, 0.2, 0.2, 0.2, 1, 0.5]);
  });
});

describe('toSchedule', () => {
  it('takes a number, a function and a schedule', () => {
    expect(toSchedule(0.1).at(7)).toBe(0.1);
    expect(toSchedule((step) => step + 1).at(7)).toBe(8);
    const schedule = constant(0.1);
    expect(toSchedule(schedule)).toBe(schedule);
  });

  it('calls the methods of a schedule as methods', () => {
    class Inverse implements Schedule {
      readonly scale = 3;
      at(step: number): number {
        return this.scale / (step + 1);
      }
    }
    expect(gradualWarmup(new Inverse(), { steps: 1 }).at(3)).toBe(1);
  });

  it('says which step a function gave no rate for', () => {
    expect(() => toSchedule((step) => 1 - step).at(2)).toThrow(
      new RangeError('lr at step 2 must be a finite number of at least 0, got -1'),
    );
    expect(() => toSchedule(() => Number.NaN, 'groups[1].lr').at(0)).toThrow(
      /groups\[1\]\.lr at step 0 .*got NaN/,
    );
  });
});

it('a schedule keeps its own copy of the milestones', () => {
  const at = [2, 4];
  const decay = multiStep(1, { at });
  const joined = sequential([1, 2, 3], { at });
  at[0] = 100;
  expect(decay.at(2)).toBe(0.1);
  expect(joined.at(2)).toBe(2);
});
