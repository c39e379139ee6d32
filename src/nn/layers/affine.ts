import type { UnaryName } from '../../backend/contract/kernels.js';
import type { Tensor } from '../engine/tensor.js';
import { Activation } from './activations.js';
import { Module } from './module.js';

/** A layer whose result an activation can be applied to while it is in the cache. */
export abstract class Affine extends Module {
  /** What the layer gives for x, and then the function of it. */
  abstract apply(x: Tensor, activation: UnaryName | null): Tensor;

  override forward(x: Tensor): Tensor {
    return this.apply(x, null);
  }
}

/** What `next` does to the result of `module` where both are one pass: subclasses with a forward of their own are not. */
export function forwardBoth(module: Module, next: Module | undefined, x: Tensor): Tensor | undefined {
  if (!(module instanceof Affine) || module.forward !== Affine.prototype.forward) return undefined;
  if (!(next instanceof Activation) || next.forward !== Activation.prototype.forward) return undefined;
  return module.apply(x, next.kind);
}
