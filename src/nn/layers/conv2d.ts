import type { UnaryName } from '../../backend/contract/kernels.js';
import { checkDType, zeros } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import { checkPair, checkWindow, type Pair, type Window } from '../../core/window-geometry.js';
import { defaultGenerator } from '../engine/generator.js';
import { type Tensor, tensor } from '../engine/tensor.js';
import { type ConvolutionOptions, checkGroups, convolve } from '../functions/windows.js';
import { kaimingUniform, uniform } from '../init.js';
import { Affine } from './affine.js';
import type { LinearOptions } from './linear.js';

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
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly groups: number;
  readonly #window: Window;

  constructor(inChannels: number, outChannels: number, kernel: Pair, options: Conv2dOptions = {}) {
    super();
    checkInteger('inChannels', inChannels, 1);
    checkInteger('outChannels', outChannels, 1);
    const [height, width] = checkPair('kernel', kernel, 1);
    checkOptions('Conv2d', options, OPTIONS);
    const {
      stride = 1,
      padding = 0,
      dilation = 1,
      groups = 1,
      bias = true,
      dtype = 'float32',
      generator = defaultGenerator(),
    } = options;
    this.#window = checkWindow(kernel, stride, padding, dilation);
    checkGroups(groups, 'inChannels', inChannels);
    checkGroups(groups, 'outChannels', outChannels);
    checkBoolean('bias', bias);
    checkDType('dtype', dtype);
    this.groups = groups;
    const fanIn = (height * width * inChannels) / groups;
    const shape = [outChannels, height, width, inChannels / groups];
    this.weight = tensor(zeros(dtype, outChannels * fanIn), shape, { requiresGrad: true });
    // The slope sqrt(5) makes the bound 1 / sqrt(fanIn).
    kaimingUniform(this.weight, { generator, a: Math.sqrt(5) });
    this.bias = bias ? tensor(zeros(dtype, outChannels), [outChannels], { requiresGrad: true }) : null;
    const bound = 1 / Math.sqrt(fanIn);
    if (this.bias !== null) uniform(this.bias, -bound, bound, { generator });
  }

  override apply(x: Tensor, activation: UnaryName | null): Tensor {
    return convolve(x, this.weight, this.bias, this.#window, this.groups, activation);
  }
}
