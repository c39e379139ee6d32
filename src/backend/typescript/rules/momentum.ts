import { rounding, type Update } from './rule.js';

/**
 * SGD with momentum, Polyak 1964; Nesterov's form as in Sutskever et al. 2013, with the rate outside the buffer.
 * Mirror: native/rules/momentum.h.
 */
export const momentum: Update = (scalars, [p, grad, v], begin, end) => {
  const f = rounding(p);
  const [lr, keep, add, nesterov, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    v[i] = f(f(keep * v[i]) + f(add * g));
    p[i] = f(f(shrink * p[i]) - f(lr * (nesterov !== 0 ? f(g + f(keep * v[i])) : v[i])));
  }
};
