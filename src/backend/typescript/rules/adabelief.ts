import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

/** AdaBelief, Zhuang et al. 2020, https://arxiv.org/abs/2010.07468, algorithm 2. Mirror: native/rules/adabelief.h. */
export const adabelief: Update = (scalars, [p, grad, m, s], begin, end) => {
  const f = rounding(p);
  const [stepSize, rest1, beta2, rest2, eps, epsInside, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    m[i] = lerp(f, m[i], g, rest1);
    const surprise = f(g - m[i]);
    s[i] = f(f(f(beta2 * s[i]) + f(f(rest2 * surprise) * surprise)) + epsInside);
    p[i] = f(p[i] - f(f(stepSize * m[i]) / f(f(Math.sqrt(s[i])) + eps)));
  }
};
