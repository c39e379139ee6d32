import type { Arithmetic, Comparison } from '../../backend/contract/kernels.js';
import { fill, kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { sizeOf } from '../../core/shapes.js';
import { checkBound } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { tensor } from '../engine/make-leaf.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, elementsOf, type Tensor } from '../engine/tensor.js';
import { binary, comparison, type Operand } from './elementwise.js';
import { giveSummed, meet, operandOf, select } from './operands.js';

function of(name: Arithmetic) {
  return (a: Operand, b: Operand): Tensor => binary(name, [a, b]);
}

function whether(name: Comparison) {
  return (a: Operand, b: Operand): Tensor => comparison(name, [a, b]);
}

/**
 * a + b, element by element. Lengths of 1 are repeated to match the other's, counted from the last dimension, as NumPy and
 * PyTorch do: [2, 3] and [3], [2, 3] and [2, 1], anything and a number. Gradients are summed over what was repeated.
 */
export const add = of('add');
/** a - b; see {@link add}. */
export const sub = of('sub');
/** a times b, element by element; see {@link add}. */
export const mul = of('mul');
/** a / b; see {@link add}. */
export const div = of('div');
/**
 * a^b, element by element, with C's special cases: 1^b is 1 also where b is NaN; see {@link add}. The gradient by a is 0
 * where b is 0, that by b is 0 where a is 0 and b is not negative.
 */
export const pow = of('pow');
/** The angle between the x axis and the point (b, a), in [-pi, pi]; see {@link add}. */
export const atan2 = of('atan2');
/** The larger of a and b, NaN where either is NaN; see {@link add}. Where they are equal, each gets half the gradient. */
export const maximum = of('maximum');
/** The smaller of a and b, NaN where either is NaN; see {@link add}. Where they are equal, each gets half the gradient. */
export const minimum = of('minimum');
/** Whether a = b, a tensor of bool, without a gradient. See {@link add}. */
export const eq = whether('eq');
/** Whether a and b differ or one is NaN, as {@link eq}. */
export const ne = whether('ne');
/** Whether a < b, as {@link eq}. */
export const lt = whether('lt');
/** Whether a <= b, as {@link eq}. */
export const le = whether('le');
/** Whether a > b, as {@link eq}. */
export const gt = whether('gt');
/** Whether a >= b, as {@link eq}. */
export const ge = whether('ge');

/**
 * a where the condition is not 0, else b; all three are repeated as in {@link add}. No gradient flows to the condition.
 * @param condition bool or uint8, or of the element type of a and b.
 * @returns of the element type of a and b; float32 of two numbers and a mask.
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  checkTensor('condition', condition);
  const { inputs, saved, shape } = choices(condition, a, b);
  const [, x, y] = inputs;
  const out = takeLike(x, sizeOf(shape));
  const none = { array: fill(takeLike(x, 1), 0), shape: [] };
  saved.push(none.array);
  const chosen = () => ({ array: elementsOf(condition), shape: condition.shape });
  select([chosen(), operandOf(x), operandOf(y)], shape, out);
  return record({ name: 'where', shape, out, inputs, reads: [condition], saved }, (gradient) => {
    const from = { array: gradient, shape };
    if (y.requiresGrad) {
      const slope = takeLike(y, out.length);
      select([chosen(), none, from], shape, slope);
      giveSummed(y, shape, slope);
    }
    if (x.requiresGrad) {
      select([chosen(), from, none], shape, gradient);
      giveSummed(x, shape, gradient);
    } else pool.release(gradient);
  });
}

function choices(condition: Tensor, a: Operand, b: Operand) {
  if (!(elementsOf(condition) instanceof Uint8Array)) return meet([condition, a, b], ['condition', 'a', 'b']);
  const areNumbers = typeof a === 'number' && typeof b === 'number';
  const { inputs, saved, shape } = meet([areNumbers ? tensor(a) : a, b], ['a', 'b'], condition);
  return { inputs: [condition, ...inputs], saved, shape };
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
  checkTensor('x', x);
  checkOptions('clamp', options, CLAMP_OPTIONS);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
  checkBound('min', min);
  checkBound('max', max);
  const { size } = x;
  const out = takeLike(x);
  kernels().clampForward(size, min, max, arrayOf(x), out);
  return record({ name: 'clamp', out, inputs: [x], reads: [x] }, (gradient) => {
    kernels().clampBackward(size, min, max, arrayOf(x), gradient, gradient);
    give(x, gradient);
  });
}
