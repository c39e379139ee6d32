import { RULES, type RuleName } from '../backend/contract/rules.js';
import { zerosLike } from '../core/float-arrays.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';
import type { CommonOptions } from './common-options.js';
import type { Definition } from './definition.js';
import type { Group, ParameterState } from './group.js';
import type { StateLengths } from './state-dict.js';

/** The names of each rule's states: its operands after the parameter and the gradient. */
const STATE_NAMES = new Map<RuleName, readonly string[]>(
  Object.entries(RULES).map(([rule, { operands }]) => [rule as RuleName, operands.slice(2)]),
);

export function stateNames(rule: RuleName): readonly string[] {
  return STATE_NAMES.get(rule) ?? [];
}

/** What a parameter may have for states: one set of them, or several where its rule changes with time. */
export function stateForms<Options extends CommonOptions>(
  definition: Definition<Options>,
  group: Group<Options>,
  state: ParameterState,
): readonly StateLengths[] {
  const { options } = group;
  const alike = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, state.length]));
  if (!('update' in definition)) {
    const rules = definition.rules?.(options) ?? [definition.rule(options, state, group)];
    return rules.map((rule) => alike(stateNames(rule)));
  }
  return [definition.stateLengths?.(options, state.shape) ?? alike(definition.states ?? [])];
}

/** A state, made where it is not there yet. */
export function stateArray<Options extends CommonOptions>(
  definition: Definition<Options>,
  { options }: Group<Options>,
  state: ParameterState,
  name: string,
  length: number,
): FloatArray {
  // Of the length its parameter had when that was checked: a learning rate may have taken it away since.
  state.arrays[name] ??= zerosLike(state.value, length);
  const array = state.arrays[name];
  if (state.step === 0) {
    const initial = definition.initial?.(options, name) ?? 0;
    if (initial !== 0) array.fill(initial);
  }
  return array;
}

/** Of an optimizer that cannot step single rows of a table. */
export function refuseRows(optimizer: string, { key }: ParameterState): never {
  throw new TypeError(
    `parameter ${show(key)} has a rowGrad, which ${optimizer} cannot use, as every step of it takes all weights: use ` +
      'another optimizer, or new Embedding(..., { sparse: false })',
  );
}
