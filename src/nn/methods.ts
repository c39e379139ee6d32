import type { Arithmetic } from '../backend/contract/kernels.js';
import { Tensor, tensorOf, variableOf } from './engine/tensor.js';
import { addNumber, binary, mulNumber } from './functions/arithmetic.js';
import { matmul } from './functions/products.js';
import { scaledSum } from './functions/reductions.js';
import { clone, reshape } from './functions/shaping.js';
import { relu, sigmoid, silu, tanh } from './functions/unary.js';

// The functions that tensors also have as methods. The class itself does not know them: they are made of tensors.

/** What may be written as a method of a tensor. */
interface Methods {
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
  interface Tensor extends Methods {}
}

const of = (tensor: Tensor) => variableOf('this', tensor);

function operate(name: Arithmetic, tensor: Tensor, other: Tensor): Tensor {
  return tensorOf(binary(name, [of(tensor), variableOf('other', other)], ['this', 'other']));
}

const methods: Methods & ThisType<Tensor> = {
  clone() {
    return tensorOf(clone(of(this)));
  },
  add(other) {
    return typeof other === 'number' ? tensorOf(addNumber(of(this), other)) : operate('add', this, other);
  },
  sub(other) {
    return typeof other === 'number' ? tensorOf(addNumber(of(this), -other)) : operate('sub', this, other);
  },
  mul(other) {
    return typeof other === 'number' ? tensorOf(mulNumber(of(this), other)) : operate('mul', this, other);
  },
  matmul(other) {
    return tensorOf(matmul(of(this), variableOf('other', other)));
  },
  sum() {
    return tensorOf(scaledSum(of(this), 1));
  },
  mean() {
    return tensorOf(scaledSum(of(this), 1 / this.size));
  },
  reshape(shape) {
    return tensorOf(reshape(of(this), shape));
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

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}
