import { signOf } from '../sign.js';
import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

/** Sophia, Liu et al. 2023, https://arxiv.org/abs/2305.14342, algorithm 3. Mirror: native/rules/sophia.h. */
export const sophia: Update = (scalars, [p, grad, m, h], begin, end) => {
  const f = rounding(p);
  const [lr, rest1, scale, eps, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    m[i] = lerp(f, m[i], g, rest1);
    // A NaN stays.
    const ratio = f(Math.abs(m[i]) / f(f(scale * h[i]) + eps));
    p[i] = f(p[i] - f(lr * f(signOf(m[i]) * (1 < ratio ? 1 : ratio))));
  }
};

/** The mean of squared gradients. */
export const squareMean: Update = (scalars, [h, g], begin, end) => {
  const f = rounding(h);
  const [beta, rest] = scalars.map(f);
  for (let i = begin; i < end; i++) h[i] = f(f(beta * h[i]) + f(f(rest * g[i]) * g[i]));
};
