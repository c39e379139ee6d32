import { rounding, type Update } from './rule.js';

/** Stochastic gradient descent, Robbins & Monro 1951. Mirror: native/rules/sgd.h. */
export const sgd: Update = (scalars, [p, grad], begin, end) => {
  const f = rounding(p);
  const [lr, weightDecay, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(p[i] - f(lr * g));
  }
};
