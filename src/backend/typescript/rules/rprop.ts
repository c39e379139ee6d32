import { signOf } from '../sign.js';
import { rounding, type Update } from './rule.js';

/** Rprop, Riedmiller & Braun 1993: a step size for each element. Mirror: native/rules/rprop.h. */
export const rprop: Update = (scalars, [p, grad, previous, stepSize], begin, end) => {
  const f = rounding(p);
  const [fall, grow, least, most, weightDecay, shrink, maximize] = scalars.map(f);
  for (let i = begin; i < end; i++) {
    let g = grad[i];
    if (maximize !== 0) g = -g;
    if (weightDecay !== 0) g = f(g + f(weightDecay * p[i]));
    const product = f(g * previous[i]);
    const otherwise = product === 0 ? 1 : product;
    const factor = product > 0 ? grow : product < 0 ? fall : otherwise;
    // A NaN stays: the second one wins where either is.
    const scaled = f(stepSize[i] * factor);
    const limited = most < scaled ? most : scaled;
    stepSize[i] = least > limited ? least : limited;
    if (product < 0) g = 0;
    p[i] = f(f(shrink * p[i]) - f(signOf(g) * stepSize[i]));
    previous[i] = g;
  }
};
