import { REDUCTION_LANES } from '../../contract/reduction-order.js';
import type { Update } from './rule.js';

/** The dot product of two arrays, in double. Mirror: native/rules/dot.h. */
export const dot: Update = (_scalars, [x, y], begin, end, sums) => {
  for (let i = begin; i < end; i++) sums[i % REDUCTION_LANES] += x[i] * y[i];
};
