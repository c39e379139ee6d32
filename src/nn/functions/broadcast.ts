import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBound } from '../../core/validate.js';
import type { Variable } from '../engine/autograd.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import * as operations from '../operations/broadcast.js';

type Operand = Tensor | number;

function operandOf(name: string, operand: unknown): Variable | number {
  return typeof operand === 'number' ? operand : variableOf(name, operand);
}

function operandsOf(a: unknown, b: unknown): operations.Operands {
  return [operandOf('a', a), operandOf('b', b)];
}

/**
 * a + b, element by element. Lengths of 1 are repeated to match the other's, counted from the last dimension, as NumPy and
 * PyTorch do: [2, 3] and [3], [2, 3] and [2, 1], anything and a number. Gradients are summed over what was repeated.
 */
export function add(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.binary('add', operandsOf(a, b)));
}

/** a - b; see {@link add}. */
export function sub(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.binary('sub', operandsOf(a, b)));
}

/** a times b, element by element; see {@link add}. */
export function mul(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.binary('mul', operandsOf(a, b)));
}

/** a / b; see {@link add}. */
export function div(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.binary('div', operandsOf(a, b)));
}

/**
 * a^b, element by element, with C's special cases: 1^b is 1 also where b is NaN; see {@link add}. The gradient by a is 0
 * where b is 0, that by b is 0 where a is 0 and b is not negative.
 */
export function pow(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.binary('pow', operandsOf(a, b)));
}

/** The larger of a and b, NaN where either is NaN; see {@link add}. Where they are equal, each gets half the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.binary('maximum', operandsOf(a, b)));
}

/** The smaller of a and b, NaN where either is NaN; see {@link add}. Where they are equal, each gets half the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.binary('minimum', operandsOf(a, b)));
}

/** 1 where a = b, else 0: a constant. See {@link add}. */
export function eq(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.compare('eq', operandsOf(a, b)));
}

/** 1 where a and b differ or one is NaN, else 0: a constant. See {@link add}. */
export function ne(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.compare('ne', operandsOf(a, b)));
}

/** 1 where a < b, else 0: a constant. See {@link add}. */
export function lt(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.compare('lt', operandsOf(a, b)));
}

/** 1 where a <= b, else 0: a constant. See {@link add}. */
export function le(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.compare('le', operandsOf(a, b)));
}

/** 1 where a > b, else 0: a constant. See {@link add}. */
export function gt(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.compare('gt', operandsOf(a, b)));
}

/** 1 where a >= b, else 0: a constant. See {@link add}. */
export function ge(a: Operand, b: Operand): Tensor {
  return tensorOf(operations.compare('ge', operandsOf(a, b)));
}

/** a where the condition is not 0, else b; all three are repeated as in {@link add}. No gradient flows to the condition. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return tensorOf(operations.where(variableOf('condition', condition), operandsOf(a, b)));
}

/** See {@link clamp}. */
export interface ClampOptions {
  /** Default -Infinity. */
  readonly min?: number;
  /** Default Infinity. */
  readonly max?: number;
}

const CLAMP_OPTIONS: OptionNames<ClampOptions> = { min: true, max: true };

/** min(max, max(min, x)), element by element: max where min > max. The gradient is that of x where it is in [min, max], else 0. */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  checkOptions('clamp', options, CLAMP_OPTIONS);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
  checkBound('min', min);
  checkBound('max', max);
  return tensorOf(operations.clamp(variableOf('x', x), min, max));
}
