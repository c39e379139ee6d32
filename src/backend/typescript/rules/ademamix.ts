import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

/** AdEMAMix, Pagliardini, Ablin & Grangier 2024, https://arxiv.org/abs/2409.03137. Mirror: native/rules/ademamix.h. */
export const ademamix: Update = (scalars, [p, grad, fast, v, slow], begin, end) => {
  const f = rounding(p);
  const [fastStep, slowStep, rest1, beta2, rest2, rest3, eps, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    const g = maximize !== 0 ? -grad[i] : grad[i];
    p[i] = f(shrink * p[i]);
    fast[i] = lerp(f, fast[i], g, rest1);
    slow[i] = lerp(f, slow[i], g, rest3);
    v[i] = f(f(beta2 * v[i]) + f(f(rest2 * g) * g));
    const numerator = f(f(fastStep * fast[i]) + f(slowStep * slow[i]));
    p[i] = f(p[i] - f(numerator / f(f(Math.sqrt(v[i])) + eps)));
  }
};
