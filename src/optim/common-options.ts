import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean } from '../core/validate.js';
import type { LearningRate } from '../schedule/index.js';

/** The options that every optimizer has. */
export interface CommonOptions {
  /** The learning rate: a number, a schedule, or a function of the step. */
  readonly lr?: LearningRate;
  /** The L2 penalty added to the gradient, unless the optimizer says otherwise. Default 0. */
  readonly weightDecay?: number;
  /** Climb the gradient instead of descending it. Default false. */
  readonly maximize?: boolean;
}

/** Parameters with options of their own; options left out are the optimizer's. */
export type ParamGroup<Options> = Options & { readonly params: Iterable<Parameter> };

/** Options with every default in its place. */
export type Resolved<Options> = Readonly<Required<Options> & Required<CommonOptions>>;

export function checkCommon({ weightDecay, maximize }: Resolved<CommonOptions>): void {
  checkAtLeast('weightDecay', weightDecay, 0);
  checkBoolean('maximize', maximize);
}
