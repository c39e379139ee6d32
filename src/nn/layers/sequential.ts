import type { Tensor } from '../engine/tensor.js';
import { forwardBoth } from './affine.js';
import type { Module } from './module.js';
import { ModuleSequence } from './module-list.js';

/**
 * Modules one after the other; they are named by their positions. A layer and the activation after it run in one pass
 * where they can, with the same bits.
 */
export class Sequential extends ModuleSequence<Module, Tensor, Tensor[]> {
  constructor(...modules: Module[]) {
    super(modules);
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (let i = 0; i < this.length; i++) {
      const module = this.at(i);
      const fused = forwardBoth(module, this.at(i + 1), y);
      y = fused ?? module?.forward(y) ?? y;
      if (fused !== undefined) i++;
    }
    return y;
  }
}
