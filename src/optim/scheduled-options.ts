import { checkNumber, show } from '../core/validate.js';
import { type LearningRate, type Schedule, toSchedule } from '../schedule/index.js';
import { checkCommon, type OptimizerOptions, type Resolved } from './common-options.js';
import type { Definition } from './definition.js';

/** An option that depends on the step, or one number of an option that has several. */
export interface ScheduledOption {
  readonly option: string;
  /** Null for an option that is a number. */
  readonly place: number | null;
  /** As messages name it. */
  readonly name: string;
  readonly schedule: Schedule;
}

/** Those of the options that are schedules or functions, where their defaults are numbers. */
export function findScheduled(options: object, defaults: object): ScheduledOption[] {
  const byDefault = new Map<string, unknown>(Object.entries(defaults));
  return Object.entries(options).flatMap(([option, value]): ScheduledOption[] => {
    const usual = byDefault.get(option);
    // The learning rate is a schedule in any case.
    if (option === 'lr') return [];
    if (typeof usual === 'number') return ofNumber(option, null, option, value);
    if (!Array.isArray(usual) || !Array.isArray(value)) return [];
    return value.flatMap((one, place) => ofNumber(option, place, `${option}[${place}]`, one));
  });
}

function ofNumber(option: string, place: number | null, name: string, value: unknown): ScheduledOption[] {
  return dependsOnStep(value) ? [{ option, place, name, schedule: toSchedule(value, name) }] : [];
}

/** Arrays and typed arrays have an `at` method too. What else is no number is for the option's own check to name. */
function dependsOnStep(value: unknown): value is Exclude<LearningRate, number> {
  if (typeof value === 'function') return true;
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isPlain && !ArrayBuffer.isView(value) && 'at' in value;
}

/**
 * The options at a step, checked: a new object, if any of them depends on it.
 * @param options as they are or were at some step
 * @throws TypeError or RangeError naming the option that does not fit, and the step.
 */
export function optionsAt<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  options: Resolved<Options>,
  scheduled: readonly ScheduledOption[],
  steps: number,
): Resolved<Options> {
  if (scheduled.length === 0) return options;
  const now: Record<string, unknown> = { ...options };
  for (const { option, place, name, schedule } of scheduled) {
    const value: unknown = schedule.at(steps);
    checkNumber(`${name} at step ${steps}`, value);
    const others = now[option];
    now[option] = place !== null && Array.isArray(others) ? others.with(place, value) : value;
  }
  const resolved = { ...options, ...now };
  try {
    checkOwn(definition, resolved);
  } catch (error) {
    const problem = error instanceof Error ? error.message : show(error);
    throw new RangeError(`${definition.name} at step ${steps}: ${problem}`, { cause: error });
  }
  return resolved;
}

/** @throws TypeError or RangeError naming the option that does not fit. */
export function checkOwn<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  options: Resolved<Options>,
): void {
  checkCommon(options);
  definition.check?.(options);
}
