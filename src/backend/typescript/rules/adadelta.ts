import { rounding, type Update } from './rule.js';

/**
 * Adadelta, Zeiler 2012, https://arxiv.org/abs/1212.5701, algorithm 1. `lagged`: divides by the root of the mean square
 * before this gradient, as TensorFlow.js does. Mirror: native/rules/adadelta.h.
 */
export const adadelta: Update = (scalars, [p, grad, v, u], begin, end) => {
  const f = rounding(p);
  const [lr, rho, rest, eps, lagged, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    let square = v[i];
    v[i] = f(f(rho * v[i]) + f(f(rest * g) * g));
    if (lagged === 0) square = v[i];
    const delta = f(f(f(Math.sqrt(f(u[i] + eps))) / f(Math.sqrt(f(square + eps)))) * g);
    u[i] = f(f(rho * u[i]) + f(f(rest * delta) * delta));
    p[i] = f(f(shrink * p[i]) - f(lr * delta));
  }
};
