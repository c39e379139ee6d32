import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape } from '../../core/shapes.js';
import { checkBoolean, checkNumber } from '../../core/validate.js';
import { noGrad } from '../engine/no-grad.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { binary, comparison, type Operand } from './elementwise.js';
import { amax, amin, type ReductionOptions } from './reductions.js';
import { abs } from './unary.js';

// Truth values, as comparisons give them: constants. What is not 0 is true, NaN as well.

/** 1 where the element is true, else 0. */
const truth = (x: Operand): Operand => (typeof x === 'number' ? Number(x !== 0) : comparison('ne', [x, 0]));

/** 1 where a and b are true, else 0: a constant. Lengths of 1 are repeated as in `add`. */
export function logicalAnd(a: Operand, b: Operand): Tensor {
  return binary('minimum', [truth(a), truth(b)]);
}

/** 1 where a or b is true, else 0; see {@link logicalAnd}. */
export function logicalOr(a: Operand, b: Operand): Tensor {
  return binary('maximum', [truth(a), truth(b)]);
}

/** 1 where one of a and b is true, else 0; see {@link logicalAnd}. */
export function logicalXor(a: Operand, b: Operand): Tensor {
  return comparison('ne', [truth(a), truth(b)]);
}

/** 1 where x is 0, else 0: a constant. */
export function logicalNot(x: Tensor): Tensor {
  checkTensor('x', x);
  return comparison('eq', [x, 0]);
}

/** 1 where x is NaN, else 0: a constant. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: PyTorch's name
export function isNaN(x: Tensor): Tensor {
  checkTensor('x', x);
  return comparison('ne', [x, x]);
}

/** 1 where x is Infinity or -Infinity, else 0: a constant. */
export function isInf(x: Tensor): Tensor {
  checkTensor('x', x);
  return noGrad(() => comparison('eq', [abs(x), Number.POSITIVE_INFINITY]));
}

/** 1 where x is neither infinite nor NaN, else 0: a constant. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: PyTorch's name
export function isFinite(x: Tensor): Tensor {
  checkTensor('x', x);
  return noGrad(() => comparison('lt', [abs(x), Number.POSITIVE_INFINITY]));
}

/** Whether one element along the axes is true (1), or none (0): a constant. */
export function any(x: Tensor, options: ReductionOptions = {}): Tensor {
  checkTensor('x', x);
  checkOptions('any', options, REDUCTION_OPTIONS);
  return amax(comparison('ne', [x, 0]), options);
}

/** Whether all elements along the axes are true (1), or not (0): a constant. */
export function all(x: Tensor, options: ReductionOptions = {}): Tensor {
  checkTensor('x', x);
  checkOptions('all', options, REDUCTION_OPTIONS);
  return amin(comparison('ne', [x, 0]), options);
}

const REDUCTION_OPTIONS: OptionNames<ReductionOptions> = { axes: true, keepDim: true };

/** Whether two tensors have one element type, one shape and equal elements. A NaN is equal to nothing. Waits for what is queued. */
export function equal(a: Tensor, b: Tensor): boolean {
  checkTensor('a', a);
  checkTensor('b', b);
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false;
  return noGrad(() => amin(comparison('eq', [a, b])).item()) === 1;
}

/** See {@link allClose}. */
export interface AllCloseOptions {
  /** What elements may differ by, relative to b. Default 1e-5. */
  readonly rtol?: number;
  /** The same, absolutely. Default 1e-8. */
  readonly atol?: number;
  /** Whether two NaNs are close. Default false. */
  readonly equalNaN?: boolean;
}

const ALL_CLOSE_OPTIONS: OptionNames<AllCloseOptions> = { rtol: true, atol: true, equalNaN: true };

/** Whether |a - b| <= atol + rtol |b| for all elements, or both are the same infinity. Lengths of 1 are repeated. Waits for what is queued. */
export function allClose(a: Tensor, b: Tensor, options: AllCloseOptions = {}): boolean {
  checkTensor('a', a);
  checkSameType('b', b, a);
  checkOptions('allClose', options, ALL_CLOSE_OPTIONS);
  const { rtol = 1e-5, atol = 1e-8, equalNaN = false } = options;
  checkNumber('rtol', rtol);
  checkNumber('atol', atol);
  checkBoolean('equalNaN', equalNaN);
  return noGrad(() => {
    const near = comparison('le', [abs(binary('sub', [a, b])), abs(b).mul(rtol).add(atol)]);
    // An infinite b allows any difference.
    const close = logicalOr(logicalAnd(near, isFinite(b)), comparison('eq', [a, b]));
    const accepted = equalNaN ? logicalOr(close, logicalAnd(isNaN(a), isNaN(b))) : close;
    return amin(accepted).item() === 1;
  });
}
