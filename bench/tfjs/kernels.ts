import * as tf from '@tensorflow/tfjs-core';
import { timed } from '../measure.js';
import type { Prepared } from '../peers/serve.js';
import { numbers } from '../work/work.js';

// One operation at a time: every kernel that runs natively here, on about so many elements.

type Make = (elements: number) => () => tf.Tensor | tf.Tensor[];

const vector = (n: number, seed = 1) => tf.tensor1d(numbers(n, seed));
const positive = (n: number) => tf.add(tf.square(vector(n)), 0.1);
const square = (n: number, seed = 1) => {
  const side = Math.floor(Math.sqrt(n));
  return tf.tensor2d(numbers(side * side, seed), [side, side]);
};
const mask = (n: number, seed = 1) => tf.greater(vector(n, seed), 0);
const whole = (n: number, seed = 1) => tf.cast(tf.mul(vector(n, seed), 100), 'int32');
/** An image of 16 channels. */
const image = (n: number, seed = 1): tf.Tensor4D => {
  const side = Math.max(2, 2 * Math.floor(Math.sqrt(n / 16) / 2));
  return tf.tensor4d(numbers(side * side * 16, seed), [1, side, side, 16]);
};

const unary =
  (run: Unary): Make =>
  (n) => {
    const x = vector(n);
    return () => run(x);
  };
const ofPositive =
  (run: Unary): Make =>
  (n) => {
    const x = positive(n);
    return () => run(x);
  };
const binary =
  (run: Binary): Make =>
  (n) => {
    const [a, b] = [vector(n, 1), vector(n, 2)];
    return () => run(a, b);
  };
const ofMasks =
  (run: Binary): Make =>
  (n) => {
    const [a, b] = [mask(n, 1), mask(n, 2)];
    return () => run(a, b);
  };
const ofWhole =
  (run: Binary): Make =>
  (n) => {
    const [a, b] = [whole(n, 1), tf.add(tf.abs(whole(n, 2)), tf.scalar(1, 'int32'))];
    return () => run(a, b);
  };
const matrix =
  (run: (x: tf.Tensor2D) => tf.Tensor | tf.Tensor[]): Make =>
  (n) => {
    const x = square(n);
    return () => run(x);
  };

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const UNARY: Readonly<Record<string, Unary>> = {
  abs: tf.abs,
  cos: tf.cos,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  neg: tf.neg,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  relu6: tf.relu6,
  sigmoid: tf.sigmoid,
  sin: tf.sin,
  softplus: tf.softplus,
  square: tf.square,
  tanh: tf.tanh,
  elu: tf.elu,
  selu: tf.selu,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  sign: tf.sign,
};
const OF_POSITIVE: Readonly<Record<string, Unary>> = {
  log: tf.log,
  log1p: tf.log1p,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
};
const BINARY: Readonly<Record<string, Binary>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  mod: tf.mod,
  floorDiv: tf.floorDiv,
  equal: tf.equal,
  notEqual: tf.notEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  prelu: tf.prelu,
};

/** `make` of every function of a table. */
function each<F>(functions: Readonly<Record<string, F>>, make: (run: F) => Make): Record<string, Make> {
  return Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, make(run)]));
}

