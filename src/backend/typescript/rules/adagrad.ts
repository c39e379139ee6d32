import { rounding, type Update } from './rule.js';

/**
 * Adagrad, Duchi, Hazan & Singer 2011, https://jmlr.org/papers/v12/duchi11a.html. PyTorch adds eps to the root,
 * TensorFlow.js to what is under it. Mirror: native/rules/adagrad.h.
 */
export const adagrad: Update = (scalars, [p, grad, sum], begin, end) => {
  const f = rounding(p);
  const [lr, eps, epsInside, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    sum[i] = f(sum[i] + f(g * g));
    p[i] = f(f(shrink * p[i]) - f(f(lr * g) / f(f(Math.sqrt(f(sum[i] + epsInside))) + eps)));
  }
};
