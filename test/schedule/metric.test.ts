import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  constantWarmup,
  cosine,
  exponential,
  gradualWarmup,
  type LearningRate,
  reduceOnPlateau,
  type Schedule,
  sequential,
} from '../../src/schedule/index.js';
import { loadScheduleStates } from '../../src/schedule/schedule.js';

/** A metric-driven schedule that writes down what it is told. */
class Recorder implements Schedule {
  seen: (readonly [number, number])[] = [];
  at(step: number): number {
    return 1 / (step + 1);
  }
  observe(metric: number, step: number): void {
    this.seen.push([metric, step]);
  }
  stateDict() {
    return { seen: this.seen.map((pair) => [...pair]) };
  }
  loadStateDict(state: unknown): void {
    if (typeof state !== 'object' || state === null || !('seen' in state)) throw new TypeError('no record');
    this.seen = structuredClone(state.seen as [number, number][]);
  }
}

/** The metric of step n is n. */
function observeSteps(schedule: Schedule, steps: number): void {
  for (let step = 0; step < steps; step++) schedule.observe?.(step, step);
}

describe('constantWarmup until a metric', () => {
  const resnet = () =>
    constantWarmup(exponential(0.1, { factor: 0.5 }), { lr: 0.01, until: (error) => error < 0.8 });

  it('warms up until the condition holds, then starts the schedule from its step 0', () => {
    const schedule = resnet();
    schedule.observe?.(0.9, 100);
    expect(schedule.at(1e6)).toBe(0.01);
    schedule.observe?.(0.79, 400);
    expect([399, 400, 401].map((step) => schedule.at(step))).toEqual([0.01, 0.1, 0.05]);
  });

  it('jumps once', () => {
    const schedule = resnet();
    schedule.observe?.(0.7, 400);
    schedule.observe?.(0.9, 500);
    schedule.observe?.(0.5, 600);
    expect(schedule.at(402)).toBe(0.025);
  });

  it('takes NaN for a metric that does not meet the condition', () => {
    const schedule = resnet();
    schedule.observe?.(Number.NaN, 10);
    expect(schedule.at(10)).toBe(0.01);
  });
});

describe('reduceOnPlateau', () => {
  it('changes no rate of the past', () => {
    const schedule = reduceOnPlateau(1, { patience: 0, factor: 0.5 });
    schedule.observe?.(1, 10);
    schedule.observe?.(1, 20);
    schedule.observe?.(1, 30);
    expect([0, 19, 20, 29, 30, 99].map((step) => schedule.at(step))).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
  });

  it('multiplies the rate of a schedule, and not below minLr', () => {
    const schedule = reduceOnPlateau(exponential(1, { factor: 0.5 }), {
      patience: 0,
      factor: 0.1,
      minLr: 0.03,
    });
    schedule.observe?.(1, 0);
    schedule.observe?.(1, 1);
    expect([0, 1, 2, 3, 10].map((step) => schedule.at(step))).toEqual([1, 0.05, 0.03, 0.03, 2 ** -10]);
  });

  it('asks for a lower metric when the best is negative, where the formula of PyTorch takes a higher one', () => {
    const options = { patience: 0, factor: 0.5, threshold: 0.01 };
    const worse = reduceOnPlateau(1, options);
    worse.observe?.(-1, 0);
    worse.observe?.(-0.995, 1);
    expect(worse.at(1)).toBe(0.5);
    const better = reduceOnPlateau(1, options);
    better.observe?.(-1, 0);
    better.observe?.(-1.02, 1);
    expect(better.at(1)).toBe(1);
    const higher = reduceOnPlateau(1, { ...options, mode: 'max' });
    higher.observe?.(-1, 0);
    higher.observe?.(-1.005, 1);
    expect(higher.at(1)).toBe(0.5);
  });

  it('takes no infinite or undefined metric for an improvement', () => {
    for (const metric of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      const schedule = reduceOnPlateau(1, { patience: 0, factor: 0.5 });
      schedule.observe?.(metric, 0);
      expect(schedule.at(0)).toBe(0.5);
    }
  });

  it('refuses to go back before a reduction, and changes nothing', () => {
    const schedule = reduceOnPlateau(1, { patience: 0 });
    schedule.observe?.(1, 5);
    schedule.observe?.(1, 6);
    const before = schedule.stateDict?.();
    expect(() => schedule.observe?.(1, 5)).toThrow(
      /step must not be before the last reduction, at step 6, got 5/,
    );
    expect(schedule.stateDict?.()).toEqual(before);
  });
});

