import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkOneOf } from '../../core/validate.js';
import { compose } from '../engine/autograd.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { gt, where } from './arithmetic.js';
import { checkSameShape } from './check.js';
import { binary } from './elementwise.js';
import { type LossReduction, reduceLosses } from './loss.js';
import { exp, log } from './unary.js';

/** See {@link klDiv}. */
export interface KlDivOptions {
  /**
   * 'mean' or 'sum' over all elements, 'batchmean': the sum divided by the length of the first axis, which is the divergence as
   * it is defined where that counts distributions; 'none': all elements. Default 'mean', as in PyTorch.
   */
  readonly reduction?: LossReduction | 'batchmean';
  /** Whether the target holds logarithms as well. Default false. */
  readonly logTarget?: boolean;
}

const OPTIONS: OptionNames<KlDivOptions> = { reduction: true, logTarget: true };

/**
 * What the Kullback-Leibler divergence of a distribution from the target adds up: y (log(y) - x) of each element, 0 where y is 0.
 *
 * @param logProbs x, the logarithms of probabilities.
 * @param target y, probabilities of the same shape, or their logarithms.
 */
export function klDiv(logProbs: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  checkTensor('logProbs', logProbs);
  checkSameShape('target', target, logProbs);
  checkOptions('klDiv', options, OPTIONS);
  const { reduction = 'mean', logTarget = false } = options;
  checkOneOf('reduction', reduction, ['mean', 'sum', 'none', 'batchmean']);
  checkBoolean('logTarget', logTarget);
  return compose([logProbs, target], ([x, y]) => {
    const losses = logTarget ? ofLogarithms(x, y) : ofProbabilities(x, y);
    if (reduction !== 'batchmean') return reduceLosses(losses, reduction);
    return reduceLosses(losses, 'mean', losses.shape[0] ?? 1);
  });
}

function ofLogarithms(x: Tensor, y: Tensor): Tensor {
  return binary('mul', [exp(y), binary('sub', [y, x])]);
}

function ofProbabilities(x: Tensor, y: Tensor): Tensor {
  // 1 in the place of what has no logarithm: 0 log(1) is 0, and so is its gradient.
  const logY = log(where(gt(y, 0), y, 1));
  return binary('sub', [binary('mul', [y, logY]), binary('mul', [y, x])]);
}
