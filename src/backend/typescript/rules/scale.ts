import { type Rule, rounding } from './rule.js';

/** g = factor g. Mirror: native/rules/scale.h. */
export const scale: Rule = {
  scalars: ['factor'],
  operands: ['g'],
  dots: 0,
  update(scalars, [g], begin, end) {
    const f = rounding(g);
    const [factor] = scalars.map(f);
    for (let i = begin; i < end; i++) g[i] = f(factor * g[i]);
  },
};
