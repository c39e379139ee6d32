import { REDUCTION_LANES } from '../../contract/reduction-order.js';
import type { Update } from './rule.js';

/** The squared norm of a gradient. Mirror: native/rules/squares.h. */
export const squares: Update = (_scalars, [g], begin, end, sums) => {
  for (let i = begin; i < end; i++) sums[i % REDUCTION_LANES] += g[i] * g[i];
};
