import type { UnaryName } from '../../backend/contract/kernels.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger } from '../../core/validate.js';
import { checkWindow1d, type Window } from '../../core/window-geometry.js';
import type { Tensor } from '../engine/tensor.js';
import { checkGroups, convolve } from '../functions/windows.js';
import type { Convolution1dOptions } from '../functions/windows-1d.js';
import { Affine, type LinearOptions } from './affine.js';

export interface Conv1dOptions extends Convolution1dOptions, LinearOptions {}

const OPTIONS: OptionNames<Conv1dOptions> = {
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
  bias: true,
  dtype: true,
  generator: true,
};

/**
 * The convolution of sequences [batch, length, inChannels] to [batch, outputs, outChannels]: see the function `conv1d`.
 *
 * `weight` is [outChannels, kernel, inChannels / groups]: channels come last, as in the sequences, where PyTorch has them
 * second. Weight and bias start uniform in +-1 / sqrt(kernel inChannels / groups), as PyTorch's do.
 */
export class Conv1d extends Affine {
  readonly groups: number;
  readonly window: Window;

  constructor(inChannels: number, outChannels: number, kernel: number, options: Conv1dOptions = {}) {
    checkInteger('inChannels', inChannels, 1);
    checkInteger('outChannels', outChannels, 1);
    checkOptions('Conv1d', options, OPTIONS);
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const window = checkWindow1d(kernel, stride, padding, dilation);
    checkGroups(groups, 'inChannels', inChannels);
    checkGroups(groups, 'outChannels', outChannels);
    super([outChannels, kernel, inChannels / groups], options);
    this.groups = groups;
    this.window = window;
  }

  override forwardWith(x: Tensor, activation: UnaryName | null): Tensor {
    return convolve(x, this.weight, this.bias, this.window, this.groups, activation);
  }
}
