import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

/** ADOPT, Taniguchi et al. 2024, https://arxiv.org/abs/2411.02853, algorithm 2. Mirror: native/rules/adopt.h. */
export const adopt: Update = (scalars, [p, grad, m, v], begin, end) => {
  const f = rounding(p);
  const [lr, rest1, beta2, rest2, eps, clip, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    // A NaN stays: the second one wins where either is.
    const root = f(Math.sqrt(v[i]));
    const scaled = f(g / (eps > root ? eps : root));
    const below = clip < scaled ? clip : scaled;
    m[i] = lerp(f, m[i], -clip > below ? -clip : below, rest1);
    p[i] = f(p[i] - f(lr * m[i]));
    v[i] = f(f(beta2 * v[i]) + f(f(rest2 * g) * g));
  }
};
