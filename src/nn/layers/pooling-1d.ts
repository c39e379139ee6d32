import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger } from '../../core/validate.js';
import type { Window } from '../../core/window-geometry.js';
import type { Tensor } from '../engine/tensor.js';
import { adaptiveAvgPool1d, adaptiveMaxPool1d } from '../functions/adaptive.js';
import { poolMax, poolMean } from '../functions/windows.js';
import {
  type AvgPool1dFunctionOptions,
  avgPool1dWindow,
  type MaxPool1dFunctionOptions,
  maxPool1dWindow,
} from '../functions/windows-1d.js';
import { Module } from './module.js';

/** Those of the function `maxPool1d`, but for the kernel, which comes first here. */
export interface MaxPool1dOptions extends Omit<MaxPool1dFunctionOptions, 'kernel'> {}

/** Those of the function `avgPool1d`, but for the kernel, which comes first here. */
export interface AvgPool1dOptions extends Omit<AvgPool1dFunctionOptions, 'kernel'> {}

const MAX_OPTIONS: OptionNames<MaxPool1dOptions> = {
  stride: true,
  padding: true,
  dilation: true,
  ceilMode: true,
};
const AVERAGE_OPTIONS: OptionNames<AvgPool1dOptions> = {
  stride: true,
  padding: true,
  ceilMode: true,
  countIncludePad: true,
};

/** The largest element of each window of a sequence: see the function `maxPool1d`. */
export class MaxPool1d extends Module {
  readonly window: Window;

  constructor(kernel: number, options: MaxPool1dOptions = {}) {
    super();
    checkOptions('MaxPool1d', options, MAX_OPTIONS);
    this.window = maxPool1dWindow({ ...options, kernel });
  }

  override forward(x: Tensor): Tensor {
    return poolMax(x, this.window);
  }
}

/** The mean of the elements of each window of a sequence: see the function `avgPool1d`. */
export class AvgPool1d extends Module {
  readonly window: Window;
  readonly countIncludePad: boolean;

  constructor(kernel: number, options: AvgPool1dOptions = {}) {
    super();
    checkOptions('AvgPool1d', options, AVERAGE_OPTIONS);
    const { window, countIncludePad } = avgPool1dWindow({ ...options, kernel });
    this.window = window;
    this.countIncludePad = countIncludePad;
  }

  override forward(x: Tensor): Tensor {
    return poolMean(x, this.window, this.countIncludePad);
  }
}

/** The mean of the elements of windows that are as even as they can be: see the function `adaptiveAvgPool1d`. */
export class AdaptiveAvgPool1d extends Module {
  readonly outputSize: number;

  constructor(outputSize: number) {
    super();
    checkInteger('outputSize', outputSize, 1);
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize);
  }
}

/** The largest element of windows that are as even as they can be: see the function `adaptiveMaxPool1d`. */
export class AdaptiveMaxPool1d extends Module {
  readonly outputSize: number;

  constructor(outputSize: number) {
    super();
    checkInteger('outputSize', outputSize, 1);
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize);
  }
}