export const KERNELS: Readonly<Record<string, Make>> = {
  ...each(UNARY, unary),
  leakyRelu: unary((x) => tf.leakyRelu(x)),
  step: unary((x) => tf.step(x)),
  ...each(OF_POSITIVE, ofPositive),
  ...each(BINARY, binary),
  pow: (n) => {
    const [a, b] = [positive(n), vector(n)];
    return () => tf.pow(a, b);
  },
  'add of a row': matrix((x) => tf.add(x, tf.slice(x, [0, 0], [1, -1]))),
  'add, int32': ofWhole((a, b) => tf.add(a, b)),
  'mul, int32': ofWhole((a, b) => tf.mul(a, b)),
  'floorDiv, int32': ofWhole((a, b) => tf.floorDiv(a, b)),
  'equal, int32': ofWhole((a, b) => tf.equal(a, b)),
  logicalAnd: ofMasks(tf.logicalAnd),
  logicalOr: ofMasks(tf.logicalOr),
  logicalNot: ofMasks((a) => tf.logicalNot(a)),
  any: ofMasks((a) => tf.any(a)),
  all: ofMasks((a) => tf.all(a)),
  'cast, bool to float32': ofMasks((a) => tf.cast(a, 'float32')),
  'cast, float32 to int32': unary((x) => tf.cast(x, 'int32')),
  where: (n) => {
    const [condition, a, b] = [mask(n, 3), vector(n, 1), vector(n, 2)];
    return () => tf.where(condition, a, b);
  },
  clipByValue: unary((x) => tf.clipByValue(x, -0.5, 0.5)),
  sum: matrix((x) => tf.sum(x)),
  'sum of rows': matrix((x) => tf.sum(x, 1)),
  'sum of columns': matrix((x) => tf.sum(x, 0)),
  mean: matrix((x) => tf.mean(x, 1)),
  max: matrix((x) => tf.max(x, 1)),
  min: matrix((x) => tf.min(x, 1)),
  prod: matrix((x) => tf.prod(x, 1)),
  argMax: matrix((x) => tf.argMax(x, 1)),
  argMin: matrix((x) => tf.argMin(x, 1)),
  softmax: matrix((x) => tf.softmax(x)),
  cumsum: matrix((x) => tf.cumsum(x, 1)),
  matMul: matrix((x) => tf.matMul(x, x)),
  'matMul, fused': matrix((x) =>
    tf.fused.matMul({ a: x, b: x, bias: tf.reshape(tf.slice(x, [0, 0], [1, -1]), [-1]), activation: 'relu' }),
  ),
  einsum: matrix((x) => tf.einsum('ij,jk->ik', x, x)),
  transpose: matrix((x) => tf.transpose(x)),
  concat: matrix((x) => tf.concat([x, x], 1)),
  split: matrix((x) => tf.split(x, [1, x.shape[1] - 1], 1)),
  slice: matrix((x) => tf.slice(x, [1, 1], [x.shape[0] - 2, x.shape[1] - 2])),
  stridedSlice: matrix((x) => tf.stridedSlice(x, [0, 0], x.shape, [1, 2])),
  stack: matrix((x) => tf.stack([x, x], 2)),
  unstack: matrix((x) => tf.unstack(tf.reshape<tf.Rank.R2>(x, [2, -1]))),
  pad: matrix((x) =>
    tf.pad(x, [
      [1, 1],
      [1, 1],
    ]),
  ),
  mirrorPad: matrix((x) =>
    tf.mirrorPad(
      x,
      [
        [1, 1],
        [1, 1],
      ],
      'reflect',
    ),
  ),
  tile: matrix((x) => tf.tile(x, [2, 1])),
  reverse: matrix((x) => tf.reverse(x, 1)),
  oneHot: (n) => {
    const indices = tf.tensor1d(
      Array.from({ length: Math.ceil(n / 16) }, (_, i) => i % 16),
      'int32',
    );
    return () => tf.oneHot(indices, 16);
  },
  gather: (n) => {
    const x = square(n);
    const indices = tf.tensor1d(
      Array.from({ length: x.shape[0] }, (_, i) => (i * 7) % x.shape[0]),
      'int32',
    );
    return () => tf.gather(x, indices);
  },
  unsortedSegmentSum: (n) => {
    const x = square(n);
    const ids = tf.tensor1d(
      Array.from({ length: x.shape[0] }, (_, i) => i % 4),
      'int32',
    );
    return () => tf.unsortedSegmentSum(x, ids, 4);
  },
  conv2d: (n) => {
    const [x, filter] = [image(n), tf.tensor4d(numbers(9 * 16 * 16, 2), [3, 3, 16, 16])];
    return () => tf.conv2d(x, filter, 1, 'same');
  },
  depthwiseConv2d: (n) => {
    const [x, filter] = [image(n), tf.tensor4d(numbers(9 * 16, 2), [3, 3, 16, 1])];
    return () => tf.depthwiseConv2d(x, filter, 1, 'same');
  },
  maxPool: (n) => {
    const x = image(n);
    return () => tf.maxPool(x, 2, 2, 'valid');
  },
  avgPool: (n) => {
    const x = image(n);
    return () => tf.avgPool(x, 2, 2, 'valid');
  },
  batchNorm: (n) => {
    const x = image(n);
    const [mean, variance] = [tf.zeros([16]), tf.ones([16])];
    return () => tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D);
  },
  resizeBilinear: (n) => {
    const x = image(n);
    return () => tf.image.resizeBilinear(x, [2 * x.shape[1], 2 * x.shape[2]]);
  },
  resizeNearestNeighbor: (n) => {
    const x = image(n);
    return () => tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]);
  },
};

export function prepareKernel(name: string, elements: number): Prepared {
  const run = KERNELS[name](elements);
  return { run: (steps) => timed(() => tf.dispose(run()), steps) };
}
