import type { FloatArray } from '../../../core/types.js';
import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

// AdaBelief, Zhuang et al. 2020, https://arxiv.org/abs/2010.07468, algorithm 2. From its authors' code: the largest second moment so
// far, and steps of the mean alone (`adaptive` 0) until the variance of the root is known. Mirror: native/rules/adabelief.h.

function update(
  values: Float64Array,
  p: FloatArray,
  grad: FloatArray,
  m: FloatArray,
  s: FloatArray,
  largest: FloatArray | null,
  begin: number,
  end: number,
): void {
  const f = rounding(p);
  const [stepSize, rest1, beta2, rest2, eps, epsInside, weightDecay, shrink, maximize, adaptive] =
    values.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    m[i] = lerp(f, m[i], g, rest1);
    const surprise = f(g - m[i]);
    s[i] = f(f(f(beta2 * s[i]) + f(f(rest2 * surprise) * surprise)) + epsInside);
    let second = s[i];
    if (largest !== null) {
      if (!(largest[i] > second)) largest[i] = second;
      second = largest[i];
    }
    const step = f(stepSize * m[i]);
    p[i] = f(p[i] - (adaptive !== 0 ? f(step / f(f(Math.sqrt(second)) + eps)) : step));
  }
}

export const adabelief: Update = (values, [p, g, m, s], begin, end) =>
  update(values, p, g, m, s, null, begin, end);

export const adabeliefAmsgrad: Update = (values, [p, g, m, s, largest], begin, end) =>
  update(values, p, g, m, s, largest, begin, end);
