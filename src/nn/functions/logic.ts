import { kernels } from '../../backend/stream.js';
import { checkAxes, linesOf, reducedShape } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape } from '../../core/shapes.js';
import { checkBoolean, checkNumber } from '../../core/validate.js';
import { constant } from '../engine/autograd.js';
import { noGrad } from '../engine/no-grad.js';
import { pool } from '../engine/pool.js';
import { checkTensor, elementsOf, Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { binary, comparison, type Operand } from './elementwise.js';
import type { ReductionOptions } from './reductions.js';
import { abs } from './unary.js';

// Truth values, as comparisons give them: tensors of bool. What is not 0 is true, NaN as well.

/** Whether each element is true. */
function truth(x: Tensor): Tensor {
  return x.dtype === 'bool' ? x : comparison('ne', [x, 0]);
}

/** A function of truth values, which its kernel asks for itself: tensors of two element types are masks first. */
function connective(name: 'and' | 'or' | 'xor') {
  return (a: Operand, b: Operand): Tensor => {
    const operands = [a, b] as const;
    const [x, y] = operands.map((one, k) => {
      if (typeof one === 'number') return Number(one !== 0);
      checkTensor('ab'[k], one);
      const other = operands[1 - k];
      return typeof other === 'number' || !(other instanceof Tensor) || one.dtype === other.dtype
        ? one
        : truth(one);
    });
    return comparison(name, [x, y]);
  };
}

/** Whether a and b are true. Lengths of 1 are repeated as in `add`. */
export const logicalAnd = connective('and');
/** Whether a or b is true; see {@link logicalAnd}. */
export const logicalOr = connective('or');
/** Whether one of a and b is true; see {@link logicalAnd}. */
export const logicalXor = connective('xor');

/** Whether x is 0. */
export function logicalNot(x: Tensor): Tensor {
  checkTensor('x', x);
  return comparison('eq', [x, 0]);
}

/** Whether x is NaN. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: PyTorch's name
export function isNaN(x: Tensor): Tensor {
  checkTensor('x', x);
  return comparison('ne', [x, x]);
}

/** Whether x is Infinity or -Infinity. */
export function isInf(x: Tensor): Tensor {
  checkTensor('x', x);
  return noGrad(() => comparison('eq', [abs(x), Number.POSITIVE_INFINITY]));
}

/** Whether x is neither infinite nor NaN. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: PyTorch's name
export function isFinite(x: Tensor): Tensor {
  checkTensor('x', x);
  return noGrad(() => comparison('lt', [abs(x), Number.POSITIVE_INFINITY]));
}

/** Whether one element along the axes is true: of none, false. */
export const any = quantifier('any');
/** Whether all elements along the axes are true: of none, true. */
export const all = quantifier('all');

function quantifier(name: 'any' | 'all') {
  return (x: Tensor, options: ReductionOptions = {}): Tensor => {
    checkTensor('x', x);
    checkOptions(name, options, REDUCTION_OPTIONS);
    const { axes: given, keepDim = false } = options;
    checkBoolean('keepDim', keepDim);
    const axes = checkAxes(given, x.shape.length);
    const shape = reducedShape(x.shape, axes, keepDim);
    const lines = linesOf(x.shape, axes);
    return lines.reduce((mask, { outer, count, inner }, i) => {
      const values = elementsOf(mask);
      const out = pool.take('uint8', outer * inner);
      if (values instanceof Uint8Array) kernels()[name](outer, count, inner, values, out);
      return constant(out, i === lines.length - 1 ? shape : [outer * inner], 'bool');
    }, truth(x));
  };
}

const REDUCTION_OPTIONS: OptionNames<ReductionOptions> = { axes: true, keepDim: true };

/** Whether two tensors have one element type, one shape and equal elements. A NaN is equal to nothing. Waits for what is queued. */
export function equal(a: Tensor, b: Tensor): boolean {
  checkTensor('a', a);
  checkTensor('b', b);
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false;
  return all(comparison('eq', [a, b])).item() === 1;
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
    return all(accepted).item() === 1;
  });
}
