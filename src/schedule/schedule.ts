import { checkAtLeast, checkInteger, checkObject, show } from '../core/validate.js';

/** What survives `JSON.parse(JSON.stringify(...))` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The state of a metric-driven schedule. */
export type ScheduleState = { readonly [key: string]: Json };

/**
 * A learning rate that depends on the step only, and for metric-driven schedules also on the metrics seen so far.
 *
 * A schedule holds no step counter and nothing is attached to the optimizer, so there is no order to get wrong and
 * resuming needs the step count alone. `observe`, `stateDict` and `loadStateDict` come together or not at all.
 */
export interface Schedule {
  /**
   * The rate for a step; the first `step()` of an optimizer uses `at(0)`. In closed form: no call depends on an earlier one.
   * @throws RangeError if `step` is negative or not finite.
   */
  at(step: number): number;
  /**
   * Metric-driven schedules only: tells the metric measured after `step` steps were taken. It may change the rates from
   * `at(step)` on, never an earlier one.
   */
  observe?(metric: number, step: number): void;
  /** Metric-driven schedules only: a plain JSON-able copy of the state, saved with the optimizer's. */
  stateDict?(): ScheduleState;
  /** Metric-driven schedules only: restores what `stateDict()` gave. The state is checked wholly before anything changes. */
  loadStateDict?(state: unknown): void;
}

/** Whatever may stand where a learning rate is taken. */
export type LearningRate = number | Schedule | ((step: number) => number);

const METRIC_METHODS = ['observe', 'stateDict', 'loadStateDict'] as const;

/** A number becomes a constant schedule, a function of the step becomes `at`, a schedule stays itself. */
export function toSchedule(lr: LearningRate, name = 'lr'): Schedule {
  if (typeof lr === 'number') {
    checkAtLeast(name, lr, 0);
    return fromRate(() => lr, name);
  }
  if (typeof lr === 'function') return fromRate(lr, name);
  checkSchedule(name, lr);
  return lr;
}

/** The schedule whose rate at a step is `rate(step)`, with the step and the rate checked. */
export function fromRate(rate: (step: number) => number, name = 'lr'): Schedule {
  return {
    at(step) {
      checkAtLeast('step', step, 0);
      const value = rate(step);
      // Asked for at every step: the name in the error is made where there is one.
      if (!(value >= 0 && value < Infinity)) checkAtLeast(`${name} at step ${step}`, value, 0);
      return value;
    },
  };
}

function checkSchedule(name: string, value: unknown): asserts value is Schedule {
  const expected = `${name} must be a number, a schedule or a function of the step`;
  // Arrays and typed arrays have an `at` method too.
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new TypeError(`${expected}, got ${show(value)}`);
  }
  if (!hasMethod(value, 'at')) throw new TypeError(`${expected}, got an object without at(step)`);
  const missing = METRIC_METHODS.filter((method) => !hasMethod(value, method));
  if (missing.length > 0 && missing.length < METRIC_METHODS.length) {
    throw new TypeError(
      `${name} is a metric-driven schedule and must have ${METRIC_METHODS.join(', ')}, but ${missing.join(', ')} is missing`,
    );
  }
}

function hasMethod(value: object, method: string): boolean {
  return typeof Reflect.get(value, method) === 'function';
}

/** Steps at which something changes: integers of at least 0, each greater than the one before. */
export function checkMilestones(name: string, value: unknown): asserts value is readonly number[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array of steps, got ${show(value)}`);
  for (const [i, step] of value.entries()) {
    checkInteger(`${name}[${i}]`, step, i === 0 ? 0 : value[i - 1] + 1);
  }
}

/** The states of several schedules, in order: `null` for one that depends on the step only. */
export function scheduleStates(schedules: readonly Schedule[]): (ScheduleState | null)[] {
  return schedules.map((schedule) => schedule.stateDict?.() ?? null);
}

/** Restores what {@link scheduleStates} gave: all of them, or none and an error. */
export function loadScheduleStates(name: string, schedules: readonly Schedule[], states: unknown): void {
  if (!Array.isArray(states) || states.length !== schedules.length) {
    throw new TypeError(
      `${name} must be an array of ${schedules.length} schedule states, got ${show(states)}`,
    );
  }
  const before = scheduleStates(schedules);
  try {
    schedules.forEach((schedule, i) => {
      loadScheduleState(`${name}[${i}]`, schedule, states[i]);
    });
  } catch (error) {
    schedules.forEach((schedule, i) => {
      schedule.loadStateDict?.(before[i]);
    });
    throw error;
  }
}

function loadScheduleState(name: string, schedule: Schedule, state: unknown): void {
  if (schedule.loadStateDict !== undefined) {
    checkObject(name, state);
    schedule.loadStateDict(state);
  } else if (state !== null) {
    throw new TypeError(`${name} must be null as this schedule keeps no state, got ${show(state)}`);
  }
}
