import { kernels } from '../../backend/select.js';
import { linesOf } from '../../core/axes.js';
import { broadcastShape, repeatedAxes } from '../../core/broadcasting.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Shape, sameShape, showShape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkBound } from '../../core/validate.js';
import { contribute, give, record, takeLike, Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { giveSum } from './reductions.js';
import { apply, type Comparison, kept, type Name, select, slopes } from './slopes.js';

type Operand = Tensor | number;

function operandOf(name: string, operand: unknown): Variable | number {
  return typeof operand === 'number' ? operand : variableOf(name, operand);
}

function operandsOf(a: unknown, b: unknown): Operands {
  return [operandOf('a', a), operandOf('b', b)];
}

/**
 * a + b, element by element. Lengths of 1 are repeated to match the other's, counted from the last dimension, as NumPy and
 * PyTorch do: [2, 3] and [3], [2, 3] and [2, 1], anything and a number. Gradients are summed over what was repeated.
 */
export function add(a: Operand, b: Operand): Tensor {
  return tensorOf(binary('add', operandsOf(a, b)));
}

/** a - b; see {@link add}. */
export function sub(a: Operand, b: Operand): Tensor {
  return tensorOf(binary('sub', operandsOf(a, b)));
}

/** a times b, element by element; see {@link add}. */
export function mul(a: Operand, b: Operand): Tensor {
  return tensorOf(binary('mul', operandsOf(a, b)));
}

/** a / b; see {@link add}. */
export function div(a: Operand, b: Operand): Tensor {
  return tensorOf(binary('div', operandsOf(a, b)));
}

/**
 * a^b, element by element, with C's special cases: 1^b is 1 also where b is NaN; see {@link add}. The gradient by a is 0
 * where b is 0, that by b is 0 where a is 0 and b is not negative.
 */
export function pow(a: Operand, b: Operand): Tensor {
  return tensorOf(binary('pow', operandsOf(a, b)));
}

/** The larger of a and b, NaN where either is NaN; see {@link add}. Where they are equal, each gets half the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return tensorOf(binary('maximum', operandsOf(a, b)));
}

/** The smaller of a and b, NaN where either is NaN; see {@link add}. Where they are equal, each gets half the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return tensorOf(binary('minimum', operandsOf(a, b)));
}

/** 1 where a = b, else 0: a constant. See {@link add}. */
export function eq(a: Operand, b: Operand): Tensor {
  return tensorOf(compare('eq', operandsOf(a, b)));
}

/** 1 where a and b differ or one is NaN, else 0: a constant. See {@link add}. */
export function ne(a: Operand, b: Operand): Tensor {
  return tensorOf(compare('ne', operandsOf(a, b)));
}

/** 1 where a < b, else 0: a constant. See {@link add}. */
export function lt(a: Operand, b: Operand): Tensor {
  return tensorOf(compare('lt', operandsOf(a, b)));
}

/** 1 where a <= b, else 0: a constant. See {@link add}. */
export function le(a: Operand, b: Operand): Tensor {
  return tensorOf(compare('le', operandsOf(a, b)));
}

/** 1 where a > b, else 0: a constant. See {@link add}. */
export function gt(a: Operand, b: Operand): Tensor {
  return tensorOf(compare('gt', operandsOf(a, b)));
}

/** 1 where a >= b, else 0: a constant. See {@link add}. */
export function ge(a: Operand, b: Operand): Tensor {
  return tensorOf(compare('ge', operandsOf(a, b)));
}

/** a where the condition is not 0, else b; all three are repeated as in {@link add}. No gradient flows to the condition. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return tensorOf(selected(variableOf('condition', condition), operandsOf(a, b)));
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
  return tensorOf(clamped(variableOf('x', x), min, max));
}

// Element by element between tensors whose lengths of 1 are repeated.

/** Adds `gradient`, summed over what the operand was repeated along, to that of the operand. */
function addSummed(operand: Variable, shape: Shape, gradient: FloatArray): void {
  if (operand.size === gradient.length) {
    contribute(operand, (into, accumulate) => {
      if (accumulate) kernels().add(0, 1, 1, into.length, into, gradient, into);
      else into.set(gradient);
    });
    return;
  }
  giveSum(operand, linesOf(shape, repeatedAxes(operand.shape, shape)), gradient);
}

/** The same for an array from the pool, which is then not the caller's any more. */
function giveSummed(operand: Variable, shape: Shape, gradient: FloatArray): void {
  if (operand.size === gradient.length) give(operand, gradient);
  else {
    addSummed(operand, shape, gradient);
    pool.release(gradient);
  }
}

function resultShape(names: readonly string[], operands: readonly Variable[]): Shape {
  const shapes = operands.map(({ shape }) => shape);
  const shape = broadcastShape(shapes);
  if (shape !== undefined) return shape;
  const shown = shapes.map((one, k) => `${names[k]} ${showShape(one)}`).join(', ');
  throw new RangeError(`shapes must be equal but for lengths of 1 (counted from the last), got ${shown}`);
}

/** The number as a tensor of shape []. */
function constantLike(like: Variable, value: number): Variable {
  return new Variable(Storage.temporary(takeLike(like, 1).fill(value)), []);
}

/** Tensors, or numbers as tensors, which are added to `constants`: arrays that go back to the pool. */
function toVariables(operands: readonly (Variable | number)[], constants: FloatArray[]): Variable[] {
  const like = operands.find((operand) => typeof operand !== 'number');
  if (like === undefined) throw new TypeError('one of the operands must be a Tensor, got numbers');
  return operands.map((operand) => {
    if (typeof operand !== 'number') return operand;
    const variable = constantLike(like, operand);
    constants.push(variable.array);
    return variable;
  });
}

type Operands = readonly [Variable | number, Variable | number];

export function binary(name: Name, operands: Operands, names = ['a', 'b']): Variable {
  const constants: FloatArray[] = [];
  const [a, b] = toVariables(operands, constants);
  checkSameType(names[1], b, a);
  const shape = sameShape(a.shape, b.shape) ? a.shape : resultShape(names, [a, b]);
  const out = takeLike(a, sizeOf(shape));
  apply(name, a, b, shape, out);
  return record({
    name,
    shape,
    out,
    inputs: [a, b],
    reads: slopes[name].reads(a, b),
    readsOutput: slopes[name].readsOutput ?? false,
    saved: constants,
    backward(gradient) {
      const pass = { a, b, out: { array: out, shape }, gradient: { array: gradient, shape } };
      if (b.needsGradient && slopes[name].b === kept) addSummed(b, shape, gradient);
      else if (b.needsGradient) {
        const slope = takeLike(a, out.length);
        slopes[name].b(pass, slope);
        giveSummed(b, shape, slope);
      }
      if (!a.needsGradient) {
        pool.release(gradient);
        return;
      }
      slopes[name].a(pass, gradient);
      giveSummed(a, shape, gradient);
    },
  });
}

/** A constant: no gradient flows through a comparison. */
function compare(name: Comparison, operands: Operands): Variable {
  const constants: FloatArray[] = [];
  const [a, b] = toVariables(operands, constants);
  checkSameType('b', b, a);
  const shape = resultShape(['a', 'b'], [a, b]);
  const out = takeLike(a, sizeOf(shape));
  apply(name, a, b, shape, out);
  return record({
    name,
    shape,
    out,
    inputs: [],
    saved: constants,
    backward: (gradient) => pool.release(gradient),
  });
}

function selected(condition: Variable, operands: Operands): Variable {
  const constants: FloatArray[] = [];
  const zero = constantLike(condition, 0);
  constants.push(zero.array);
  const [, a, b] = toVariables([condition, ...operands], constants);
  checkSameType('a', a, condition);
  checkSameType('b', b, condition);
  const shape = resultShape(['condition', 'a', 'b'], [condition, a, b]);
  const out = takeLike(condition, sizeOf(shape));
  select([condition, a, b], shape, out);
  return record({
    name: 'where',
    shape,
    out,
    inputs: [a, b, condition],
    reads: [condition],
    saved: constants,
    backward(gradient) {
      const from = { array: gradient, shape };
      if (b.needsGradient) {
        const slope = takeLike(condition, out.length);
        select([condition, zero, from], shape, slope);
        giveSummed(b, shape, slope);
      }
      if (!a.needsGradient) {
        pool.release(gradient);
        return;
      }
      select([condition, from, zero], shape, gradient);
      giveSummed(a, shape, gradient);
    },
  });
}

function clamped(x: Variable, low: number, high: number): Variable {
  const { size } = x;
  const y = takeLike(x);
  kernels().clampForward(size, low, high, x.array, y);
  return record({
    name: 'clamp',
    shape: x.shape,
    out: y,
    inputs: [x],
    reads: [x],
    backward(gradient) {
      kernels().clampBackward(size, low, high, x.array, gradient, gradient);
      give(x, gradient);
    },
  });
}

export function addNumber(a: Variable, alpha: number): Variable {
  const out = takeLike(a);
  kernels().addScalar(a.size, alpha, a.array, out);
  return record({
    name: 'add',
    shape: a.shape,
    out,
    inputs: [a],
    backward: (gradient) => give(a, gradient),
  });
}

export function mulNumber(a: Variable, alpha: number): Variable {
  const { size } = a;
  const out = takeLike(a);
  kernels().mulScalar(size, alpha, a.array, out);
  return record({
    name: 'mul',
    shape: a.shape,
    out,
    inputs: [a],
    backward(gradient) {
      kernels().mulScalar(size, alpha, gradient, gradient);
      give(a, gradient);
    },
  });
}