describe('a composition', () => {
  it('is metric-driven only if something in it is', () => {
    const plain = sequential([gradualWarmup(0.1, { steps: 5 }), cosine(0.1, { steps: 10 })], { at: [8] });
    expect([plain.observe, plain.stateDict, plain.loadStateDict]).toEqual([undefined, undefined, undefined]);
    expect(gradualWarmup(reduceOnPlateau(0.1), { steps: 5 }).observe).toBeTypeOf('function');
  });

  it('tells a metric to the schedule in force, with the steps that schedule has taken', () => {
    const [first, second] = [new Recorder(), new Recorder()];
    observeSteps(sequential([first, gradualWarmup(second, { steps: 2 })], { at: [3] }), 8);
    expect(first.seen).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(second.seen).toEqual([
      [5, 0],
      [6, 1],
      [7, 2],
    ]);
  });

  it('starts what follows a metric-driven warm-up where that ended', () => {
    const inner = new Recorder();
    const schedule = gradualWarmup(constantWarmup(inner, { lr: 0.5, until: (metric) => metric >= 6 }), {
      steps: 4,
    });
    observeSteps(schedule, 9);
    expect(inner.seen).toEqual([
      [6, 0],
      [7, 1],
      [8, 2],
    ]);
    expect([0, 3, 5, 6, 7].map((step) => schedule.at(step))).toEqual([0.125, 0.5, 0.5, 1, 0.5]);
  });
});

