import type { UnaryName } from '../../backend/contract/kernels.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger } from '../../core/validate.js';
import { checkPair, checkWindow, type Pair, type Window } from '../../core/window-geometry.js';
import type { Tensor } from '../engine/tensor.js';
import { type ConvolutionOptions, checkGroups, convolve } from '../functions/windows.js';
import { Affine, type LinearOptions } from './affine.js';

export interface Conv2dOptions extends ConvolutionOptions, LinearOptions {}

const OPTIONS: OptionNames<Conv2dOptions> = {
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
  bias: true,
  dtype: true,
  generator: true,
};

/**
 * The convolution of images [batch, height, width, inChannels] to [batch, outputs down, outputs across, outChannels]: see
 * the function `conv2d`.
 *
 * `weight` is [outChannels, kernel height, kernel width, inChannels / groups]: channels come last, as in the images, where
 * PyTorch has them second. Weight and bias start uniform in +-1 / sqrt(kernel height kernel width inChannels / groups), as
 * PyTorch's do.
 */
export class Conv2d extends Affine {
  readonly groups: number;
  readonly window: Window;

  constructor(inChannels: number, outChannels: number, kernel: Pair, options: Conv2dOptions = {}) {
    checkInteger('inChannels', inChannels, 1);
    checkInteger('outChannels', outChannels, 1);
    const size = checkPair('kernel', kernel, 1);
    checkOptions('Conv2d', options, OPTIONS);
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const window = checkWindow(kernel, stride, padding, dilation);
    checkGroups(groups, 'inChannels', inChannels);
    checkGroups(groups, 'outChannels', outChannels);
    super([outChannels, ...size, inChannels / groups], options);
    this.groups = groups;
    this.window = window;
  }

  override forwardWith(x: Tensor, activation: UnaryName | null): Tensor {
    return convolve(x, this.weight, this.bias, this.window, this.groups, activation);
  }
}
