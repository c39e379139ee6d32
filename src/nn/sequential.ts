import { show } from '../validate.js';
import { Module } from './module.js';
import type { Tensor } from './tensor.js';

export function checkModule(name: string, value: unknown): asserts value is Module {
  if (!(value instanceof Module)) throw new TypeError(`${name} must be a Module, got ${show(value)}`);
}

/** Modules one after the other; they are named by their positions. */
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
    return this.#modules.reduce((y, module) => module.forward(y), x);
  }
}
