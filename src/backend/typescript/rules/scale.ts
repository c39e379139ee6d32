import { rounding, type Update } from './rule.js';

/** g = factor g. Mirror: native/rules/scale.h. */
export const scale: Update = (scalars, [g], begin, end) => {
  const f = rounding(g);
  const [factor] = scalars.map(f);
  for (let i = begin; i < end; i++) g[i] = f(factor * g[i]);
};
