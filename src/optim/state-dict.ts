import { isLike } from '../core/dtypes.js';
import { copyOf } from '../core/float-arrays.js';
import type { FloatArray } from '../core/types.js';
import { checkInteger, checkObject, show } from '../core/validate.js';
import { type Json, type ScheduleState, scheduleStates } from '../schedule/schedule.js';
import type { Group, ParameterState } from './group.js';

/** What `stateDict()` gives: plain objects and typed arrays that share nothing with the optimizer. */
export interface OptimizerState {
  readonly optimizer: string;
  /** How often `step()` was called. */
  readonly steps: number;
  /** By the names of the parameters, `#` and its position for one without. */
  readonly parameters: Readonly<Record<string, ParameterStateDict>>;
  /** One entry per group: the state of a metric-driven schedule, null for others. */
  readonly schedules: readonly (ScheduleState | null)[];
  /** What the optimizer keeps beyond its parameters' state, such as the phase of SWATS; else null. */
  readonly extra: Json;
}

export interface ParameterStateDict {
  /** Steps this parameter has taken. */
  readonly step: number;
  /** The moments, velocities ... by name. */
  readonly arrays: Readonly<Record<string, FloatArray>>;
}

export function writeState(
  optimizer: string,
  steps: number,
  groups: readonly Group<unknown>[],
  extra: Json,
): OptimizerState {
  const entries = groups.flatMap(({ states }) =>
    states.map(({ key, step, arrays }) => [key, { step, arrays: copyArrays(arrays) }] as const),
  );
  return {
    optimizer,
    steps,
    parameters: Object.fromEntries(entries),
    schedules: scheduleStates(groups.map(({ schedule }) => schedule)),
    extra,
  };
}

/** The length of every state of a parameter, by name. */
export type StateLengths = Readonly<Record<string, number>>;

export interface LoadedState {
  readonly steps: number;
  readonly schedules: unknown;
  readonly extra: unknown;
  /** Puts copies of the arrays and the step counts in place. Cannot fail. */
  apply(): void;
}

/**
 * Checks a state dictionary against the optimizer's groups, changing nothing.
 * @param allowed what a parameter may have for states: their names and lengths
 */
export function readState<Options>(
  optimizer: string,
  groups: readonly Group<Options>[],
  value: unknown,
  allowed: (group: Group<Options>, state: ParameterState) => readonly StateLengths[],
): LoadedState {
  checkObject('state', value);
  // Each field is read once: what is used is what was checked.
  const { optimizer: name, steps, parameters, schedules, extra } = value;
  if (name !== optimizer) {
    throw new TypeError(`state.optimizer must be ${show(optimizer)}, got ${show(name)}`);
  }
  checkInteger('state.steps', steps, 0);
  checkObject('state.parameters', parameters);
  const saved = new Map(Object.entries(parameters));
  const states = groups.flatMap((group) => group.states);
  checkNames([...saved.keys()], states);

  const loaded = groups.flatMap((group) =>
    group.states.map((state) => readParameterState(state, saved.get(state.key), allowed(group, state))),
  );
  return {
    steps,
    schedules,
    extra,
    apply() {
      for (const { state, step, arrays } of loaded) {
        state.step = step;
        state.arrays = arrays;
      }
    },
  };
}

function checkNames(saved: readonly string[], states: readonly ParameterState[]): void {
  const known = new Set(states.map(({ key }) => key));
  const missing = [...known].filter((key) => !saved.includes(key));
  const unknown = saved.filter((key) => !known.has(key));
  if (missing.length > 0 || unknown.length > 0) {
    throw new RangeError(
      `state.parameters must have the optimizer's names: missing ${show(missing)}, unknown ${show(unknown)}`,
    );
  }
}

function readParameterState(
  state: ParameterState,
  value: unknown,
  allowed: readonly StateLengths[],
): { state: ParameterState; step: number; arrays: Record<string, FloatArray> } {
  const name = `state.parameters[${show(state.key)}]`;
  checkObject(name, value);
  const { step, arrays: given } = value;
  checkInteger(`${name}.step`, step, 0);
  checkObject(`${name}.arrays`, given);
  const entries = Object.entries(given);
  const names = entries.map(([array]) => array).sort();
  const form = allowed.find((lengths) => Object.keys(lengths).sort().join() === names.join());
  if (form === undefined && !(step === 0 && names.length === 0)) {
    const expected = allowed.map((lengths) => show(Object.keys(lengths))).join(' or ');
    throw new RangeError(`${name}.arrays must be ${expected} with these options, got ${show(names)}`);
  }
  const arrays: Record<string, FloatArray> = {};
  for (const [array, data] of entries) {
    arrays[array] = copyFitting(`${name}.arrays.${array}`, state, form?.[array] ?? 0, data);
  }
  return { state, step, arrays };
}

function copyFitting(name: string, { parameter }: ParameterState, length: number, data: unknown): FloatArray {
  const { value } = parameter;
  if (!isLike(data, value)) {
    throw new TypeError(`${name} must be a ${value.constructor.name}, got ${show(data)}`);
  }
  const copy = copyOf(data);
  if (copy.length !== length)
    throw new RangeError(`${name} must have ${length} elements, got ${copy.length}`);
  return copy;
}

function copyArrays(arrays: Readonly<Record<string, FloatArray>>): Record<string, FloatArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, copyOf(data)]));
}
