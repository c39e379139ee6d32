import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean, checkFinite, checkNumber } from '../../core/validate.js';
import { compose } from '../engine/autograd.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { clamp, div, eq, minimum, pow, sub, where } from './arithmetic.js';
import { checkSameShape } from './check.js';
import { addNumber, binary } from './elementwise.js';
import { checkReduction, type LossOptions, reduceLosses } from './loss.js';
import { norm, sum } from './reductions.js';
import { abs, neg, sqrt, square } from './unary.js';

// Losses that are 0 beyond a margin.

/** See {@link hingeEmbedding}. */
export interface HingeEmbeddingOptions extends LossOptions {
  /** The distance from which on what is not alike costs nothing. Default 1. */
  readonly margin?: number;
}

const HINGE_OPTIONS: OptionNames<HingeEmbeddingOptions> = { reduction: true, margin: true };

/**
 * x where the target is 1, max(margin - x, 0) where it is -1, of each distance x.
 * @param target 1 (alike) or -1 for each element of x.
 */
export function hingeEmbedding(x: Tensor, target: Tensor, options: HingeEmbeddingOptions = {}): Tensor {
  checkTensor('x', x);
  checkSameShape('target', target, x);
  checkOptions('hingeEmbedding', options, HINGE_OPTIONS);
  const { reduction = 'mean', margin = 1 } = options;
  checkReduction(reduction);
  checkFinite('margin', margin);
  return compose([x, target], ([distance, side]) => {
    const apart = atLeastZero(addNumber(neg(distance), margin));
    return reduceLosses(where(eq(side, -1), apart, distance), reduction);
  });
}

/** max(x, 0), with PyTorch's gradient at 0: 1. */
function atLeastZero(x: Tensor): Tensor {
  return clamp(x, { min: 0 });
}

/** See {@link cosineEmbedding}. */
export interface CosineEmbeddingOptions extends LossOptions {
  /** The cosine below which what is not alike costs nothing, in [-1, 1]. Default 0. */
  readonly margin?: number;
}

const COSINE_OPTIONS: OptionNames<CosineEmbeddingOptions> = { reduction: true, margin: true };

/** What PyTorch adds to the squared lengths. */
const COSINE_EPS = 1e-12;

/**
 * 1 - cos(a, b) where the target is 1, max(cos(a, b) - margin, 0) where it is -1, of each pair of rows.
 * @param a [rows, columns], or [columns].
 * @param b of the same shape.
 * @param target 1 (alike) or -1, [rows] or [].
 */
export function cosineEmbedding(
  a: Tensor,
  b: Tensor,
  target: Tensor,
  options: CosineEmbeddingOptions = {},
): Tensor {
  checkRows('a', a);
  checkSameShape('b', b, a);
  checkSameShape('target', target, a, a.shape.slice(0, -1));
  checkOptions('cosineEmbedding', options, COSINE_OPTIONS);
  const { reduction = 'mean', margin = 0 } = options;
  checkReduction(reduction);
  checkFinite('margin', margin);
  return compose([a, b, target], ([x, y, side]) => {
    const lengths = sqrt(binary('mul', [squaredLength(x), squaredLength(y)]));
    const cosine = div(sum(binary('mul', [x, y]), { axes: -1 }), lengths);
    const apart = atLeastZero(addNumber(cosine, -margin));
    return reduceLosses(where(eq(side, -1), apart, sub(1, cosine)), reduction);
  });
}

function squaredLength(x: Tensor): Tensor {
  return addNumber(sum(square(x), { axes: -1 }), COSINE_EPS);
}

function checkRows(name: string, x: Tensor): void {
  checkTensor(name, x);
  if (x.shape.length !== 1 && x.shape.length !== 2) {
    throw new RangeError(`${name} must have shape [rows, columns] or [columns], got ${showShape(x.shape)}`);
  }
}

/** See {@link tripletMargin}. */
export interface TripletMarginOptions extends LossOptions {
  /** By how much the negative is to be farther away. Default 1. */
  readonly margin?: number;
  /** The distance is the p-norm of the difference, p above 0, also Infinity. Default 2. */
  readonly p?: number;
  /** Is added to each difference. Default 1e-6. */
  readonly eps?: number;
  /** Whether the negative's distance from the positive counts where that is the shorter one. Default false. */
  readonly swap?: boolean;
}

const TRIPLET_OPTIONS: OptionNames<TripletMarginOptions> = {
  reduction: true,
  margin: true,
  p: true,
  eps: true,
  swap: true,
};

/**
 * max(d(anchor, positive) - d(anchor, negative) + margin, 0) of each three rows. With `swap`: Balntas et al. 2016,
 * http://www.bmva.org/bmvc/2016/papers/paper119.
 * @param anchor [rows, columns], or [columns].
 * @param positive what is to be near, of the same shape.
 * @param negative what is to be far, of the same shape.
 */
export function tripletMargin(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  checkRows('anchor', anchor);
  checkSameShape('positive', positive, anchor);
  checkSameShape('negative', negative, anchor);
  checkOptions('tripletMargin', options, TRIPLET_OPTIONS);
  const { reduction = 'mean', margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  checkReduction(reduction);
  checkFinite('margin', margin);
  checkNumber('p', p);
  if (!(p > 0)) throw new RangeError(`p must be greater than 0, got ${p}`);
  checkFinite('eps', eps);
  checkBoolean('swap', swap);
  const distance = (a: Tensor, b: Tensor) => pNorm(addNumber(binary('sub', [a, b]), eps), p);
  return compose([anchor, positive, negative], ([x, near, far]) => {
    const beyond = distance(x, far);
    const least = swap ? minimum(beyond, distance(near, far)) : beyond;
    return reduceLosses(atLeastZero(addNumber(binary('sub', [distance(x, near), least]), margin)), reduction);
  });
}

function pNorm(x: Tensor, p: number): Tensor {
  if (p === 1 || p === 2 || p === Number.POSITIVE_INFINITY) return norm(x, { p, axes: -1 });
  return pow(sum(pow(abs(x), p), { axes: -1 }), 1 / p);
}
