import { REDUCTION_LANES } from '../reduce.js';
import type { Rule } from './rule.js';

/** The squared norm of a gradient. Mirror: native/rules/squares.h. */
export const squares: Rule = {
  scalars: [],
  operands: ['g'],
  dots: 1,
  update(_scalars, [g], begin, end, sums) {
    for (let i = begin; i < end; i++) sums[i % REDUCTION_LANES] += g[i] * g[i];
  },
};
