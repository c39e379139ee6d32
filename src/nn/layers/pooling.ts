import { checkOptions, type OptionNames } from '../../core/options.js';
import type { Pair, Window } from '../../core/window-geometry.js';
import type { Tensor } from '../engine/tensor.js';
import { type AdaptiveSize, checkAdaptiveSize, poolEvenly, poolMaxEvenly } from '../functions/adaptive.js';
import { mean } from '../functions/reductions.js';
import {
  type AvgPool2dFunctionOptions,
  avgPoolWindow,
  imagesOf,
  type MaxPool2dFunctionOptions,
  maxPoolWindow,
  poolMax,
  poolMean,
} from '../functions/windows.js';
import { Module } from './module.js';

/** Those of the function `maxPool2d`, but for the kernel, which comes first here. */
export interface MaxPool2dOptions extends Omit<MaxPool2dFunctionOptions, 'kernel'> {}

/** Those of the function `avgPool2d`, but for the kernel, which comes first here. */
export interface AvgPool2dOptions extends Omit<AvgPool2dFunctionOptions, 'kernel'> {}

const MAX_OPTIONS: OptionNames<MaxPool2dOptions> = {
  stride: true,
  padding: true,
  dilation: true,
  ceilMode: true,
};
const AVERAGE_OPTIONS: OptionNames<AvgPool2dOptions> = {
  stride: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
};

/** The largest pixel of each window: see the function `maxPool2d`. */
export class MaxPool2d extends Module {
  readonly window: Window;

  constructor(kernel: Pair, options: MaxPool2dOptions = {}) {
    super();
    checkOptions('MaxPool2d', options, MAX_OPTIONS);
    this.window = maxPoolWindow({ ...options, kernel });
  }

  override forward(x: Tensor): Tensor {
    return poolMax(x, this.window);
  }
}

/** The mean of the pixels of each window: see the function `avgPool2d`. */
export class AvgPool2d extends Module {
  readonly window: Window;
  readonly countIncludePad: boolean;

  constructor(kernel: Pair, options: AvgPool2dOptions = {}) {
    super();
    checkOptions('AvgPool2d', options, AVERAGE_OPTIONS);
    const { window, countIncludePad } = avgPoolWindow({ ...options, kernel });
    this.window = window;
    this.countIncludePad = countIncludePad;
  }

  override forward(x: Tensor): Tensor {
    return poolMean(x, this.window, this.countIncludePad);
  }
}

/** The mean of all pixels of an image, channel by channel: [batch, height, width, channels] to [batch, channels]. */
export class GlobalAvgPool2d extends Module {
  override forward(x: Tensor): Tensor {
    imagesOf('x', x);
    return mean(x, { axes: [1, 2] });
  }
}

/** The mean of the pixels of windows that are as even as they can be: see the function `adaptiveAvgPool2d`. */
export class AdaptiveAvgPool2d extends Module {
  readonly outputs: ReturnType<typeof checkAdaptiveSize>;

  constructor(outputSize: AdaptiveSize) {
    super();
    this.outputs = checkAdaptiveSize(outputSize);
  }

  override forward(x: Tensor): Tensor {
    return poolEvenly(x, 2, this.outputs);
  }
}

/** The largest pixel of windows that are as even as they can be: see the function `adaptiveMaxPool2d`. */
export class AdaptiveMaxPool2d extends Module {
  readonly outputs: ReturnType<typeof checkAdaptiveSize>;

  constructor(outputSize: AdaptiveSize) {
    super();
    this.outputs = checkAdaptiveSize(outputSize);
  }

  override forward(x: Tensor): Tensor {
    return poolMaxEvenly(x, 2, this.outputs);
  }
}
