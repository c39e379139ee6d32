import { describe, expect, it } from 'vitest';
import * as schedules from '../../src/schedule/index.js';

const {
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
  reduceOnPlateau,
  sequential,
  stepDecay,
  toSchedule,
} = schedules;

/** Calls with arguments that the types do not allow. */
function call(factory: (...args: never[]) => unknown, ...args: readonly unknown[]): () => unknown {
  return () => Reflect.apply(factory, undefined, args);
}

const until = (metric: number) => metric < 0.8;

describe('bad arguments', () => {
  it.each<[() => unknown, typeof TypeError | typeof RangeError, string]>([
    [
      call(toSchedule, '0.1'),
      TypeError,
      'lr must be a number, a schedule or a function of the step, got "0.1"',
    ],
    [
      call(toSchedule, undefined, 'groups[0].lr'),
      TypeError,
      'groups[0].lr must be a number, a schedule or a function of the step, got undefined',
    ],
    [
      call(toSchedule, [0.1]),
      TypeError,
      'lr must be a number, a schedule or a function of the step, got [0.1]',
    ],
    [call(toSchedule, new Float32Array(2)), TypeError, 'got Float32Array(2)'],
    [call(toSchedule, {}), TypeError, 'got an object without at(step)'],
    [
      call(toSchedule, { at: () => 1, observe: () => {} }),
      TypeError,
      'but stateDict, loadStateDict is missing',
    ],
    [call(toSchedule, -1), RangeError, 'lr must be a finite number of at least 0, got -1'],
    [call(toSchedule, Number.NaN), RangeError, 'lr must be a finite number of at least 0, got NaN'],
    [call(constant, () => 1), TypeError, 'lr must be a number, got function'],
    [
      call(constant, Number.POSITIVE_INFINITY),
      RangeError,
      'lr must be a finite number of at least 0, got Infinity',
    ],
    [
      call(stepDecay, 0.1),
      TypeError,
      'stepDecay: options must be an object, got undefined; it has every, factor',
    ],
    [call(stepDecay, 0.1, {}), TypeError, 'every must be a number, got undefined'],
    [call(stepDecay, 0.1, { every: 0 }), RangeError, 'every must be an integer of at least 1, got 0'],
    [call(stepDecay, 0.1, { every: 5, gamma: 0.5 }), TypeError, 'stepDecay has no option "gamma"'],
    [
      call(stepDecay, 0.1, { every: 5, factor: -0.5 }),
      RangeError,
      'factor must be a finite number of at least 0, got -0.5',
    ],
    [call(multiStep, 0.1, { at: 5 }), TypeError, 'at must be an array of steps, got 5'],
    [call(multiStep, 0.1, { at: [3, 3] }), RangeError, 'at[1] must be an integer of at least 4, got 3'],
    [call(multiStep, 0.1, { at: new Array(2) }), TypeError, 'at[0] must be a number, got undefined'],
    [call(multiStep, 0.1, { at: [1], factor: '1' }), TypeError, 'factor must be a number, got "1"'],
    [call(exponential, 0.1, {}), TypeError, 'factor must be a number, got undefined'],
    [call(linear, 0.1, { steps: 1.5 }), RangeError, 'steps must be an integer of at least 1, got 1.5'],
    [call(linear, 0.1, { steps: 5, from: -1 }), RangeError, 'from must be'],
    [call(linear, 0.1, { steps: 5, to: Number.NaN }), RangeError, 'to must be'],
    [call(polynomial, 0.1, { steps: 0 }), RangeError, 'steps must be'],
    [call(polynomial, 0.1, { steps: 5, power: -1 }), RangeError, 'power must be'],
    [call(cosine, 0.1, { steps: 0 }), RangeError, 'steps must be'],
    [call(cosine, 0.1, { steps: 5, min: -1 }), RangeError, 'min must be'],
    [call(cosineRestarts, 0.1, { first: 0 }), RangeError, 'first must be'],
    [call(cosineRestarts, 0.1, { first: 5, multiplier: 1.5 }), RangeError, 'multiplier must be'],
    [call(cosineRestarts, 0.1, { first: 5, min: -1 }), RangeError, 'min must be'],
    [call(oneCycle, { max: -1, steps: 5 }), RangeError, 'max must be'],
    [call(oneCycle, { max: 1, steps: 0 }), RangeError, 'steps must be'],
    [call(oneCycle, { max: 1, steps: 5, pctStart: 1.1 }), RangeError, 'pctStart must be in [0, 1], got 1.1'],
    [
      call(oneCycle, { max: 1, steps: 5, pctStart: 0.6, threePhase: true }),
      RangeError,
      'pctStart must be in [0, 0.5], got 0.6',
    ],
    [
      call(oneCycle, { max: 1, steps: 5, annealStrategy: 'cosine' }),
      RangeError,
      'annealStrategy must be one of "cos", "linear", got "cosine"',
    ],
    [call(oneCycle, { max: 1, steps: 5, divFactor: 0 }), RangeError, 'divFactor must be'],
    [call(oneCycle, { max: 1, steps: 5, finalDivFactor: 0 }), RangeError, 'finalDivFactor must be'],
    [call(oneCycle, { max: 1, steps: 5, threePhase: 1 }), TypeError, 'threePhase must be a boolean, got 1'],
    [call(cyclic, { base: -1, max: 1 }), RangeError, 'base must be'],
    [call(cyclic, { base: 1, max: 0.5 }), RangeError, 'max must be a finite number of at least 1, got 0.5'],
    [call(cyclic, { base: 0, max: 1, up: 0 }), RangeError, 'up must be'],
    [call(cyclic, { base: 0, max: 1, down: 0 }), RangeError, 'down must be'],
    [call(cyclic, { base: 0, max: 1, mode: 'exp_range' }), RangeError, 'mode must be one of'],
    [call(cyclic, { base: 0, max: 1, factor: -1 }), RangeError, 'factor must be'],
    [call(sequential, 0.1, { at: [] }), TypeError, 'schedules must be an array, got 0.1'],
    [
      call(sequential, [0.1, 0.2], { at: [] }),
      RangeError,
      'schedules must be one more than the 0 steps of at, got 2',
    ],
    [call(sequential, [0.1, 'x'], { at: [3] }), TypeError, 'schedules[1] must be a number, a schedule or'],
    [call(gradualWarmup, -0.1, { steps: 5 }), RangeError, 'schedule must be'],
    [call(gradualWarmup, 0.1, { steps: -5 }), RangeError, 'steps must be'],
    [call(gradualWarmup, 0.1, { steps: 5, from: -1 }), RangeError, 'from must be'],
    [call(constantWarmup, 0.1, { steps: 5 }), TypeError, 'lr must be a number, a schedule or'],
    [
      call(constantWarmup, 0.1, { lr: 0.01 }),
      TypeError,
      'constantWarmup takes either steps or until, got undefined and undefined',
    ],
    [
      call(constantWarmup, 0.1, { lr: 0.01, steps: 5, until }),
      TypeError,
      'constantWarmup takes either steps or until, got 5 and function until',
    ],
    [call(constantWarmup, 0.1, { lr: 0.01, steps: 0.5 }), RangeError, 'steps must be'],
    [
      call(constantWarmup, 0.1, { lr: 0.01, until: 0.8 }),
      TypeError,
      'until must be a function of the metric, got 0.8',
    ],
    [call(reduceOnPlateau, 0.1, { mode: 'low' }), RangeError, 'mode must be one of "min", "max", got "low"'],
    [call(reduceOnPlateau, 0.1, { factor: 1 }), RangeError, 'factor must be in [0, 1), got 1'],
    [call(reduceOnPlateau, 0.1, { patience: -1 }), RangeError, 'patience must be'],
    [call(reduceOnPlateau, 0.1, { threshold: -1 }), RangeError, 'threshold must be'],
    [call(reduceOnPlateau, 0.1, { thresholdMode: 'relative' }), RangeError, 'thresholdMode must be one of'],
    [call(reduceOnPlateau, 0.1, { cooldown: 0.5 }), RangeError, 'cooldown must be'],
    [call(reduceOnPlateau, 0.1, { minLr: -1 }), RangeError, 'minLr must be'],
    [call(reduceOnPlateau, 0.1, { eps: -1 }), RangeError, 'eps must be'],
  ])('case %#', (bad, type, message) => {
    expect(bad).toThrow(type);
    expect(bad).toThrow(message);
  });

  const withoutOptions = ['toSchedule', 'constant', 'multiplicative', 'scale'];
  it.each(Object.keys(schedules).filter((name) => !withoutOptions.includes(name)))(
    '%s refuses an option it does not know',
    (name) => {
      const factory: (...args: never[]) => unknown = Reflect.get(schedules, name);
      const options = { unheardOf: 1 };
      const first = name === 'sequential' ? [0.1] : 0.1;
      const alone = /^(oneCycle|cyclic)(Momentum)?$/.test(name);
      expect(call(factory, ...(alone ? [options] : [first, options]))).toThrow(
        `${name} has no option "unheardOf"`,
      );
    },
  );
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('at(%s) is refused by every schedule', (step) => {
  const all = [
    constant(0.1),
    cosine(0.1, { steps: 5 }),
    gradualWarmup(0.1, { steps: 5 }),
    reduceOnPlateau(0.1),
    toSchedule(() => 1),
  ];
  for (const schedule of all) {
    expect(() => schedule.at(step)).toThrow(`step must be a finite number of at least 0, got ${step}`);
  }
});

it('a metric and its step are checked', () => {
  const schedule = constantWarmup(0.1, { lr: 0.01, until });
  expect(call(Object(schedule).observe, '0.5', 3)).toThrow('metric must be a number, got "0.5"');
  expect(call(Object(schedule).observe, 0.5, -3)).toThrow('step must be an integer of at least 0, got -3');
  const vague = constantWarmup(0.1, { lr: 0.01, until: () => Object(1) });
  expect(() => vague.observe?.(0.5, 3)).toThrow('until(metric) must be a boolean, got Number');
  expect(vague.at(3)).toBe(0.01);
});
