import { rounding, type Update } from './rule.js';

/** Adan, Xie et al. 2022, https://arxiv.org/abs/2208.06677, algorithm 1. Mirror: native/rules/adan.h. */
export const adan: Update = (scalars, [p, grad, m, n, v, previous], begin, end) => {
  const f = rounding(p);
  const [
    momentStep,
    differenceStep,
    beta1,
    rest1,
    beta2,
    rest2,
    beta3,
    rest3,
    eps,
    hasPrevious,
    shrink,
    divisor,
    maximize,
  ] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    const g = maximize !== 0 ? -grad[i] : grad[i];
    const difference = hasPrevious !== 0 ? f(g - previous[i]) : 0;
    m[i] = f(f(beta1 * m[i]) + f(rest1 * g));
    n[i] = f(f(beta2 * n[i]) + f(rest2 * difference));
    const ahead = f(g + f(beta2 * difference));
    v[i] = f(f(beta3 * v[i]) + f(f(rest3 * ahead) * ahead));
    p[i] = f(shrink * p[i]);
    const numerator = f(f(momentStep * m[i]) + f(differenceStep * n[i]));
    p[i] = f(f(p[i] - f(numerator / f(f(Math.sqrt(v[i])) + eps))) / divisor);
    previous[i] = g;
  }
};
