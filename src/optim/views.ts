import { show } from '../core/validate.js';
import type { OptimizerOptions } from './common-options.js';
import type { Definition, ParameterUpdate } from './definition.js';
import { type ParameterState, rateOf, stateArray } from './parameter-state.js';
import { RowStep, refuseRows } from './rows.js';

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What a definition sees of the parameters: an object for each, made once. */
export class ParameterViews<Options extends OptimizerOptions, Memory extends object> {
  readonly #definition: Definition<Options, Memory>;
  readonly #views = new Map<ParameterState<Options, Memory>, Mutable<ParameterUpdate<Options, Memory>>>();
  /** Of the parameters in the last call of `of` that have a gradient by rows. */
  readonly rowSteps: RowStep[] = [];

  constructor(definition: Definition<Options, Memory>) {
    this.#definition = definition;
  }

  /** The views of parameters as the optimizer's step finds them, after `steps` others. */
  of(
    states: readonly ParameterState<Options, Memory>[],
    steps: number,
  ): readonly Mutable<ParameterUpdate<Options, Memory>>[] {
    this.rowSteps.length = 0;
    let lr = 0;
    return states.map((state, i) => {
      const last = states[i - 1];
      const isAlike = i > 0 && last.group === state.group && last.scope === state.scope;
      if (!isAlike) lr = rateOf(this.#definition, state, steps);
      return this.#view(state, lr);
    });
  }

  #view(state: ParameterState<Options, Memory>, lr: number): Mutable<ParameterUpdate<Options, Memory>> {
    const { key: name, shape, options, memory, layout } = state;
    layout.names.forEach((_, place) => {
      stateArray(this.#definition, state, place);
    });
    const now = { options, memory, lr, step: state.step + 1, ...this.#arraysOf(state) };
    const view = this.#views.get(state) ?? { name, shape, ...now };
    this.#views.set(state, view);
    return Object.assign(view, now);
  }

  #arraysOf(
    state: ParameterState<Options, Memory>,
  ): Pick<ParameterUpdate<Options, Memory>, 'value' | 'grad' | 'states'> {
    const { value, grad, rowGrad, arrays, layout } = state;
    if (grad) return { value, grad, states: arrays };
    if (!rowGrad || this.#definition.elementwise !== true) refuseRows(this.#definition.name, state.key);
    // The rows that have a gradient stand in the place of the table.
    state.rowStep ??= new RowStep(`parameter ${show(state.key)}`);
    this.rowSteps.push(state.rowStep);
    const tables = layout.names.map((name) => arrays[name]);
    const [rows, values, ...parts] = state.rowStep.prepare(value, rowGrad, tables);
    return {
      value: rows,
      grad: values,
      states: Object.fromEntries(layout.names.map((name, i) => [name, parts[i]])),
    };
  }
}
