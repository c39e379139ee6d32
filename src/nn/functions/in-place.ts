import type { Arithmetic, UnaryName } from '../../backend/contract/kernels.js';
import { copy, fill, kernels } from '../../backend/stream.js';
import { broadcastShape } from '../../core/broadcasting.js';
import { checkUnlocked } from '../../core/locks.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkBound, checkNumber } from '../../core/validate.js';
import { written } from '../../core/written.js';
import { isRecorded, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import type { ClampOptions } from './arithmetic.js';
import { checkSameType } from './check.js';
import type { Operand } from './elementwise.js';
import { apply, operandOf } from './operands.js';

// What writes to a tensor in its place. Nothing of it is recorded: where a gradient would have to flow through it, it is refused,
// and the clock of the storage tells operations that read the value before.

/** Has `write` change the elements of x, and returns x. @throws Error where a gradient would be wrong. */
function inPlace(
  name: string,
  x: Tensor,
  others: readonly Tensor[],
  write: (array: FloatArray) => void,
): Tensor {
  checkTensor('this', x);
  if (isRecorded([x, ...others])) {
    const what = !x.requiresGrad
      ? 'what it takes requires a gradient'
      : x.isLeaf
        ? 'a leaf that requires a gradient'
        : 'a value that gradients flow through';
    throw new Error(
      `${name} writes in place, which is not recorded, but ${what}: use ${name.slice(0, -1)}() instead, or noGrad() ` +
        'around it',
    );
  }
  checkUnlocked(x);
  write(arrayOf(x));
  x[written]();
  return x;
}

/** x = f(x, other), whose lengths of 1 are repeated to those of x. */
function withOther(name: Arithmetic) {
  return (x: Tensor, other: Operand): Tensor => {
    checkTensor('this', x);
    if (typeof other === 'number') {
      return inPlace(`${name}_`, x, [], (array) => {
        const one = fill(takeLike(x, 1), other);
        apply(name, { array, shape: x.shape }, { array: one, shape: [] }, x.shape, array);
        pool.release(one);
      });
    }
    checkSameType('other', other, x);
    checkRepeated(x, other);
    return inPlace(`${name}_`, x, [other], (array) => {
      apply(name, { array, shape: x.shape }, operandOf(other), x.shape, array);
    });
  };
}

function checkRepeated(x: Tensor, other: Tensor): void {
  const shape = broadcastShape([x.shape, other.shape]);
  if (shape !== undefined && sameShape(shape, x.shape)) return;
  throw new RangeError(
    `other must have shape ${showShape(x.shape)}, or lengths of 1 in it, got ${showShape(other.shape)}`,
  );
}

function ofOne(name: UnaryName) {
  return (x: Tensor): Tensor =>
    inPlace(`${name}_`, x, [], (array) => kernels()[`${name}Forward`](array.length, array, array));
}

function stepOf(name: 'floor' | 'ceil' | 'round' | 'trunc' | 'sign') {
  return (x: Tensor): Tensor =>
    inPlace(`${name}_`, x, [], (array) => kernels()[name](array.length, array, array));
}

/**
 * this + other, in the place of this, which is returned. Nothing is recorded.
 * @param other a number, or a tensor whose lengths of 1 are repeated to those of this.
 * @throws Error outside of noGrad() where this or other requires a gradient (PyTorch refuses leaves alone), and by a later
 *   backward() that needs the elements as they were.
 */
export const add_ = withOther('add');
/** this - other, in its place; see {@link add_}. */
export const sub_ = withOther('sub');
/** this times other, in its place; see {@link add_}. */
export const mul_ = withOther('mul');
/** this / other, in its place; see {@link add_}. */
export const div_ = withOther('div');
/** this^other, in its place; see {@link add_}. */
export const pow_ = withOther('pow');
/** e^this, in its place, as all below; see {@link add_}. */
export const exp_ = ofOne('exp');
export const log_ = ofOne('log');
export const sqrt_ = ofOne('sqrt');
export const rsqrt_ = ofOne('rsqrt');
export const reciprocal_ = ofOne('reciprocal');
export const square_ = ofOne('square');
export const abs_ = ofOne('abs');
export const neg_ = ofOne('neg');
export const sin_ = ofOne('sin');
export const cos_ = ofOne('cos');
export const tan_ = ofOne('tan');
export const tanh_ = ofOne('tanh');
export const sigmoid_ = ofOne('sigmoid');
export const relu_ = ofOne('relu');
export const floor_ = stepOf('floor');
export const ceil_ = stepOf('ceil');
export const round_ = stepOf('round');
export const trunc_ = stepOf('trunc');

const CLAMP_OPTIONS: OptionNames<ClampOptions> = { min: true, max: true };

/** min(max, max(min, this)), in its place; see {@link add_}. */
export function clamp_(x: Tensor, options: ClampOptions): Tensor {
  checkOptions('clamp_', options, CLAMP_OPTIONS);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
  checkBound('min', min);
  checkBound('max', max);
  return inPlace('clamp_', x, [], (array) => kernels().clampForward(array.length, min, max, array, array));
}

/** All elements 0; see {@link add_}. */
export function zero_(x: Tensor): Tensor {
  return inPlace('zero_', x, [], (array) => fill(array, 0));
}

/** All elements `value`; see {@link add_}. */
export function fill_(x: Tensor, value: number): Tensor {
  checkNumber('value', value);
  return inPlace('fill_', x, [], (array) => fill(array, value));
}

/** The elements of another tensor, whose lengths of 1 are repeated to those of this; see {@link add_}. */
export function copy_(x: Tensor, other: Tensor): Tensor {
  checkTensor('this', x);
  checkSameType('other', other, x);
  checkRepeated(x, other);
  return inPlace('copy_', x, [other], (array) => {
    const from = operandOf(other);
    if (from.array.length === array.length) {
      if (from.array !== array) copy(from.array, array);
      return;
    }
    // Times 1: what repeats is a kernel of two operands.
    const one = fill(takeLike(x, 1), 1);
    apply('mul', from, { array: one, shape: [] }, x.shape, array);
    pool.release(one);
  });
}
