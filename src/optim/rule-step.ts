import type { Parameter } from '../array/parameter.js';
import type { RowGradient } from '../array/row-gradient.js';
import { sumTree } from '../backend/contract/reduction-order.js';
import { type Clip, RULES } from '../backend/contract/rules.js';
import { settle } from '../backend/select.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';
import { RepeatedStep, ReusableBatch } from './batches.js';
import type { OptimizerOptions } from './common-options.js';
import { type RuleDefinition, refusePromise, type UpdateRule } from './definition.js';
import {
  type Group,
  type Layout,
  type ParameterState,
  rateOf,
  renewStates,
  type Scope,
  stateArray,
  stateOperand,
  tellWritten,
} from './parameter-state.js';
import { RowStep, refuseRows } from './rows.js';
import { keyOfStep } from './stored-states.js';
import { ParameterViews } from './views.js';

/** Parameters that take the same step: one group's, with the same layout and so rule, step count and scope. */
interface StepBatch<Options extends OptimizerOptions, Memory extends object> {
  readonly batch: ReusableBatch;
  group: Group<Options, Memory>;
  scope: Scope<Options, Memory>;
  layout: Layout;
  rule: UpdateRule;
  step: number;
  /** Those whose dot products the rule gathers, in the order of their operands. */
  readonly states: ParameterState<Options, Memory>[];
}

/** The steps of an optimizer whose update is a rule: one native call for all parameters. */
export class RuleStep<Options extends OptimizerOptions, Memory extends object> {
  readonly #definition: RuleDefinition<Options, Memory>;
  readonly #batches: StepBatch<Options, Memory>[] = [];
  /** How many of them this step has. */
  #used = 0;
  /** Those of this step. */
  readonly #rowSteps: RowStep[] = [];
  readonly #views: ParameterViews<Options, Memory>;
  readonly #repeated = new RepeatedStep();

  constructor(definition: RuleDefinition<Options, Memory>) {
    this.#definition = definition;
    this.#views = new ParameterViews(definition);
  }

  /** Whether a step can clip gradients as it reads them: nobody else does. */
  get clips(): boolean {
    return this.#definition.before === undefined;
  }

  /** Whether a step reads elements, before the kernel that takes it. */
  get reads(): boolean {
    return this.#definition.before !== undefined;
  }

  /** Whether {@link after} reads what the step gave. */
  get readsAfter(): boolean {
    return this.#definition.after !== undefined;
  }

