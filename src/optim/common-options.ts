import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean } from '../core/validate.js';
import type { LearningRate, Schedule } from '../schedule/index.js';

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** The learning rate: a number, a schedule, or a function of the step. */
  readonly lr?: LearningRate;
}

/** What every optimizer of this package takes. */
export interface CommonOptions extends OptimizerOptions {
  /** The L2 penalty added to the gradient, unless the optimizer says otherwise. Default 0. */
  readonly weightDecay?: number;
  /** Climb the gradient instead of descending it. Default false. */
  readonly maximize?: boolean;
}

/** Parameters with options of their own; options left out are the optimizer's. */
export type ParamGroup<Options> = Partial<Options> & { readonly params: Iterable<Parameter> };

/** The value of every option that is left out. */
export type Defaults<Options> = Omit<Required<Options>, 'lr'> & { readonly lr: LearningRate };

/** Options with every default in its place; the learning rate is a schedule, whatever it was given as. */
export type Resolved<Options> = Omit<Required<Options>, 'lr'> & { readonly lr: Schedule };

/** Checks what most optimizers have, where there is any. */
export function checkCommon(options: object): void {
  if ('weightDecay' in options) checkAtLeast('weightDecay', options.weightDecay, 0);
  if ('maximize' in options) checkBoolean('maximize', options.maximize);
}
