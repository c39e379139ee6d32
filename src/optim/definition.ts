import type { Parameter } from '../array/parameter.js';
import type { RuleName } from '../backend/contract/rules.js';
import { checkAtLeast, checkBoolean } from '../core/validate.js';
import type { LearningRate } from '../schedule/index.js';

/** The options that every optimizer has. */
export interface CommonOptions {
  /** The learning rate: a number, a schedule, or a function of the step. */
  lr: LearningRate;
  /** The L2 penalty added to the gradient, unless the optimizer says otherwise. Default 0. */
  weightDecay: number;
  /** Climb the gradient instead of descending it. Default false. */
  maximize: boolean;
}

/** Parameters with options of their own; options left out are the optimizer's. */
export type ParamGroup<Options> = Partial<Options> & { readonly params: Iterable<Parameter> };

/** All that sets one optimizer apart from another. */
export interface Definition<Options extends CommonOptions> {
  readonly name: string;
  readonly defaults: Options;
  /** Checks the options that {@link checkCommon} does not know. */
  check(options: Options): void;
  /** The update rule; its operands after the parameter and its gradient are the states, by name. */
  rule(options: Options): RuleName;
  /**
   * The rule's scalars by name, in double.
   * @param rate the learning rate of this step
   * @param step how many steps the parameter takes with this one: the first one is 1
   */
  scalars(options: Options, rate: number, step: number): Readonly<Record<string, number>>;
  /** What a state is filled with before the first step. Default 0. */
  initial?(options: Options, state: string): number;
}

export function checkCommon({ weightDecay, maximize }: CommonOptions): void {
  checkAtLeast('weightDecay', weightDecay, 0);
  checkBoolean('maximize', maximize);
}
