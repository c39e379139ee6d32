import type { CommonOptions } from './common-options.js';

/** What optimizers take whose weight decay need not be part of the gradient. */
export interface DecayOptions extends CommonOptions {
  /**
   * Whether the weight decay shrinks the parameter by 1 - lr weightDecay before the step, as AdamW's does (Loshchilov & Hutter 2019,
   * https://arxiv.org/abs/1711.05101), instead of joining the gradient. Default false; true for AdamW, AdaBelief, Lion, Prodigy and
   * SophiaG.
   */
  readonly decoupledWeightDecay?: boolean;
}

/** The scalars of a rule that either kind of weight decay is made with. */
export function decayScalars(
  {
    weightDecay,
    decoupledWeightDecay,
  }: { readonly weightDecay: number; readonly decoupledWeightDecay: boolean },
  lr: number,
): { readonly weightDecay: number; readonly shrink: number } {
  return decoupledWeightDecay ? { weightDecay: 0, shrink: 1 - lr * weightDecay } : { weightDecay, shrink: 1 };
}
