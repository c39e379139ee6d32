import type { PackedArray } from '../backend/contract/storage.js';
import { pack, packedZeros, stateZeros, unpack } from '../backend/memory.js';
import { settle } from '../backend/select.js';
import type { Copying } from '../core/copied-state.js';
import { isLike } from '../core/dtypes.js';
import { lengthOf } from '../core/float-arrays.js';
import type { ElementCopy } from '../core/loading.js';
import type { FloatArray } from '../core/types.js';
import { checkInteger, checkObject, show } from '../core/validate.js';
import { type Json, type ScheduleState, scheduleStates } from '../schedule/schedule.js';
import type { OptimizerOptions } from './common-options.js';
import type { Definition, MemoryDefinition } from './definition.js';
import type { ParameterGroups } from './groups.js';
import { type Layout, layoutOf, type ParameterState, type Scope } from './parameter-state.js';

/** What `stateDict()` gives: plain objects and typed arrays that share nothing with the optimizer. */
export interface OptimizerState {
  readonly optimizer: string;
  /** How often `step()` was called. */
  readonly steps: number;
  /** By the names of the parameters, `#` and its position for one without. */
  readonly parameters: Readonly<Record<string, ParameterStateDict>>;
  /** The state of a metric-driven schedule, null for others: the learning rate's of every group, and then of what else is a schedule in them. */
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

export function writeState<Options extends OptimizerOptions, Memory extends object>(
  { name, memory }: Definition<Options, Memory>,
  { states, scopes, schedules }: ParameterGroups<Options, Memory>,
  steps: number,
  copying: Copying,
): OptimizerState {
  settle();
  const entries = states.map(
    (state) => [state.key, { step: state.step, arrays: copyArrays(state, copying) }] as const,
  );
  return {
    optimizer: name,
    steps,
    parameters: Object.fromEntries(entries),
    schedules: scheduleStates(schedules),
    extra: memory === undefined ? null : { [memory.name]: scopes.map(copyMemory) },
  };
}

export interface LoadedState {
  readonly steps: number;
  readonly schedules: unknown;
  /** What is to be copied first. */
  readonly copies: readonly ElementCopy[];
  /** Puts the arrays, the step counts and the memories in place. Cannot fail. */
  apply(): void;
}

/**
 * Checks a state dictionary against the optimizer's parameters, changing nothing.
 * @param inPlace whether the arrays that are there are to be written to: `value` must then share no memory with them.
 */
export function readState<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  { states, scopes }: ParameterGroups<Options, Memory>,
  value: unknown,
  inPlace: boolean,
): LoadedState {
  checkObject('state', value);
  // Each field is read once: what is used is what was checked.
  const { optimizer: name, steps, parameters, schedules, extra } = value;
  if (name !== definition.name) {
    throw new TypeError(`state.optimizer must be ${show(definition.name)}, got ${show(name)}`);
  }
  checkInteger('state.steps', steps, 0);
  checkObject('state.parameters', parameters);
  const saved = new Map(Object.entries(parameters));
  checkNames([...saved.keys()], states);

  const memories = readMemories(definition.memory, scopes, extra);
  const loaded = states.map((state) => {
    const memory = memories.get(state.scope) ?? state.memory;
    const layout = layoutOf(definition, state.options, memory, state.shape);
    return { state, layout, ...readParameterState(state, saved.get(state.key), layout, inPlace) };
  });
  return {
    steps,
    schedules,
    copies: loaded.flatMap(({ copies }) => copies),
    apply() {
      for (const [scope, memory] of memories) scope.memory = memory;
      for (const { state, layout, step, arrays, packings } of loaded) {
        const packed = packings.map(({ array, numbers, to }) => [array, packedFrom(numbers, to)]);
        Object.assign(state, { layout, step, arrays, packed: Object.fromEntries(packed) });
      }
    },
  };
}

function readMemories<Options extends OptimizerOptions, Memory extends object>(
  definition: MemoryDefinition<Options, Memory> | undefined,
  scopes: readonly Scope<Options, Memory>[],
  extra: unknown,
): Map<Scope<Options, Memory>, Memory> {
  if (definition === undefined) return new Map();
  checkObject('state.extra', extra);
  const all = `state.extra.${definition.name}`;
  const saved = extra[definition.name];
  if (!Array.isArray(saved) || saved.length !== scopes.length) {
    throw new TypeError(`${all} must be an array of ${scopes.length} ${definition.name}, got ${show(saved)}`);
  }
  return new Map(
    scopes.map((scope, i) => {
      const name = `${all}[${i}]`;
      const given: unknown = structuredClone(saved[i]);
      checkObject(name, given);
      const { key, ...fields } = given;
      if (key !== scope.key) throw new RangeError(`${name}.key must be ${show(scope.key)}, got ${show(key)}`);
      return [scope, definition.read(name, fields)];
    }),
  );
}

