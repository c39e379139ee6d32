import type { Tensor } from '../engine/tensor.js';
import { axisOf, logSoftmax, type SoftmaxOptions, softmax } from '../functions/softmax.js';
import { Module } from './module.js';

/** softmax along an axis, by default the last. */
export class Softmax extends Module {
  readonly axis: number;

  /** @param options or the axis alone: `new Softmax(1)`. */
  constructor(options: number | SoftmaxOptions = {}) {
    super();
    this.axis = axisOf('Softmax', options);
  }

  override forward(x: Tensor): Tensor {
    return softmax(x, { axis: this.axis });
  }
}

/** log(softmax) along an axis, by default the last. */
export class LogSoftmax extends Module {
  readonly axis: number;

  /** @param options or the axis alone: `new LogSoftmax(1)`. */
  constructor(options: number | SoftmaxOptions = {}) {
    super();
    this.axis = axisOf('LogSoftmax', options);
  }

  override forward(x: Tensor): Tensor {
    return logSoftmax(x, { axis: this.axis });
  }
}
