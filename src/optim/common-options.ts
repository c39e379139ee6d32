import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean } from '../core/validate.js';
import type { LearningRate, Schedule } from '../schedule/index.js';
import { checkStateDtype } from './stored-states.js';

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** The learning rate: a number, a schedule, or a function of the step. */
  readonly lr?: LearningRate;
}

/** What every optimizer of this package takes. */
export interface CommonOptions extends OptimizerOptions {
  /**
   * The L2 penalty added to the gradient, unless the optimizer says otherwise; at least 0. Default 0; 0.01 for AdamW, 0.1 for SophiaG.
   */
  readonly weightDecay?: AtStep<number>;
  /**
   * Which parameters have a weight decay of 0 whatever `weightDecay` is, such as {@link biasesAndNorms}; asked once, when a
   * parameter joins. Default: none.
   */
  readonly noDecay?: (parameter: Parameter) => boolean;
  /** Climb the gradient instead of descending it. Default false. */
  readonly maximize?: boolean;
}

/**
 * An option that may depend on the step: a number, a schedule, or a function of the step; for an array each of its numbers. A
 * step asks as it asks for the learning rate: at the optimizer's count of steps.
 */
export type AtStep<T> = T extends readonly unknown[]
  ? { readonly [Place in keyof T]: AtStep<T[Place]> }
  : LearningRate;

/** What an option is at one step. */
type AtOneStep<T> = [T] extends [readonly unknown[]]
  ? { readonly [Place in keyof T]: AtOneStep<T[Place]> }
  : [LearningRate, T] extends [T, LearningRate]
    ? number
    : T;

type OwnOptions<Options> = {
  readonly [Name in keyof Options as Exclude<Name, 'lr' | 'noDecay'>]-?: AtOneStep<
    Exclude<Options[Name], undefined>
  >;
};

/** Parameters with options of their own; options left out are the optimizer's. */
export type ParamGroup<Options> = Partial<Options> & { readonly params: Iterable<Parameter> };

/** The value of every option that is left out. */
export type Defaults<Options> = OwnOptions<Options> & { readonly lr: LearningRate };

/**
 * Options with every default in its place, as they are at the step at hand; the learning rate is a schedule, whatever it was
 * given as.
 */
export type Resolved<Options> = OwnOptions<Options> & { readonly lr: Schedule };

/** Checks what most optimizers have, where there is any. */
export function checkCommon(options: object): void {
  if ('weightDecay' in options) checkAtLeast('weightDecay', options.weightDecay, 0);
  if ('decoupledWeightDecay' in options) checkBoolean('decoupledWeightDecay', options.decoupledWeightDecay);
  if ('maximize' in options) checkBoolean('maximize', options.maximize);
  if ('stateDtype' in options) checkStateDtype(options.stateDtype);
}