function checkNames(saved: readonly string[], states: readonly { readonly key: string }[]): void {
  const known = new Set(states.map(({ key }) => key));
  const missing = [...known].filter((key) => !saved.includes(key));
  const unknown = saved.filter((key) => !known.has(key));
  if (missing.length > 0 || unknown.length > 0) {
    throw new RangeError(
      `state.parameters must have the optimizer's names: missing ${show(missing)}, unknown ${show(unknown)}`,
    );
  }
}

interface ReadState {
  readonly step: number;
  readonly arrays: Record<string, FloatArray>;
  readonly copies: readonly ElementCopy[];
  /** What is packed, once it has been copied. */
  readonly packings: readonly {
    readonly array: string;
    readonly numbers: FloatArray;
    readonly to: PackedArray;
  }[];
}

function readParameterState<Options extends OptimizerOptions, Memory extends object>(
  state: ParameterState<Options, Memory>,
  value: unknown,
  { names, lengths, packing }: Layout,
  inPlace: boolean,
): ReadState {
  const name = `state.parameters[${show(state.key)}]`;
  checkObject(name, value);
  const { step, arrays: given } = value;
  checkInteger(`${name}.step`, step, 0);
  checkObject(`${name}.arrays`, given);
  const saved = new Map(Object.entries(given));
  const fits = saved.size === names.length && names.every((array) => saved.has(array));
  if (!fits && !(step === 0 && saved.size === 0)) {
    throw new RangeError(
      `${name}.arrays must be ${show(names)} with these options, got ${show([...saved.keys()].sort())}`,
    );
  }
  const found = Array.from(saved, ([array, from]) => {
    const place = names.indexOf(array);
    const length = lengths?.[place] ?? state.length;
    const own = inPlace ? state.arrays[array] : undefined;
    const isThere = own !== undefined && isLike(own, state.value) && lengthOf(own) === length;
    const into = isThere ? own : stateZeros(state.parameter.value, place, length);
    checkFits(`${name}.arrays.${array}`, from, into);
    return { array, from, into };
  });
  const copies = found.filter(({ into }) => into.length > 0);
  if (packing === null) {
    const arrays = Object.fromEntries(found.map(({ array, into }) => [array, into]));
    return { step, arrays, copies, packings: [] };
  }
  const packings = found.map(({ array, into }) => {
    const place = names.indexOf(array);
    const to = packedZeros(packing[place], state.parameter.value, place, state.length);
    return { array, numbers: into, to };
  });
  return { step, arrays: {}, copies, packings };
}

function packedFrom(numbers: FloatArray, to: PackedArray): PackedArray {
  // `checkStorable` has refused parameters of other types.
  if (numbers instanceof Float32Array) pack(numbers, to, null, 0);
  return to;
}

function checkFits(name: string, data: unknown, into: FloatArray): asserts data is FloatArray {
  if (!isLike(data, into)) {
    throw new TypeError(`${name} must be a ${into.constructor.name}, got ${show(data)}`);
  }
  if (lengthOf(data) !== into.length) {
    throw new RangeError(`${name} must have ${into.length} elements, got ${lengthOf(data)}`);
  }
}

function copyMemory<Memory extends object>({
  key,
  memory,
}: {
  readonly key: string;
  readonly memory: Memory;
}) {
  return { key, ...structuredClone(memory) };
}

/** Packed states are unpacked: what has their numbers has their bits, and every dtype can go on with them. */
function copyArrays<Options extends OptimizerOptions, Memory extends object>(
  { arrays, packed, length }: ParameterState<Options, Memory>,
  copying: Copying,
): Record<string, FloatArray> {
  return Object.fromEntries([
    ...Object.entries(arrays).map(([name, data]) => [name, copying.copy(data)] as const),
    ...Object.entries(packed).map(
      ([name, data]) => [name, unpack(data, copying.take('float32', length))] as const,
    ),
  ]);
}
