import type { FloatArray } from '../../../core/types.js';
import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

// Adam, Kingma & Ba 2015, https://arxiv.org/abs/1412.6980; AMSGrad, Reddi et al. 2018,
// https://arxiv.org/abs/1904.09237; with `shrink` below one AdamW, Loshchilov & Hutter 2019,
// https://arxiv.org/abs/1711.05101. stepSize and eps hold the correction of the root, which would be another division.
// Mirror: native/rules/adam.h.

function update(
  values: Float64Array,
  p: FloatArray,
  grad: FloatArray,
  m: FloatArray,
  v: FloatArray,
  largest: FloatArray | null,
  begin: number,
  end: number,
): void {
  const f = rounding(p);
  const [stepSize, rest1, beta2, rest2, eps, weightDecay, shrink, maximize] = values.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    m[i] = lerp(f, m[i], g, rest1);
    v[i] = f(f(beta2 * v[i]) + f(f(rest2 * g) * g));
    let second = v[i];
    if (largest !== null) {
      if (!(largest[i] > second)) largest[i] = second;
      second = largest[i];
    }
    p[i] = f(p[i] - f(f(stepSize * m[i]) / f(f(Math.sqrt(second)) + eps)));
  }
}

export const adam: Update = (values, [p, g, m, v], begin, end) =>
  update(values, p, g, m, v, null, begin, end);

export const amsgrad: Update = (values, [p, g, m, v, largest], begin, end) =>
  update(values, p, g, m, v, largest, begin, end);

/** RAdam, Liu et al. 2020, https://arxiv.org/abs/1908.03265, algorithm 2. */
export const radam: Update = (values, [p, grad, m, v], begin, end) => {
  const f = rounding(p);
  const [stepSize, rest1, beta2, rest2, eps, weightDecay, shrink, maximize, adaptive] = values.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = f(shrink * p[i]);
    m[i] = lerp(f, m[i], g, rest1);
    v[i] = f(f(beta2 * v[i]) + f(f(rest2 * g) * g));
    const step = f(stepSize * m[i]);
    p[i] = f(p[i] - (adaptive !== 0 ? f(step / f(f(Math.sqrt(v[i])) + eps)) : step));
  }
};
