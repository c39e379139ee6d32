import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

/**
 * Adamax, Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 2. PyTorch adds eps inside of the maximum,
 * TensorFlow.js to it. Mirror: native/rules/adamax.h.
 */
export const adamax: Update = (scalars, [p, grad, m, u], begin, end) => {
  const f = rounding(p);
  const [stepSize, rest1, beta2, eps, epsInside, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    m[i] = lerp(f, m[i], g, rest1);
    const kept = f(beta2 * u[i]);
    const size = f(Math.abs(g) + epsInside);
    u[i] = kept > size ? kept : size;
    p[i] = f(f(shrink * p[i]) - f(f(stepSize * m[i]) / f(u[i] + eps)));
  }
};
