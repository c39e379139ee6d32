import { signOf } from '../sign.js';
import { rounding, type Update } from './rule.js';

/** Lion, Chen et al. 2023, https://arxiv.org/abs/2302.06675, algorithm 2. Mirror: native/rules/lion.h. */
export const lion: Update = (scalars, [p, grad, m], begin, end) => {
  const f = rounding(p);
  const [lr, beta1, rest1, beta2, rest2, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    p[i] = f(p[i] - f(lr * signOf(f(f(beta1 * m[i]) + f(rest1 * g)))));
    m[i] = f(f(beta2 * m[i]) + f(rest2 * g));
  }
};
