import type { Generator } from '../../array/generator.js';
import type { UnaryName } from '../../backend/contract/kernels.js';
import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { type Shape, sizeOf } from '../../core/shapes.js';
import { checkBoolean } from '../../core/validate.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { tensor } from '../engine/make-leaf.js';
import type { Tensor } from '../engine/tensor.js';
import { kaimingUniform, uniform } from '../init.js';
import { Activation } from './activations.js';
import { Module } from './module.js';

export interface LinearOptions {
  /** Whether the layer adds a bias. Default true. */
  readonly bias?: boolean;
  /** Default float32. */
  readonly dtype?: DType;
  /** Where the initial numbers come from. Default: the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

/** A layer with a weight, mostly [outputs, ...], and a bias. An activation can be applied to its result while that is in the cache. */
export abstract class Affine extends Module {
  /** May be set to another tensor of its shape, which is then shared. */
  weight: Tensor;
  readonly bias: Tensor | null;

  /** Weight and bias start uniform in +-1 / sqrt(n), where n is how many numbers of `shape` are behind its first dimension. */
  constructor(shape: Shape, options: LinearOptions, outputs = shape[0]) {
    super();
    const { bias = true, dtype = 'float32', generator = defaultGenerator() } = options;
    checkBoolean('bias', bias);
    checkDType('dtype', dtype);
    const size = sizeOf(shape);
    this.weight = tensor(alignedZeros(dtype, size), shape, { requiresGrad: true });
    // The slope sqrt(5) makes the bound 1 / sqrt(inputs).
    kaimingUniform(this.weight, { generator, a: Math.sqrt(5) });
    this.bias = bias ? tensor(alignedZeros(dtype, outputs), [outputs], { requiresGrad: true }) : null;
    const bound = 1 / Math.sqrt(size / shape[0]);
    if (this.bias !== null) uniform(this.bias, -bound, bound, { generator });
  }

  /** What the layer gives for x, and then the function of it. */
  abstract forwardWith(x: Tensor, activation: UnaryName | null): Tensor;

  override forward(x: Tensor): Tensor {
    return this.forwardWith(x, null);
  }
}

/** What `next` does to the result of `module` where both are one pass: subclasses with a forward of their own are not. */
export function forwardBoth(
  module: Module | undefined,
  next: Module | undefined,
  x: Tensor,
): Tensor | undefined {
  if (!(module instanceof Affine) || module.forward !== Affine.prototype.forward) return undefined;
  if (!(next instanceof Activation) || next.forward !== Activation.prototype.forward) return undefined;
  return module.forwardWith(x, next.kind);
}
