import { linesOf } from '../../axes.js';
import { kernels } from '../../backend/select.js';
import { Broadcast, broadcastShape, repeatedAxes } from '../../broadcast.js';
import type { FloatArray } from '../../types.js';
import { contribute, give, record, takeLike, Variable } from '../autograd.js';
import { dtypeOf } from '../dtype.js';
import { pool } from '../pool.js';
import { type Shape, sameShape, showShape, sizeOf } from '../shape.js';
import { Storage } from '../storage.js';
import { checkSameType } from './check.js';
import { giveSum } from './reductions.js';

// Element by element between tensors whose lengths of 1 are repeated.

/** What backward() has to work with: the operands, the result, its gradient. */
interface Pass {
  readonly a: Operand;
  readonly b: Operand;
  readonly out: Operand;
  readonly gradient: Operand;
}

interface Operand {
  readonly array: FloatArray;
  readonly shape: Shape;
}

type Name = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum';
type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** Writes the gradient of an operand, in the shape of the result, to `into`, which may be the result's. */
type Slope = (pass: Pass, into: FloatArray) => void;

const kept: Slope = ({ gradient }, into) => {
  if (into !== gradient.array) into.set(gradient.array);
};

const negated: Slope = ({ gradient }, into) => kernels().mulScalar(into.length, -1, gradient.array, into);

/** Times 1 where the operand was taken, 1/2 where both were equal, else 0: as PyTorch has it. */
function chosen(strictly: Comparison, atLeast: Comparison): Slope {
  return ({ a, b, out, gradient }, into) => {
    const { shape } = out;
    const dtype = dtypeOf(into);
    const [share, ties] = [pool.take(dtype, into.length), pool.take(dtype, into.length)];
    apply(strictly, a, b, shape, share);
    apply(atLeast, a, b, shape, ties);
    kernels().add(0, 1, 1, into.length, share, ties, share);
    kernels().mulScalar(into.length, 0.5, share, share);
    kernels().mul(0, 1, 1, into.length, gradient.array, share, into);
    pool.release(share);
    pool.release(ties);
  };
}

const slopes: Readonly<Record<Name, { readonly a: Slope; readonly b: Slope }>> = {
  add: { a: kept, b: kept },
  sub: { a: kept, b: negated },
  mul: {
    a: ({ gradient, b, out }, into) => apply('mul', gradient, b, out.shape, into),
    b: ({ gradient, a, out }, into) => apply('mul', gradient, a, out.shape, into),
  },
  div: {
    a: ({ gradient, b, out }, into) => apply('div', gradient, b, out.shape, into),
    b: ({ gradient, b, out }, into) => {
      apply('div', gradient, b, out.shape, into);
      kernels().mul(0, 1, 1, into.length, into, out.array, into);
      kernels().mulScalar(into.length, -1, into, into);
    },
  },
  maximum: { a: chosen('gt', 'ge'), b: chosen('lt', 'le') },
  minimum: { a: chosen('lt', 'le'), b: chosen('gt', 'ge') },
};

function apply(name: Name | Comparison, a: Operand, b: Operand, shape: Shape, out: FloatArray): void {
  const kernel = kernels()[name];
  if (sameShape(a.shape, b.shape)) {
    kernel(0, 1, 1, out.length, a.array, b.array, out);
    return;
  }
  const broadcast = new Broadcast([a.shape, b.shape], shape);
  const { layout, outer, rows, columns } = broadcast;
  broadcast.run([a.array, b.array], out, ([x, y], to) => kernel(layout, outer, rows, columns, x, y, to));
}

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
    shape,
    storage: Storage.temporary(out),
    inputs: [a, b],
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
    shape,
    storage: Storage.temporary(out),
    inputs: [],
    saved: constants,
    backward: (gradient) => pool.release(gradient),
  });
}

function select(operands: readonly Operand[], shape: Shape, out: FloatArray): void {
  const shapes = operands.map((operand) => operand.shape);
  const broadcast = new Broadcast(shapes, shape);
  const { layout, outer, rows, columns } = broadcast;
  const arrays = operands.map(({ array }) => array);
  broadcast.run(arrays, out, ([c, x, y], to) => kernels().where(layout, outer, rows, columns, c, x, y, to));
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
    shape,
    storage: Storage.temporary(out),
    inputs: [a, b, condition],
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
    shape: x.shape,
    storage: Storage.temporary(y),
    inputs: [x],
    backward(gradient) {
      kernels().clampBackward(size, low, high, x.array, gradient, gradient);
      give(x, gradient);
    },
  });
}
