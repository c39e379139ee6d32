import type { FloatArray } from '../../../core/types.js';
import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

// Schedule-free learning, Defazio et al. 2024, https://arxiv.org/abs/2405.15682. Mirror: native/rules/schedule-free.h.

function update(
  values: Float64Array,
  p: FloatArray,
  grad: FloatArray,
  z: FloatArray,
  v: FloatArray | null,
  begin: number,
  end: number,
): void {
  const f = rounding(p);
  const [lr, share, pull, first, weightDecay, maximize, beta2, rest2, correction, eps] = values.map(f);
  for (let i = begin; i < end; i++) {
    let g = maximize !== 0 ? -grad[i] : grad[i];
    if (v !== null) {
      v[i] = f(f(beta2 * v[i]) + f(f(rest2 * g) * g));
      g = f(f(correction * g) / f(f(Math.sqrt(v[i])) + eps));
    }
    if (first !== 0) z[i] = p[i];
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    p[i] = lerp(f, p[i], z[i], share);
    p[i] = f(p[i] - f(pull * g));
    z[i] = f(z[i] - f(lr * g));
  }
}

export const scheduleFreeSgd: Update = (values, [p, g, z], begin, end) =>
  update(values, p, g, z, null, begin, end);

export const scheduleFreeAdam: Update = (values, [p, g, z, v], begin, end) =>
  update(values, p, g, z, v, begin, end);

/** p + weight (z - p): between where gradients are taken and the average. */
export const interpolate: Update = (scalars, [p, z], begin, end) => {
  const f = rounding(p);
  const [weight] = scalars.map(f);
  for (let i = begin; i < end; i++) p[i] = lerp(f, p[i], z[i], weight);
};