  /**
   * @param states those that take the step
   * @param steps the optimizer's, without it
   * @param clip what it does to gradients
   */
  take(states: readonly ParameterState<Options, Memory>[], steps: number, clip: Clip): void {
    this.#measure(states, steps);
    this.#collect(states, steps, clip);
    // The last that reads what is not the optimizer's own: nothing was taken away since it was found to fit.
    for (const rowStep of this.#rowSteps) rowStep.gather();
    this.#repeated.take(this.#batches.slice(0, this.#used).map(({ batch }) => batch));
    for (const rowStep of this.#rowSteps) rowStep.scatter();
    tellWritten(states);
  }

  /** The dot products that the rule has gathered in the step, of every parameter. */
  dots(): Map<Parameter, readonly number[]> {
    settle();
    const found = new Map<Parameter, readonly number[]>();
    for (const { batch, rule, states } of this.#batches.slice(0, this.#used)) {
      if (RULES[rule].dots === 0) continue;
      let next = 0;
      for (const dots of batch.dotProducts()) found.set(states[next++].parameter, dots);
    }
    return found;
  }

  /**
   * Tells the definition what the step gave.
   * @param steps the optimizer's, with it
   * @param found of all parameters that were stepped, here or by others
   */
  after(
    scopes: readonly Scope<Options, Memory>[],
    steps: number,
    found: ReadonlyMap<Parameter, readonly number[]> = this.dots(),
  ): void {
    if (this.#definition.after === undefined) return;
    for (const { memory, states } of scopes) {
      const stepped = states.filter(({ parameter }) => found.has(parameter));
      if (stepped.length === 0) continue;
      const perTensor = stepped.map(({ parameter }) => found.get(parameter) ?? []);
      const total = (_: number, d: number) => sumTree(Float64Array.from(perTensor, (own) => own[d]));
      const dots = perTensor[0].map(total);
      const { options } = stepped[0];
      const given = { options, memory, steps, dots };
      refusePromise(this.#definition, 'after', this.#definition.after(given));
      for (const state of states) renewStates(this.#definition, state);
    }
  }

  #measure(states: readonly ParameterState<Options, Memory>[], steps: number): void {
    if (this.#definition.before === undefined) return;
    settle();
    refusePromise(this.#definition, 'before', this.#definition.before(this.#views.of(states, steps)));
    for (const state of states) renewStates(this.#definition, state);
  }

  #collect(states: readonly ParameterState<Options, Memory>[], steps: number, clip: Clip): void {
    this.#used = 0;
    if (this.#rowSteps.length > 0) this.#rowSteps.length = 0;
    let first = 0;
    let group: Group<Options, Memory> | null = null;
    for (const state of states) {
      if (state.group !== group) {
        group = state.group;
        // Parameters of two groups may take turns: those without a weight decay, say, and the others.
        first = this.#firstOf(group);
      }
      const { batch, rule, states: measured } = this.#batchFor(state, first, steps, clip);
      if (RULES[rule].dots > 0) measured.push(state);
      const { value, grad, rowGrad, layout } = state;
      if (rowGrad) {
        for (const operand of this.#rowOperands(state, rule, rowGrad)) batch.add(operand);
        continue;
      }
      batch.add(value);
      if (grad) batch.add(grad);
      for (let i = 0; i < layout.names.length; i++) batch.add(stateOperand(this.#definition, state, i));
    }
    for (let b = 0; b < this.#used; b++) this.#batches[b].batch.finish();
  }

  /** The place of the first batch of this step that a group has, or could have. */
  #firstOf(group: Group<Options, Memory>): number {
    for (let b = 0; b < this.#used; b++) if (this.#batches[b].group === group) return b;
    return this.#used;
  }

  /** The batch of this step, the `first` one or later, that the parameter belongs to; else a new one. */
  #batchFor(
    state: ParameterState<Options, Memory>,
    first: number,
    steps: number,
    clip: Clip,
  ): StepBatch<Options, Memory> {
    const { group, scope, layout, options, memory } = state;
    const step = state.step + 1;
    for (let b = first; b < this.#used; b++) {
      const batch = this.#batches[b];
      const isAlike = batch.group === group && batch.layout === layout;
      if (isAlike && batch.step === step && batch.scope === scope) return batch;
    }
    const rule = this.#definition.rule(options, memory);
    this.#batches[this.#used] ??= {
      batch: new ReusableBatch(),
      group,
      layout,
      rule,
      step,
      scope,
      states: [],
    };
    const batch = this.#batches[this.#used];
    batch.group = group;
    batch.layout = layout;
    batch.rule = rule;
    batch.step = step;
    batch.scope = scope;
    if (batch.states.length > 0) batch.states.length = 0;
    const rate = rateOf(this.#definition, state, steps);
    const scalars = this.#definition.scalars(options, rate, step, memory, steps + 1);
    batch.batch.start(rule, scalars, clip, layout.packing === null ? undefined : keyOfStep(step));
    this.#used++;
    return batch;
  }

  /** What takes the step in the place of a parameter of which some rows have a gradient, and its states. */
  #rowOperands(state: ParameterState<Options, Memory>, rule: UpdateRule, rowGrad: RowGradient): FloatArray[] {
    if (RULES[rule].dots > 0) refuseRows(this.#definition.name, state.key);
    if (state.layout.packing !== null) {
      throw new TypeError(
        `parameter ${show(state.key)} has a rowGrad, which needs states in float32: give it a group with stateDtype 'float32'`,
      );
    }
    const arrays = state.layout.names.map((_, i) => stateArray(this.#definition, state, i));
    state.rowStep ??= new RowStep(`parameter ${show(state.key)}`);
    this.#rowSteps.push(state.rowStep);
    return state.rowStep.prepare(state.value, rowGrad, arrays);
  }
}
