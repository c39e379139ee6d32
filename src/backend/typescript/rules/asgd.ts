import { rounding, type Update } from './rule.js';

/** Averaged SGD, Polyak & Juditsky 1992, as PyTorch has it. Mirror: native/rules/asgd.h. */
export const asgd: Update = (scalars, [p, grad, average], begin, end) => {
  const f = rounding(p);
  const [rate, shrink, share, weightDecay, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    p[i] = f(p[i] - f(rate * g));
    average[i] = share === 1 ? p[i] : f(average[i] + f(share * f(p[i] - average[i])));
  }
};
