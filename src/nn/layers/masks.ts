import { checkOptions, type OptionNames } from '../../core/options.js';
import { show } from '../../core/validate.js';
import { Tensor } from '../engine/tensor.js';

/** The masks of a call, checked. A module that Sequential takes may be given tensors alone, as far as TypeScript knows. */
export function readMasks<Masks extends object>(
  owner: string,
  masks: Masks | Tensor,
  names: OptionNames<Masks>,
): Masks {
  if (masks instanceof Tensor) {
    throw new TypeError(`${owner}: options must be an object, got ${show(masks)}`);
  }
  checkOptions(owner, masks, names);
  return masks;
}
