import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

/** NAdam, Dozat 2016, as PyTorch has it: the gradient and the moment in one numerator. Mirror: native/rules/nadam.h. */
export const nadam: Update = (scalars, [p, grad, m, v], begin, end) => {
  const f = rounding(p);
  const [gradientStep, momentStep, rest1, beta2, rest2, eps, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    m[i] = lerp(f, m[i], g, rest1);
    v[i] = f(f(beta2 * v[i]) + f(f(rest2 * g) * g));
    const numerator = f(f(gradientStep * g) + f(momentStep * m[i]));
    p[i] = f(p[i] - f(numerator / f(f(Math.sqrt(v[i])) + eps)));
  }
};
