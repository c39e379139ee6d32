import type { UnaryName } from '../../backend/contract/kernels.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger } from '../../core/validate.js';
import { checkPair, type Pair } from '../../core/window-geometry.js';
import type { Tensor } from '../engine/tensor.js';
import {
  type Transposed1dOptions,
  type TransposedOptions,
  type TransposedWindow,
  transposed,
  transposedWindow,
  transposedWindow1d,
} from '../functions/transposed.js';
import { checkGroups } from '../functions/windows.js';
import { Affine, type LinearOptions } from './affine.js';

export interface ConvTranspose2dOptions extends TransposedOptions, LinearOptions {}
export interface ConvTranspose1dOptions extends Transposed1dOptions, LinearOptions {}

const OPTIONS: OptionNames<ConvTranspose2dOptions & ConvTranspose1dOptions> = {
  stride: true,
  padding: true,
  outputPadding: true,
  groups: true,
  bias: true,
  dilation: true,
  dtype: true,
  generator: true,
};

type Options = ConvTranspose2dOptions | ConvTranspose1dOptions;

/** What must hold before a weight is made. @returns how many groups there are. */
function check(owner: string, inChannels: number, outChannels: number, options: Options): number {
  checkInteger('inChannels', inChannels, 1);
  checkInteger('outChannels', outChannels, 1);
  checkOptions(owner, options, OPTIONS);
  const { groups = 1 } = options;
  checkGroups(groups, 'inChannels', inChannels);
  checkGroups(groups, 'outChannels', outChannels);
  return groups;
}

abstract class ConvTranspose extends Affine {
  readonly groups: number;
  readonly window: TransposedWindow;

  constructor(
    kernel: readonly number[],
    [inChannels, outChannels, groups]: readonly [number, number, number],
    window: TransposedWindow,
    options: LinearOptions,
  ) {
    super([inChannels, ...kernel, outChannels / groups], options, outChannels);
    this.groups = groups;
    this.window = window;
  }

  override forwardWith(x: Tensor, activation: UnaryName | null): Tensor {
    return transposed(x, this.weight, this.bias, this.window, this.groups, activation);
  }
}

/**
 * The transposed convolution of images [batch, height, width, inChannels] to [batch, outputs down, outputs across, outChannels]:
 * see the function `convTranspose2d`.
 *
 * `weight` is [inChannels, kernel height, kernel width, outChannels / groups], where PyTorch has the channels second. Weight and
 * bias start uniform in +-1 / sqrt(kernel height kernel width outChannels / groups), as PyTorch's do.
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernel: Pair, options: ConvTranspose2dOptions = {}) {
    const groups = check('ConvTranspose2d', inChannels, outChannels, options);
    const window = transposedWindow(kernel, options);
    super(checkPair('kernel', kernel, 1), [inChannels, outChannels, groups], window, options);
  }
}

/**
 * The same of sequences [batch, length, inChannels] to [batch, outputs, outChannels]: see the function `convTranspose1d`.
 *
 * `weight` is [inChannels, kernel, outChannels / groups], where PyTorch has the channels second. Weight and bias start uniform
 * in +-1 / sqrt(kernel outChannels / groups), as PyTorch's do.
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernel: number, options: ConvTranspose1dOptions = {}) {
    const groups = check('ConvTranspose1d', inChannels, outChannels, options);
    const window = transposedWindow1d(kernel, options);
    super([kernel], [inChannels, outChannels, groups], window, options);
  }
}
