import { kernels } from '../../backend/select.js';
import { linesOf } from '../../core/axes.js';
import { broadcastShape, repeatedAxes } from '../../core/broadcasting.js';
import { type Shape, sameShape, showShape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, give, record, takeLike, Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import { checkSameType } from './check.js';
import { giveSum } from './reductions.js';
import { apply, type Comparison, kept, type Name, select, slopes } from './slopes.js';

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

export type Operands = readonly [Variable | number, Variable | number];

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
    storage: Storage.temporary(out),
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
export function compare(name: Comparison, operands: Operands): Variable {
  const constants: FloatArray[] = [];
  const [a, b] = toVariables(operands, constants);
  checkSameType('b', b, a);
  const shape = resultShape(['a', 'b'], [a, b]);
  const out = takeLike(a, sizeOf(shape));
  apply(name, a, b, shape, out);
  return record({
    name,
    shape,
    storage: Storage.temporary(out),
    inputs: [],
    saved: constants,
    backward: (gradient) => pool.release(gradient),
  });
}

export function where(condition: Variable, operands: Operands): Variable {
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
    storage: Storage.temporary(out),
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

export function clamp(x: Variable, low: number, high: number): Variable {
  const { size } = x;
  const y = takeLike(x);
  kernels().clampForward(size, low, high, x.array, y);
  return record({
    name: 'clamp',
    shape: x.shape,
    storage: Storage.temporary(y),
    inputs: [x],
    reads: [x],
    backward(gradient) {
      kernels().clampBackward(size, low, high, x.array, gradient, gradient);
      give(x, gradient);
    },
  });
}
