import { checkNumber, show } from '../core/validate.js';
import type { CommonOptions } from './common-options.js';
import type { ParameterUpdate, UpdateDefinition } from './definition.js';
import { type Group, type ParameterReader, type ParameterState, tellWritten } from './group.js';
import { RowStep } from './rows.js';
import { refuseRows, stateArray, stateForms } from './states.js';

/** What a closure returns: the loss, as a number or as a tensor of one. */
export type Loss = number | { item(): number };

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

interface Entry<Options> {
  readonly state: ParameterState;
  readonly update: Mutable<ParameterUpdate<Options>>;
}

/** Steps that an optimizer takes in TypeScript, over plain arrays. */
export class UpdateStep<Options extends CommonOptions> {
  readonly #definition: UpdateDefinition<Options>;
  readonly #reader: ParameterReader;
  readonly #entries = new Map<ParameterState, Entry<Options>>();
  /** Those of this step. */
  readonly #rowSteps: RowStep[] = [];

  constructor(definition: UpdateDefinition<Options>, reader: ParameterReader) {
    this.#definition = definition;
    this.#reader = reader;
  }

  /**
   * @param loss what the closure returned
   * @returns what has stepped.
   */
  take(
    groups: readonly Group<Options>[],
    steps: number,
    loss: Loss | undefined,
    closure: (() => Loss) | undefined,
  ): readonly { readonly states: readonly ParameterState[] }[] {
    const entries = this.#collect(groups, steps);
    const states = entries.map(({ state }) => state);
    for (const rowStep of this.#rowSteps) rowStep.gather();
    const again =
      closure === undefined || loss === undefined
        ? undefined
        : { loss: numberOf(loss), evaluate: () => this.#evaluate(closure, groups, entries) };
    try {
      this.#definition.update(
        entries.map(({ update }) => update),
        again,
      );
      for (const rowStep of this.#rowSteps) rowStep.scatter();
    } finally {
      // What was written before an error is there.
      tellWritten(states);
    }
    return [{ states }];
  }

  #collect(groups: readonly Group<Options>[], steps: number): Entry<Options>[] {
    this.#rowSteps.length = 0;
    const entries = groups.flatMap((group) =>
      group.states
        .filter((state) => this.#reader.read(state))
        .map((state) => this.#entryOf(group, state, group.schedule.at(steps))),
    );
    this.#reader.checkDisjoint(groups);
    return entries;
  }

  #entryOf(group: Group<Options>, state: ParameterState, lr: number): Entry<Options> {
    const { value, grad, key, rowGrad } = state;
    const { options } = group;
    const [lengths] = stateForms(this.#definition, group, state);
    for (const [name, length] of Object.entries(lengths)) {
      stateArray(this.#definition, group, state, name, length);
    }
    const step = state.step + 1;
    let entry = this.#entries.get(state);
    if (entry === undefined) {
      const { shape, arrays: states } = state;
      const update = { name: key, value, grad: grad ?? value, shape, states, options, lr, step };
      entry = { state, update };
      this.#entries.set(state, entry);
    }
    Object.assign(entry.update, { value, states: state.arrays, options, lr, step });
    if (grad) entry.update.grad = grad;
    if (rowGrad) this.#stepRows(entry);
    return entry;
  }

  /** Puts the rows that have a gradient in the place of the table. */
  #stepRows({ state, update }: Entry<Options>): void {
    const { rowGrad, arrays } = state;
    if (!rowGrad) return;
    if (this.#definition.elementwise !== true) refuseRows(this.#definition.name, state);
    state.rowStep ??= new RowStep(`parameter ${show(state.key)}`);
    this.#rowSteps.push(state.rowStep);
    const names = Object.keys(arrays);
    const tables = names.map((name) => arrays[name]);
    const [value, grad, ...parts] = state.rowStep.prepare(state.value, rowGrad, tables);
    const states = Object.fromEntries(names.map((name, i) => [name, parts[i]]));
    Object.assign(update, { value, grad, states });
  }

  /** The loss where the parameters are now; their gradients are in the same updates. */
  #evaluate(
    closure: () => Loss,
    groups: readonly Group<Options>[],
    entries: readonly Entry<Options>[],
  ): number {
    tellWritten(entries.map(({ state }) => state));
    const loss = numberOf(closure());
    for (const { state, update } of entries) {
      this.#reader.read(state);
      if (!state.grad) {
        throw new TypeError(`parameter ${show(state.key)} must have a grad after every call of the closure`);
      }
      update.value = state.value;
      update.grad = state.grad;
    }
    this.#reader.checkDisjoint(groups);
    return loss;
  }
}

function numberOf(loss: Loss): number {
  const number: unknown = typeof loss === 'object' ? loss?.item() : loss;
  // A search along a line has to see a loss that is not finite.
  checkNumber('the loss that the closure returns', number);
  return number;
}
