import { ACTIVATIONS, type Activation } from '../../backend/contract/activations.js';
import { UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/stream.js';
import { type Shape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, factorsRead, isRecorded, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import { checkSameShape } from './check.js';
import { unary } from './elementwise.js';
import { giveSum } from './reductions.js';

type Fused = Exclude<Activation, 'none'>;

/** The function, where the product itself can apply it: for its gradient, its output must then be enough. */
function fusable(name: UnaryName | null, inputs: readonly Tensor[]): Fused | null {
  const fused = ACTIVATIONS.find((activation): activation is Fused => activation === name);
  if (fused === undefined) return null;
  return UNARY[fused].reads === 'output' || !isRecorded(inputs) ? fused : null;
}

/** A kind of product, with the `sizes` that its kernels take. */
export interface Product<Sizes> {
  readonly name: string;
  readonly forward: (
    sizes: Sizes,
    x: FloatArray,
    weight: FloatArray,
    bias: FloatArray | null,
    activation: Activation,
    y: FloatArray,
  ) => void;
  /** Each writes a gradient to `into`, or adds it to what is there (`accumulate` is 1). */
  readonly toWeight: Slope<Sizes>;
  readonly toInput: Slope<Sizes>;
}

type Slope<Sizes> = (
  sizes: Sizes,
  factor: FloatArray,
  gradient: FloatArray,
  into: FloatArray,
  accumulate: 0 | 1,
) => void;

/** A product of x and a weight, [..., outputs], plus a bias [outputs] or none, under a function: in passing where that can be. */
export function affine<Sizes>(
  { name, forward, toWeight, toInput }: Product<Sizes>,
  sizes: Sizes,
  shape: Shape,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  activation: UnaryName | null,
): Tensor {
  const outputs = shape[shape.length - 1];
  if (bias !== null) checkSameShape('bias', bias, weight, [outputs]);
  const inputs = bias === null ? [x, weight] : [x, weight, bias];
  const fused = fusable(activation, inputs);
  const y = takeLike(x, sizeOf(shape));
  forward(sizes, arrayOf(x), arrayOf(weight), bias === null ? null : arrayOf(bias), fused ?? 'none', y);
  const reads = factorsRead(x, weight);
  const output = record({ name, shape, out: y, inputs, reads, readsOutput: fused !== null }, (gradient) => {
    if (fused !== null) kernels()[UNARY[fused].backward](y.length, y, gradient, gradient);
    contribute(weight, (into, accumulate) => toWeight(sizes, arrayOf(x), gradient, into, accumulate));
    if (bias !== null) giveSum(bias, [{ outer: 1, count: y.length / outputs, inner: outputs }], gradient);
    contribute(x, (into, accumulate) => toInput(sizes, arrayOf(weight), gradient, into, accumulate));
    pool.release(gradient);
  });
  return activation === null || fused !== null ? output : unary(activation, output);
}
