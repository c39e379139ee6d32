import type { Arithmetic, Comparison } from '../../backend/contract/kernels.js';
import { copy, fill, kernels } from '../../backend/stream.js';
import { dtypeOf } from '../../core/dtypes.js';
import type { FloatArray } from '../../core/types.js';
import { factorsRead } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import type { Tensor } from '../engine/tensor.js';
import { apply, type Operand, select } from './operands.js';

/** What backward() has to work with: the operands, the result, its gradient. */
export interface Pass {
  readonly a: Operand;
  readonly b: Operand;
  readonly out: Operand;
  readonly gradient: Operand;
}

/** Writes the gradient of an operand, in the shape of the result, to `into`, which may be the result's. */
export type Slope = (pass: Pass, into: FloatArray) => void;

export const kept: Slope = ({ gradient }, into) => {
  if (into !== gradient.array) copy(gradient.array, into);
};

const negated: Slope = ({ gradient }, into) => kernels().mulScalar(into.length, -1, gradient.array, into);

/** Runs `f` with arrays of these lengths from the pool. */
function withArrays(like: FloatArray, lengths: readonly number[], f: (arrays: FloatArray[]) => void): void {
  const arrays = lengths.map((length) => pool.take(dtypeOf(like), length));
  f(arrays);
  for (const array of arrays) pool.release(array);
}

/** Times 1 where the operand was taken, 1/2 where both were equal, else 0: as PyTorch has it. */
function chosen(strictly: Comparison, atLeast: Comparison): Slope {
  return ({ a, b, out: { shape }, gradient }, into) =>
    withArrays(into, [into.length, into.length], ([share, ties]) => {
      apply(strictly, a, b, shape, share);
      apply(atLeast, a, b, shape, ties);
      kernels().add(0, 1, 1, into.length, share, ties, share);
      kernels().mulScalar(into.length, 0.5, share, share);
      kernels().mul(0, 1, 1, into.length, gradient.array, share, into);
    });
}

/** b a^(b - 1), and 0 where b is 0, whatever a is. */
const ofBase: Slope = ({ a, b, out: { shape }, gradient }, into) =>
  withArrays(into, [b.array.length, into.length, 1], ([less, slope, none]) => {
    kernels().addScalar(less.length, -1, b.array, less);
    apply('pow', a, { array: less, shape: b.shape }, shape, slope);
    apply('mul', { array: slope, shape }, b, shape, slope);
    select([b, { array: slope, shape }, { array: fill(none, 0), shape: [] }], shape, slope);
    kernels().mul(0, 1, 1, into.length, gradient.array, slope, into);
  });

/** a^b log(a), and 0 where a is 0 and b is not below it: 0^b is constant there. */
const ofExponent: Slope = ({ a, b, out, gradient }, into) => {
  const lengths = [a.array.length, b.array.length, into.length, into.length, 1];
  withArrays(into, lengths, ([ofA, ofB, slope, constant, none]) => {
    const { shape } = out;
    const zero = { array: fill(none, 0), shape: [] };
    kernels().logForward(ofA.length, a.array, ofA);
    apply('mul', out, { array: ofA, shape: a.shape }, shape, slope);
    apply('eq', a, zero, a.shape, ofA);
    apply('ge', b, zero, b.shape, ofB);
    apply('mul', { array: ofA, shape: a.shape }, { array: ofB, shape: b.shape }, shape, constant);
    select([{ array: constant, shape }, zero, { array: slope, shape }], shape, slope);
    kernels().mul(0, 1, 1, into.length, gradient.array, slope, into);
  });
};

/** factor times the other operand / (a^2 + b^2). */
function ofAngle(other: 'a' | 'b', factor: number): Slope {
  return (pass, into) => {
    const { a, b, out, gradient } = pass;
    withArrays(into, [a.array.length, b.array.length, into.length], ([ofA, ofB, squares]) => {
      const { shape } = out;
      kernels().squareForward(ofA.length, a.array, ofA);
      kernels().squareForward(ofB.length, b.array, ofB);
      apply('add', { array: ofA, shape: a.shape }, { array: ofB, shape: b.shape }, shape, squares);
      kernels().div(0, 1, 1, into.length, gradient.array, squares, into);
      apply('mul', { array: into, shape }, pass[other], shape, into);
      if (factor !== 1) kernels().mulScalar(into.length, factor, into, into);
    });
  };
}

/** The gradients by both operands, and which values they read. */
interface Slopes {
  readonly toA: Slope;
  readonly toB: Slope;
  readonly reads: (a: Tensor, b: Tensor) => readonly Tensor[];
  readonly readsOutput?: boolean;
  /** Whether both take a gradient whose shape is [], of operands in the shape of the result. Default false. */
  readonly takesUniform?: boolean;
}

const neither = (): readonly Tensor[] => [];
const both = (a: Tensor, b: Tensor): readonly Tensor[] => [a, b];

export const slopes: Readonly<Record<Arithmetic, Slopes>> = {
  add: { toA: kept, toB: kept, reads: neither },
  sub: { toA: kept, toB: negated, reads: neither },
  mul: {
    toA: ({ gradient, b, out }, into) => apply('mul', gradient, b, out.shape, into),
    toB: ({ gradient, a, out }, into) => apply('mul', gradient, a, out.shape, into),
    reads: factorsRead,
    takesUniform: true,
  },
  div: {
    toA: ({ gradient, b, out }, into) => apply('div', gradient, b, out.shape, into),
    toB: ({ gradient, b, out }, into) => {
      apply('div', gradient, b, out.shape, into);
      kernels().mul(0, 1, 1, into.length, into, out.array, into);
      kernels().mulScalar(into.length, -1, into, into);
    },
    reads: (_, b) => [b],
    readsOutput: true,
    takesUniform: true,
  },
  pow: { toA: ofBase, toB: ofExponent, reads: both, readsOutput: true },
  atan2: { toA: ofAngle('b', 1), toB: ofAngle('a', -1), reads: both },
  maximum: { toA: chosen('gt', 'ge'), toB: chosen('lt', 'le'), reads: both },
  minimum: { toA: chosen('lt', 'le'), toB: chosen('gt', 'ge'), reads: both },
};
