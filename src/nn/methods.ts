import { backwardSteps } from './engine/autograd.js';
import { Tensor } from './engine/tensor.js';
import { bool, byte, double, float, int, to } from './functions/casting.js';
import { cumprod, cumsum } from './functions/cumulative.js';
import { addNumber, binary, mulNumber } from './functions/elementwise.js';
import { gather, indexAdd, indexSelect } from './functions/indexing.js';
import { maskedFill, tril, triu } from './functions/masking.js';
import { matmul } from './functions/products.js';
import { sumAll } from './functions/reductions.js';
import { expand, repeat, tile } from './functions/repeating.js';
import { clone, reshape } from './functions/shaping.js';
import { chunk, flip, narrow, roll, select, slice, split, unbind } from './functions/slicing.js';
import { sort, topk } from './functions/sorting.js';
import { squeeze, unsqueeze } from './functions/squeezing.js';
import { relu, sigmoid, silu, tanh } from './functions/unary.js';

// The functions that tensors have as methods. The class itself does not know them: they are made of tensors.

/** The functions that are methods with this in the place of x. */
const functions = {
  ...{ narrow, select, slice, split, chunk, unbind, flip, roll },
  ...{ expand, tile, repeat, squeeze, unsqueeze },
  ...{ gather, indexSelect, indexAdd, maskedFill, tril, triu },
  ...{ cumsum, cumprod, sort, topk },
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
  /** The matrix product of [m, k] and [k, n]. */
  matmul(other: Tensor): Tensor;
  /** The sum of all elements, summed in double: a tensor of shape []. Along axes: `nn.sum(x, { axes })`. */
  sum(): Tensor;
  /** The mean of all elements, summed in double: a tensor of shape []. Along axes: `nn.mean(x, { axes })`. */
  mean(): Tensor;
  /** The same elements, in the same memory, under another shape. One length may be -1: whatever is left. */
  reshape(shape: readonly number[]): Tensor;
  /** max(x, 0) */
  relu(): Tensor;
  tanh(): Tensor;
  /** 1 / (1 + exp(-x)) */
  sigmoid(): Tensor;
  /** x sigmoid(x), also known as swish. */
  silu(): Tensor;
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
  sum() {
    return sumAll(this, 1);
  },
  mean() {
    return sumAll(this, 1 / this.size);
  },
  reshape(shape) {
    return reshape(this, shape);
  },
  relu() {
    return relu(this);
  },
  tanh() {
    return tanh(this);
  },
  sigmoid() {
    return sigmoid(this);
  },
  silu() {
    return silu(this);
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
