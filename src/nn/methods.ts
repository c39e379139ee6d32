import { backwardSteps } from './engine/autograd.js';
import { Tensor } from './engine/tensor.js';
import * as arithmetic from './functions/arithmetic.js';
import { bmm } from './functions/bmm.js';
import { bool, byte, double, float, int, to } from './functions/casting.js';
import { cumprod, cumsum } from './functions/cumulative.js';
import { addNumber, binary, mulNumber } from './functions/elementwise.js';
import * as inPlace from './functions/in-place.js';
import { gather, indexAdd, indexSelect } from './functions/indexing.js';
import * as logic from './functions/logic.js';
import { maskedFill, maskedSelect, tril, triu } from './functions/masking.js';
import { dot, matmul, mv, outer } from './functions/matmul.js';
import { permute } from './functions/permute.js';
import { amax, amin, mean, norm, prod, type ReductionOptions, sum, sumAll } from './functions/reductions.js';
import { expand, repeat, tile } from './functions/repeating.js';
import * as rounding from './functions/rounding.js';
import * as rows from './functions/rows.js';
import { clone, reshape } from './functions/shaping.js';
import { chunk, flip, narrow, roll, select, slice, split, unbind } from './functions/slicing.js';
import { logSoftmax, softmax } from './functions/softmax.js';
import { sort, topk } from './functions/sorting.js';
import { squeeze, unsqueeze } from './functions/squeezing.js';
import { logSumExp, std, variance } from './functions/statistics.js';
import * as unary from './functions/unary.js';

// The functions that tensors have as methods. The class itself does not know them: they are made of tensors.

/** The functions that are methods with this in the place of the first argument. */
const functions = {
  ...{ narrow, select, slice, split, chunk, unbind, flip, roll },
  ...{ expand, tile, repeat, squeeze, unsqueeze },
  ...{ gather, indexSelect, indexAdd, maskedFill, maskedSelect, tril, triu },
  ...{ cumsum, cumprod, sort, topk, argmax: rows.argmax, argmin: rows.argmin },
  ...{ prod, amax, amin, norm, logSumExp, var: variance, std },
  ...{ permute, bmm, dot, mv, outer, softmax, logSoftmax },
  ...{ div: arithmetic.div, pow: arithmetic.pow, atan2: arithmetic.atan2, clamp: arithmetic.clamp },
  ...{ maximum: arithmetic.maximum, minimum: arithmetic.minimum },
  ...{
    eq: arithmetic.eq,
    ne: arithmetic.ne,
    lt: arithmetic.lt,
    le: arithmetic.le,
    gt: arithmetic.gt,
    ge: arithmetic.ge,
  },
  ...rounding,
  ...logic,
  ...unary,
  ...inPlace,
  ...{ to, float, double, int, byte, bool },
};

type Rest<F> = F extends (x: Tensor, ...rest: infer R) => infer Result ? (...rest: R) => Result : never;
type FunctionMethods = { [Name in keyof typeof functions]: Rest<(typeof functions)[Name]> };

/** What else may be written as a method of a tensor. */
interface Methods {
  /**
   * Adds the gradient of this single number to `grad` of every leaf it depends on that requires one, and releases the
   * values computed on the way.
   *
   * Runs once for a graph: a second call is an error, before anything has changed.
   */
  backward(): void;
  /**
   * {@link backward}, an operation at a time: for who has other things to do in between. The gradients are those once it is
   * done, and nothing may be trained on this graph's leaves before.
   */
  backwardSteps(): Generator<void, void, void>;
  /** A copy, through which gradients flow. */
  clone(): Tensor;
  /** this + other: a number, or a tensor; lengths of 1 are repeated, as `add` of lockstep/nn has it. */
  add(other: Tensor | number): Tensor;
  /** this - other: a number, or a tensor; lengths of 1 are repeated. */
  sub(other: Tensor | number): Tensor;
  /** this * other, element by element: a number, or a tensor; lengths of 1 are repeated. */
  mul(other: Tensor | number): Tensor;
  /** The matrix product, as `matmul` of lockstep/nn has it. */
  matmul(other: Tensor): Tensor;
  /** The sum over the axes, summed in double. Default: over all elements, a tensor of shape []. */
  sum(options?: ReductionOptions): Tensor;
  /** The mean over the axes, as {@link sum}. */
  mean(options?: ReductionOptions): Tensor;
  /** The same elements, in the same memory, under another shape. One length may be -1: whatever is left. */
  reshape(shape: readonly number[]): Tensor;
  /** this where the condition is not 0, else other: `where(condition, this, other)`. */
  where(condition: Tensor, other: Tensor | number): Tensor;
}

declare module './engine/tensor.js' {
  interface Tensor extends Methods, FunctionMethods {}
}

const NAMES = ['this', 'other'];

const methods: Methods & ThisType<Tensor> = {
  backward() {
    const steps = this.backwardSteps();
    while (steps.next().done !== true);
  },
  backwardSteps() {
    return backwardSteps(this);
  },
  clone() {
    return clone(this);
  },
  add(other) {
    return typeof other === 'number' ? addNumber(this, other) : binary('add', [this, other], NAMES);
  },
  sub(other) {
    return typeof other === 'number' ? addNumber(this, -other) : binary('sub', [this, other], NAMES);
  },
  mul(other) {
    return typeof other === 'number' ? mulNumber(this, other) : binary('mul', [this, other], NAMES);
  },
  matmul(other) {
    return matmul(this, other);
  },
  sum(options) {
    return options === undefined ? sumAll(this, 1) : sum(this, options);
  },
  mean(options) {
    return options === undefined ? sumAll(this, 1 / this.size) : mean(this, options);
  },
  reshape(shape) {
    return reshape(this, shape);
  },
  where(condition, other) {
    return arithmetic.where(condition, this, other);
  },
};

function define(name: string, value: unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

for (const [name, value] of Object.entries(methods)) define(name, value);
for (const [name, run] of Object.entries(functions)) {
  define(name, function (this: Tensor, ...rest: unknown[]): unknown {
    return Reflect.apply(run, null, [this, ...rest]);
  });
}
