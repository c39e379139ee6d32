import { type PadMode, padded } from '../../array/padding.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkNumber } from '../../core/validate.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { pick } from './pick.js';

/** See {@link pad}. */
export interface PadOptions {
  /**
   * What stands around x: `value`; x mirrored at its first and last element, which are not repeated; these elements; or x over
   * again. Default 'constant'.
   */
  readonly mode?: PadMode;
  /** For 'constant'. Default 0. */
  readonly value?: number;
}

const OPTIONS: OptionNames<PadOptions> = { mode: true, value: true };

/**
 * x with something before and behind it. The gradient of what stands there goes to the elements it was made of.
 * @param widths how many before and how many behind, for the last dimension first, as PyTorch has it: [left, right] pads the
 *   last one, [0, 0, left, right, top, bottom] the rows and columns of images, whose channels are last. Those below 0 take
 *   elements away.
 * @throws RangeError where nothing would be left, or where a width is more than there is to mirror (length - 1) or to go over
 *   again (length).
 */
export function pad(x: Tensor, widths: readonly number[], options: PadOptions = {}): Tensor {
  checkTensor('x', x);
  checkOptions('pad', options, OPTIONS);
  const { mode = 'constant', value = 0 } = options;
  checkNumber('value', value);
  return pick('pad', x, padded(x.shape, widths, mode), { value });
}
