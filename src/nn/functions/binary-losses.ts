import { kernels, settledArray } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { FloatArray } from '../../core/types.js';
import { takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { checkSameShape } from './check.js';
import { checkReduction, checkWeight, type LossOptions, recordLosses, type Slope } from './loss.js';
import { apply, operandOf } from './operands.js';

// Losses of probabilities of yes and no. Elementwise kernels run in place over arrays of the pool.

/** See {@link bce}. */
export interface BceOptions extends LossOptions {
  /** What each element counts, of the shape of the input but for lengths of 1: a constant. Default: all count 1. */
  readonly weight?: Tensor;
}

/** See {@link bceWithLogits}. */
export interface BceWithLogitsOptions extends BceOptions {
  /** What a target of 1 counts beside one of 0, for instance of each column: as `weight`. Default: 1. */
  readonly posWeight?: Tensor;
}

const BCE_OPTIONS: OptionNames<BceOptions> = { reduction: true, weight: true };
const WITH_LOGITS_OPTIONS: OptionNames<BceWithLogitsOptions> = { ...BCE_OPTIONS, posWeight: true };

const times = (n: number, factor: number, x: FloatArray, out = x) => kernels().mulScalar(n, factor, x, out);
const plus = (n: number, a: FloatArray, b: FloatArray, out = a) => kernels().add(0, 1, 1, n, a, b, out);
const product = (n: number, a: FloatArray, b: FloatArray, out = a) => kernels().mul(0, 1, 1, n, a, b, out);

/** x times a tensor that may have lengths of 1, in place. */
function scaleBy(weight: Tensor | undefined, x: FloatArray, { shape }: Tensor): void {
  if (weight !== undefined) apply('mul', { array: x, shape }, operandOf(weight), shape, x);
}

/**
 * The binary cross-entropy of sigmoid(logits) and the targets, of each element x with target y:
 * weight (posWeight y softplus(-x) + (1 - y) softplus(x)).
 *
 * Stable for logits of any size, in one pass without weights.
 *
 * @param target probabilities in [0, 1], of the shape of the logits.
 */
export function bceWithLogits(logits: Tensor, target: Tensor, options: BceWithLogitsOptions = {}): Tensor {
  checkTensor('logits', logits);
  checkSameShape('target', target, logits);
  checkOptions('bceWithLogits', options, WITH_LOGITS_OPTIONS);
  const { reduction = 'mean', weight, posWeight } = options;
  checkReduction(reduction);
  checkWeight('weight', weight, logits);
  checkWeight('posWeight', posWeight, logits);

  const { size: n, shape } = logits;
  const [x, y] = [arrayOf(logits), arrayOf(target)];
  const losses = takeLike(logits);
  kernels().bceWithLogits(0, 1, 1, n, x, y, losses);
  const toLogits = logits.requiresGrad ? takeLike(logits) : null;
  if (toLogits !== null) {
    kernels().sigmoidForward(n, x, toLogits);
    kernels().sub(0, 1, 1, n, toLogits, y, toLogits);
  }
  const toTarget = target.requiresGrad ? takeLike(logits) : null;
  if (toTarget !== null) times(n, -1, x, toTarget);
  if (posWeight !== undefined) addPositive(posWeight, logits, target, losses, toLogits, toTarget);
  const slopes: Slope[] = [];
  if (toLogits !== null) slopes.push({ to: logits, array: toLogits });
  if (toTarget !== null) slopes.push({ to: target, array: toTarget });
  for (const array of [losses, ...slopes.map((slope) => slope.array)]) scaleBy(weight, array, logits);
  return recordLosses({ name: 'bceWithLogits', inputs: [logits, target], shape, losses, slopes, reduction });
}

/** Adds (posWeight - 1) y softplus(-x), and its gradients. */
function addPositive(
  posWeight: Tensor,
  logits: Tensor,
  target: Tensor,
  losses: FloatArray,
  toLogits: FloatArray | null,
  toTarget: FloatArray | null,
): void {
  const { size: n, shape } = logits;
  const more = takeLike(posWeight);
  kernels().addScalar(more.length, -1, arrayOf(posWeight), more);
  const [share, against, part] = [takeLike(logits), takeLike(logits), takeLike(logits)];
  apply('mul', operandOf(target), { array: more, shape: posWeight.shape }, shape, share);
  times(n, -1, arrayOf(logits), against);
  kernels().softplusForward(n, against, part);
  product(n, part, share, share);
  plus(n, losses, share);
  if (toTarget !== null) {
    apply('mul', { array: part, shape }, { array: more, shape: posWeight.shape }, shape, part);
    plus(n, toTarget, part);
  }
  if (toLogits !== null) {
    apply('mul', operandOf(target), { array: more, shape: posWeight.shape }, shape, share);
    kernels().sigmoidForward(n, against, part);
    product(n, part, share);
    kernels().sub(0, 1, 1, n, toLogits, part, toLogits);
  }
  for (const array of [more, share, against, part]) pool.release(array);
}

/** What logarithms are at least, so that a certain error is not infinite: PyTorch's. */
const LEAST_LOG = -100;
/** What p (1 - p) is at least in the gradient: PyTorch's, where it is a float32 for all types. */
const LEAST_VARIANCE = Math.fround(1e-12);

/**
 * The binary cross-entropy of probabilities and the targets, of each element p with target y:
 * -weight (y log(p) + (1 - y) log(1 - p)), each logarithm being -100 at least. Of logits: {@link bceWithLogits}, which loses
 * nothing where p is almost 0 or 1.
 *
 * @param probabilities in [0, 1].
 * @param target probabilities in [0, 1], of the same shape.
 * @throws RangeError where a probability is not in [0, 1].
 */
export function bce(probabilities: Tensor, target: Tensor, options: BceOptions = {}): Tensor {
  checkTensor('probabilities', probabilities);
  checkSameShape('target', target, probabilities);
  checkOptions('bce', options, BCE_OPTIONS);
  const { reduction = 'mean', weight } = options;
  checkReduction(reduction);
  checkWeight('weight', weight, probabilities);
  checkInUnit(probabilities);

  const { size: n, shape } = probabilities;
  const [p, y] = [arrayOf(probabilities), arrayOf(target)];
  const [yes, losses, scratch] = [takeLike(target), takeLike(target), takeLike(target)];
  logAtLeast('logForward', p, yes);
  times(n, -1, p, scratch);
  logAtLeast('log1pForward', scratch, losses);
  // log(p) - log(1 - p): the losses are -log(1 - p) - y times that.
  kernels().sub(0, 1, 1, n, yes, losses, yes);
  product(n, yes, y, scratch);
  plus(n, losses, scratch);
  times(n, -1, losses);
  const slopes: Slope[] = [];
  if (probabilities.requiresGrad) {
    // (p - y) / (p (1 - p))
    const array = takeLike(target);
    times(n, -1, p, scratch);
    kernels().addScalar(n, 1, scratch, scratch);
    product(n, scratch, p);
    kernels().clampForward(n, LEAST_VARIANCE, Number.POSITIVE_INFINITY, scratch, scratch);
    kernels().sub(0, 1, 1, n, p, y, array);
    kernels().div(0, 1, 1, n, array, scratch, array);
    slopes.push({ to: probabilities, array });
  }
  pool.release(scratch);
  if (target.requiresGrad) {
    times(n, -1, yes);
    slopes.push({ to: target, array: yes });
  } else pool.release(yes);
  for (const array of [losses, ...slopes.map((slope) => slope.array)]) scaleBy(weight, array, target);
  return recordLosses({ name: 'bce', inputs: [probabilities, target], shape, losses, slopes, reduction });
}

function logAtLeast(name: 'logForward' | 'log1pForward', x: FloatArray, out: FloatArray): void {
  kernels()[name](x.length, x, out);
  kernels().clampForward(x.length, LEAST_LOG, Number.POSITIVE_INFINITY, out, out);
}

function checkInUnit(probabilities: Tensor): void {
  const { size } = probabilities;
  const [low, high] = [takeLike(probabilities, 1), takeLike(probabilities, 1)];
  kernels().amin(1, size, 1, 1, arrayOf(probabilities), low);
  kernels().amax(1, size, 1, 1, arrayOf(probabilities), high);
  const [least, most] = [settledArray(low)[0], settledArray(high)[0]];
  for (const array of [low, high]) pool.release(array);
  if (!(least >= 0 && most <= 1)) {
    throw new RangeError(`probabilities must be in [0, 1], got some from ${least} to ${most}`);
  }
}
