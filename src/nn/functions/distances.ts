import { kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { FloatArray } from '../../core/types.js';
import { checkAtLeast, checkGreater } from '../../core/validate.js';
import { give, numberIn, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { checkSameShape } from './check.js';
import { checkReduction, type LossOptions, recordLosses } from './loss.js';

// Losses of the difference of a prediction and its target, element by element.

/** Makes losses of differences, in place, and their slopes. */
type Measure = (differences: FloatArray, slopes: FloatArray) => void;

const squared: Measure = (differences, slopes) => {
  const n = differences.length;
  kernels().mulScalar(n, 2, differences, slopes);
  kernels().squareForward(n, differences, differences);
};

const absolute: Measure = (differences, slopes) => {
  const n = differences.length;
  kernels().sign(n, differences, slopes);
  kernels().absForward(n, differences, differences);
};

/** c (d - c / 2) with c = d clamped to +-delta, which is its slope. */
function quadraticUpTo(delta: number): Measure {
  return (differences, slopes) => {
    const n = differences.length;
    kernels().clampForward(n, -delta, delta, differences, slopes);
    kernels().huber(n, delta, differences, differences);
  };
}

type Pair = readonly [prediction: Tensor, target: Tensor];

function checkPair(prediction: Tensor, target: Tensor): void {
  checkTensor('prediction', prediction);
  checkSameShape('target', target, prediction);
}

function distance(
  name: string,
  inputs: Pair,
  measure: Measure,
  { reduction = 'mean' }: LossOptions,
  scale = 1,
): Tensor {
  const [prediction, target] = inputs;
  const [losses, array] = [takeLike(prediction), takeLike(prediction)];
  kernels().sub(0, 1, 1, prediction.size, arrayOf(prediction), arrayOf(target), losses);
  measure(losses, array);
  const slopes = [
    { to: prediction, array },
    { to: target, array, factor: -1 },
  ].filter(({ to }) => to.requiresGrad);
  if (slopes.length === 0) pool.release(array);
  return recordLosses({ name, inputs, shape: prediction.shape, losses, slopes, reduction, scale });
}

const LOSS_OPTIONS: OptionNames<LossOptions> = { reduction: true };

/** The squared error (prediction - target)^2 of each element. */
export function mse(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkPair(prediction, target);
  checkOptions('mse', options, LOSS_OPTIONS);
  const { reduction = 'mean' } = options;
  checkReduction(reduction);
  const inputs = [prediction, target] as const;
  if (reduction === 'none') return distance('mse', inputs, squared, { reduction });
  const { size } = prediction;
  const total = reduction === 'mean' ? size : 1;
  const out = takeLike(prediction, 1);
  kernels().squaredDistance(size, 1 / total, arrayOf(prediction), arrayOf(target), out);
  return record({ name: 'mse', shape: [], out, inputs, reads: inputs }, (gradient) => {
    const slope = (2 * numberIn(gradient)) / total;
    pool.release(gradient);
    const difference = takeLike(prediction);
    kernels().sub(0, 1, 1, size, arrayOf(prediction), arrayOf(target), difference);
    if (target.requiresGrad) {
      const dTarget = takeLike(target);
      kernels().mulScalar(size, -slope, difference, dTarget);
      give(target, dTarget);
    }
    kernels().mulScalar(size, slope, difference, difference);
    give(prediction, difference);
  });
}

/** The absolute error |prediction - target| of each element; its gradient is 0 where they are equal. */
export function l1(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkPair(prediction, target);
  checkOptions('l1', options, LOSS_OPTIONS);
  const { reduction = 'mean' } = options;
  checkReduction(reduction);
  return distance('l1', [prediction, target], absolute, { reduction });
}

/** See {@link smoothL1}. */
export interface SmoothL1Options extends LossOptions {
  /** Where the square goes over into the absolute error, at least 0. Default 1. */
  readonly beta?: number;
}

const SMOOTH_L1_OPTIONS: OptionNames<SmoothL1Options> = { reduction: true, beta: true };

/**
 * d^2 / (2 beta) where d = |prediction - target| is below beta, else d - beta / 2: {@link huber} divided by its delta, and
 * {@link l1} where beta is 0. Girshick 2015, https://arxiv.org/abs/1504.08083.
 */
export function smoothL1(prediction: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  checkPair(prediction, target);
  checkOptions('smoothL1', options, SMOOTH_L1_OPTIONS);
  const { reduction = 'mean', beta = 1 } = options;
  checkReduction(reduction);
  checkAtLeast('beta', beta, 0);
  const inputs = [prediction, target] as const;
  if (beta === 0) return distance('smoothL1', inputs, absolute, { reduction });
  return distance('smoothL1', inputs, quadraticUpTo(beta), { reduction }, 1 / beta);
}

/** See {@link huber}. */
export interface HuberOptions extends LossOptions {
  /** Where the square goes over into the absolute error, above 0. Default 1. */
  readonly delta?: number;
}

const HUBER_OPTIONS: OptionNames<HuberOptions> = { reduction: true, delta: true };

/** d^2 / 2 where d = |prediction - target| is at most delta, else delta (d - delta / 2): Huber 1964. */
export function huber(prediction: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  checkPair(prediction, target);
  checkOptions('huber', options, HUBER_OPTIONS);
  const { reduction = 'mean', delta = 1 } = options;
  checkReduction(reduction);
  checkGreater('delta', delta, 0);
  return distance('huber', [prediction, target], quadraticUpTo(delta), { reduction });
}
