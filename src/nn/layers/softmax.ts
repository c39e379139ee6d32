import type { Tensor } from '../engine/tensor.js';
import { logSoftmax, softmax } from '../functions/softmax.js';
import { Module } from '../module.js';

/** softmax along the last axis, or `axis`. */
export class Softmax extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    return softmax(x, { axis: this.axis });
  }
}

/** log(softmax) along the last axis, or `axis`. */
export class LogSoftmax extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    return logSoftmax(x, { axis: this.axis });
  }
}
