import { checkOptions, type OptionNames } from '../../core/options.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { Tensor } from '../engine/tensor.js';
import { checkModule, Module } from './module.js';

export interface ResidualOptions {
  /**
   * What x goes through on its way past the body, where that changes the shape: a `Conv2d` of 1 x 1 with the body's stride
   * and channels, say. Default: nothing.
   */
  readonly shortcut?: Module;
}

const OPTIONS: OptionNames<ResidualOptions> = { shortcut: true };

/**
 * y = x + body(x), or shortcut(x) + body(x): He, Zhang, Ren & Sun 2016, https://arxiv.org/abs/1512.03385, equations 1 and 2.
 * Without a shortcut the body keeps the shape.
 */
export class Residual extends Module {
  readonly body: Module;
  readonly shortcut: Module | null;

  constructor(body: Module, options: ResidualOptions = {}) {
    super();
    checkModule('body', body);
    checkOptions('Residual', options, OPTIONS);
    const { shortcut = null } = options;
    if (shortcut !== null) checkModule('shortcut', shortcut);
    this.body = body;
    this.shortcut = shortcut;
  }

  override forward(x: Tensor): Tensor {
    const past = this.shortcut === null ? x : this.shortcut.forward(x);
    const change = this.body.forward(x);
    if (!sameShape(past.shape, change.shape)) {
      const where = this.shortcut === null ? 'x' : 'what the shortcut gives';
      throw new RangeError(
        `body must give the shape ${showShape(past.shape)} of ${where}, got ${showShape(change.shape)}`,
      );
    }
    return past.add(change);
  }
}
