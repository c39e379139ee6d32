import type { FloatArray } from '../../../core/types.js';
import { lerp } from './lerp.js';
import { rounding, type Update } from './rule.js';

// RMSprop, Tieleman & Hinton 2012 (lecture 6.5); centered: Graves 2013, https://arxiv.org/abs/1308.0850. PyTorch adds eps
// to the root and multiplies the velocity by the rate; TensorFlow.js adds eps to what is under the root, and what joins the
// velocity has the rate (`add`). Mirror: native/rules/rmsprop.h.

function update(
  values: Float64Array,
  p: FloatArray,
  grad: FloatArray,
  v: FloatArray,
  mean: FloatArray | null,
  buffer: FloatArray | null,
  begin: number,
  end: number,
): void {
  const f = rounding(p);
  const [lr, alpha, rest, eps, epsInside, momentum, add, weightDecay, shrink, maximize] = values.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    v[i] = f(f(alpha * v[i]) + f(f(rest * g) * g));
    let variance = v[i];
    if (mean !== null) {
      mean[i] = lerp(f, mean[i], g, rest);
      variance = f(variance - f(mean[i] * mean[i]));
    }
    const root = f(f(Math.sqrt(f(variance + epsInside))) + eps);
    if (buffer !== null) {
      buffer[i] = f(f(momentum * buffer[i]) + f(f(add * g) / root));
      p[i] = f(f(shrink * p[i]) - f(lr * buffer[i]));
    } else {
      p[i] = f(f(shrink * p[i]) - f(f(lr * g) / root));
    }
  }
}

export const rmsprop: Update = (values, [p, g, v], begin, end) =>
  update(values, p, g, v, null, null, begin, end);

export const rmspropMomentum: Update = (values, [p, g, v, buffer], begin, end) =>
  update(values, p, g, v, null, buffer, begin, end);

export const rmspropCentered: Update = (values, [p, g, v, mean], begin, end) =>
  update(values, p, g, v, mean, null, begin, end);

export const rmspropCenteredMomentum: Update = (values, [p, g, v, mean, buffer], begin, end) =>
  update(values, p, g, v, mean, buffer, begin, end);
