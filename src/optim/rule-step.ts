import type { RowGradient } from '../array/row-gradient.js';
import { RULES, type RuleName } from '../backend/contract/rules.js';
import { kernels } from '../backend/select.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';
import { ReusableBatch, type StepBatch } from './batches.js';
import type { CommonOptions } from './common-options.js';
import type { RuleDefinition } from './definition.js';
import { type Group, type ParameterReader, type ParameterState, tellWritten } from './group.js';
import { RowStep } from './rows.js';
import { refuseRows, stateArray, stateNames } from './states.js';

/** The learning rate of a parameter's step after `steps` others. */
export function rateOf<Options extends CommonOptions>(
  definition: RuleDefinition<Options>,
  group: Group<Options>,
  state: ParameterState,
  steps: number,
): number {
  const scheduled = group.schedule.at(steps);
  return definition.rate?.(scheduled, state, group) ?? scheduled;
}

/** Steps by a rule of the kernels: whatever has the same scalars in one batch, all batches in one call. */
export class RuleStep<Options extends CommonOptions> {
  readonly #definition: RuleDefinition<Options>;
  readonly #reader: ParameterReader;
  readonly #batches: StepBatch<Options>[] = [];
  /** Those of this step. */
  readonly #rowSteps: RowStep[] = [];

  constructor(definition: RuleDefinition<Options>, reader: ParameterReader) {
    this.#definition = definition;
    this.#reader = reader;
  }

  /** @returns what has stepped. */
  take(groups: readonly Group<Options>[], steps: number): readonly StepBatch<Options>[] {
    const batches = this.#collect(groups, steps);
    // The last that reads what is not the optimizer's own: nothing was taken away since it was found to fit.
    for (const rowStep of this.#rowSteps) rowStep.gather();
    kernels().step(batches.map(({ batch }) => batch));
    for (const rowStep of this.#rowSteps) rowStep.scatter();
    for (const { states } of batches) tellWritten(states);
    return batches;
  }

  #collect(groups: readonly Group<Options>[], steps: number): readonly StepBatch<Options>[] {
    let used = 0;
    this.#rowSteps.length = 0;
    for (const group of groups) {
      const first = used;
      for (const state of group.states) {
        if (!this.#reader.read(state)) continue;
        const found = this.#batchFor(group, state, steps, first, used);
        if (found === used) used++;
        const { batch, rule, states } = this.#batches[found];
        states.push(state);
        const { value, grad, rowGrad } = state;
        if (rowGrad) {
          for (const operand of this.#rowOperands(group, state, rule, rowGrad)) batch.add(operand);
          continue;
        }
        batch.add(value);
        if (grad) batch.add(grad);
        for (const name of stateNames(rule)) {
          batch.add(stateArray(this.#definition, group, state, name, state.length));
        }
      }
    }
    const batches = this.#batches.slice(0, used);
    for (const { batch } of batches) batch.finish();
    this.#reader.checkDisjoint(groups);
    return batches;
  }

  /** The index of the batch of this step, between `first` and `used`, that the parameter belongs to; else a new one's. */
  #batchFor(
    group: Group<Options>,
    state: ParameterState,
    steps: number,
    first: number,
    used: number,
  ): number {
    const definition = this.#definition;
    const { options } = group;
    const rule = definition.rule(options, state, group);
    const scope = definition.scope?.(state, group);
    const step = state.step + 1;
    for (let b = first; b < used; b++) {
      const batch = this.#batches[b];
      if (batch.rule === rule && batch.step === step && batch.scope === scope) return b;
    }
    this.#batches[used] ??= { batch: new ReusableBatch(), group, rule, step, scope, states: [] };
    const batch = this.#batches[used];
    Object.assign(batch, { group, rule, step, scope });
    batch.states.length = 0;
    const rate = rateOf(definition, group, state, steps);
    batch.batch.start(rule, definition.scalars(options, rate, step, state, group));
    return used;
  }

  /** What takes the step in the place of a parameter of which some rows have a gradient, and its states. */
  #rowOperands(
    group: Group<Options>,
    state: ParameterState,
    rule: RuleName,
    rowGrad: RowGradient,
  ): FloatArray[] {
    if (RULES[rule].dots > 0) refuseRows(this.#definition.name, state);
    const arrays = stateNames(rule).map((name) =>
      stateArray(this.#definition, group, state, name, state.length),
    );
    state.rowStep ??= new RowStep(`parameter ${show(state.key)}`);
    this.#rowSteps.push(state.rowStep);
    return state.rowStep.prepare(state.value, rowGrad, arrays);
  }
}
