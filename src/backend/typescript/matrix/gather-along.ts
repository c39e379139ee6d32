import type { ElementArray } from '../../../core/types.js';
import type { GatherAlong, ScatterAlong } from '../../contract/arguments.js';

// Elements at indices along the middle axis of [outer, count, inner]. Mirror: native/matrix/gather-along.h.

/** out[o][j][i] = source[o][index][i]. @throws RangeError, as the addon does, at an index that is not in [0, count). */
export const gatherAlong: GatherAlong<ElementArray> = (
  outer,
  count,
  picked,
  inner,
  shared,
  source,
  indices,
  out,
) => {
  for (let o = 0, at = 0; o < outer; o++) {
    for (let j = 0; j < picked; j++) {
      for (let i = 0; i < inner; i++, at++) {
        const index = indices[shared ? j : at];
        if (!(index >= 0 && index < count)) throw new RangeError(`gatherAlong: no index ${index}`);
        out[at] = source[(o * count + index) * inner + i];
      }
    }
  }
};

/** out[o][index][i] += source[o][j][i], j after j; indices are in [0, count). */
export const scatterAddAlong: ScatterAlong = (outer, count, picked, inner, shared, source, indices, out) => {
  for (let o = 0, at = 0; o < outer; o++) {
    for (let j = 0; j < picked; j++) {
      for (let i = 0; i < inner; i++, at++) {
        out[(o * count + indices[shared ? j : at]) * inner + i] += source[at];
      }
    }
  }
};
