import { show } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';
import { forwardBoth } from './affine.js';
import { Module } from './module.js';

export function checkModule(name: string, value: unknown): asserts value is Module {
  if (!(value instanceof Module)) throw new TypeError(`${name} must be a Module, got ${show(value)}`);
}

/**
 * Modules one after the other; they are named by their positions. A layer and the activation after it run in one pass
 * where they can, with the same bits.
 */
export class Sequential extends Module {
  readonly #modules: readonly Module[];

  constructor(...modules: Module[]) {
    super();
    modules.forEach((module, i) => {
      checkModule(`modules[${i}]`, module);
    });
    this.#modules = modules;
  }

  override namedChildren(): [name: string, child: Module][] {
    return this.#modules.map((module, i) => [String(i), module]);
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (let i = 0; i < this.#modules.length; i++) {
      const fused = forwardBoth(this.#modules[i], this.#modules[i + 1], y);
      y = fused ?? this.#modules[i].forward(y);
      if (fused !== undefined) i++;
    }
    return y;
  }
}