describe('state', () => {
  /** Nested in all the ways there are, from the same options every time. */
  function make(): Schedule {
    const plateau = (lr: LearningRate) => reduceOnPlateau(lr, { patience: 1, factor: 0.5, cooldown: 2 });
    const warm = gradualWarmup(constantWarmup(plateau(1), { lr: 0.1, until: (metric) => metric < 0.5 }), {
      steps: 3,
    });
    return sequential([plateau(cosine(2, { steps: 40 })), reduceOnPlateau(warm, { patience: 9 })], {
      at: [12],
    });
  }

  const metrics = fc.array(
    fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constant(0.7), fc.constant(Number.NaN)),
    {
      minLength: 60,
      maxLength: 60,
    },
  );

  it('saved and restored at any step continues as if nothing had happened', () => {
    fc.assert(
      fc.property(metrics, fc.nat(59), (values, cut) => {
        const whole = make();
        let resumed = make();
        values.forEach((metric, step) => {
          if (step === cut) {
            const saved = JSON.parse(JSON.stringify(resumed.stateDict?.()));
            resumed = make();
            resumed.loadStateDict?.(saved);
          }
          whole.observe?.(metric, step);
          resumed.observe?.(metric, step);
          expect(resumed.at(step)).toBe(whole.at(step));
        });
        expect(JSON.stringify(resumed.stateDict?.())).toBe(JSON.stringify(whole.stateDict?.()));
      }),
      { numRuns: 50 },
    );
  });

  it('after a metric gives the old rates for the steps already taken', () => {
    fc.assert(
      fc.property(metrics, (values) => {
        const schedule = make();
        const taken: number[] = [];
        values.forEach((metric, step) => {
          schedule.observe?.(metric, step);
          expect(taken.map((_, past) => schedule.at(past))).toEqual(taken);
          taken.push(schedule.at(step));
        });
      }),
      { numRuns: 50 },
    );
  });

  it('is a copy', () => {
    const schedule = reduceOnPlateau(1, { patience: 0 });
    schedule.observe?.(1, 0);
    schedule.observe?.(1, 1);
    const saved = schedule.stateDict?.();
    const other = reduceOnPlateau(1, { patience: 0 });
    other.loadStateDict?.(saved);
    const before = JSON.stringify(saved);
    schedule.observe?.(1, 2);
    other.observe?.(1, 3);
    expect(JSON.stringify(saved)).toBe(before);
  });

  const saved = (schedule: Schedule): unknown => JSON.parse(JSON.stringify(schedule.stateDict?.()));
  const warm = (): Schedule =>
    constantWarmup(reduceOnPlateau(1, { patience: 0 }), { lr: 0.1, until: (metric) => metric < 0 });
  const plateauState = (change: object): unknown => ({
    schedule: 'reduceOnPlateau',
    memory: { best: null, bad: 0, cooldownLeft: 0, reducedAt: [], ...change },
    parts: [null],
  });
  const warmState = (jumpedAt: unknown, inner: unknown): unknown => ({
    schedule: 'constantWarmup',
    memory: { jumpedAt },
    parts: [null, inner],
  });

  it.each<[string, unknown, string]>([
    ['no object', null, 'state must be an object, got null'],
    [
      'of another schedule',
      plateauState({}),
      'state.schedule must be "constantWarmup", got "reduceOnPlateau"',
    ],
    [
      'a bad jump',
      warmState(-1, plateauState({})),
      'state.memory.jumpedAt must be an integer of at least 0, got -1',
    ],
    [
      'no memory',
      { schedule: 'constantWarmup', memory: null, parts: [null, plateauState({})] },
      'state.memory must be an object',
    ],
    [
      'no parts',
      { schedule: 'constantWarmup', memory: { jumpedAt: 3 } },
      'state.parts must be an array of 2 schedule states',
    ],
    [
      'too few parts',
      { ...Object(warmState(3, null)), parts: [null] },
      'state.parts must be an array of 2 schedule states',
    ],
    ['an empty part', warmState(3, null), 'state.parts[1] must be an object, got null'],
    [
      'state for a plain part',
      { ...Object(warmState(3, null)), parts: [{}, plateauState({})] },
      'state.parts[0] must be null',
    ],
    ['a bad best', warmState(3, plateauState({ best: 'x' })), 'state.memory.best must be a number, got "x"'],
    [
      'a bad count',
      warmState(3, plateauState({ bad: 0.5 })),
      'state.memory.bad must be an integer of at least 0',
    ],
    ['a bad cooldown', warmState(3, plateauState({ cooldownLeft: -1 })), 'state.memory.cooldownLeft must be'],
    [
      'no reductions',
      warmState(3, plateauState({ reducedAt: 3 })),
      'state.memory.reducedAt must be an array of steps',
    ],
    [
      'reductions out of order',
      warmState(3, plateauState({ reducedAt: [5, 4] })),
      'state.memory.reducedAt[1] must be',
    ],
  ])('%s is refused and nothing changes', (_, state, message) => {
    const schedule = warm();
    observeSteps(schedule, 3);
    schedule.observe?.(-1, 3);
    const before = saved(schedule);
    expect(() => schedule.loadStateDict?.(state)).toThrow(message);
    expect(saved(schedule)).toEqual(before);
  });

  it('with a memory is refused by a warm-up that counts steps', () => {
    const counted = constantWarmup(reduceOnPlateau(1), { lr: 0.1, steps: 5 });
    expect(() => counted.loadStateDict?.(warmState(3, plateauState({})))).toThrow(
      'state.memory must be null, got Object',
    );
  });

  it('of several schedules is restored wholly or not at all', () => {
    const make = () => sequential([reduceOnPlateau(1, { patience: 0 }), warm()], { at: [4] });
    const schedule = make();
    observeSteps(schedule, 8);
    const before = saved(schedule);
    const state = Object(saved(make()));
    state.parts[1].parts[1].memory.bad = -1;
    expect(() => schedule.loadStateDict?.(state)).toThrow('state.memory.bad');
    expect(saved(schedule)).toEqual(before);

    const [first, second] = [new Recorder(), new Recorder()];
    first.observe(1, 1);
    expect(() => loadScheduleStates('schedules', [first, second], [{ seen: [] }, {}])).toThrow('no record');
    expect(first.seen).toEqual([[1, 1]]);
  });
});
