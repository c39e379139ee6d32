import { REDUCTION_LANES } from '../../contract/reduction-order.js';
import { rounding, type Update } from './rule.js';

/** Prodigy, Mishchenko & Defazio 2023, https://arxiv.org/abs/2306.06101, algorithm 4. Mirror: native/rules/prodigy.h. */
export const prodigy: Update = (scalars, [p, grad, m, v, s, start], begin, end, sums) => {
  const f = rounding(p);
  const [
    rate,
    beta1,
    moment,
    beta2,
    square,
    beta3,
    weight,
    share,
    eps,
    first,
    weightDecay,
    shrink,
    maximize,
  ] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    if (first !== 0) start[i] = p[i];
    const way = f(start[i] - p[i]);
    m[i] = f(f(beta1 * m[i]) + f(moment * g));
    v[i] = f(f(beta2 * v[i]) + f(f(square * g) * g));
    s[i] = f(f(beta3 * s[i]) + f(share * g));
    p[i] = f(shrink * p[i]);
    p[i] = f(p[i] - f(f(rate * m[i]) / f(f(Math.sqrt(v[i])) + eps)));
    const lane = i % REDUCTION_LANES;
    sums[lane] += f(weight * g) * way;
    sums[REDUCTION_LANES + lane] += Math.abs(s[i]);
  }
};
