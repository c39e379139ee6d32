import { REDUCTION_LANES } from '../../contract/reduction-order.js';
import { rounding, type Update } from './rule.js';

/**
 * The Adam phase of SWATS, Keskar & Socher 2017, https://arxiv.org/abs/1712.07628, algorithm 1: Adam with the bias
 * corrections folded into the step size and eps outside of them, and the two dot products of the projection.
 * Mirror: native/rules/swats.h.
 */
export const swats: Update = (scalars, [w, grad, m, a], begin, end, sums) => {
  const f = rounding(w);
  const [stepSize, beta1, rest1, beta2, rest2, eps, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * w[i]));
    m[i] = f(f(beta1 * m[i]) + f(rest1 * g));
    a[i] = f(f(beta2 * a[i]) + f(f(rest2 * g) * g));
    const p = -f(f(stepSize * m[i]) / f(f(Math.sqrt(a[i])) + eps));
    w[i] = f(f(shrink * w[i]) + p);
    const lane = i % REDUCTION_LANES;
    sums[lane] += p * p;
    sums[REDUCTION_LANES + lane] += p * g;
  }
};
