import { Module } from './module.js';
import { checkModule } from './sequential.js';
import type { Tensor } from './tensor.js';

/** y = x + body(x): He, Zhang, Ren & Sun 2016, https://arxiv.org/abs/1512.03385. The body keeps the shape. */
export class Residual extends Module {
  readonly body: Module;

  constructor(body: Module) {
    super();
    checkModule('body', body);
    this.body = body;
  }

  override forward(x: Tensor): Tensor {
    return x.add(this.body.forward(x));
  }
}
