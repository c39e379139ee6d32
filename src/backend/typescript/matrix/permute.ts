import type { ElementArray } from '../../../core/types.js';
import type { Permute } from '../../contract/arguments.js';

// Dimensions in another order. Mirror: native/matrix/permute.h.

/** The `order`-th order of 0, 1, 2, 3, as a dictionary has them. */
function orderOf(order: number): number[] {
  const left = [0, 1, 2, 3];
  return [Math.floor(order / 6), Math.floor((order % 6) / 2), order % 2, 0].flatMap((choice) =>
    left.splice(choice, 1),
  );
}

/** out = x [n0, n1, n2, n3] with its dimensions in another order. */
export const permute: Permute<ElementArray> = (order, n0, n1, n2, n3, x, out) => {
  const lengths = [n0, n1, n2, n3];
  const steps = [n1 * n2 * n3, n2 * n3, n3, 1];
  const dimensions = orderOf(order);
  const [m0, m1, m2, m3] = dimensions.map((d) => lengths[d]);
  const [s0, s1, s2, s3] = dimensions.map((d) => steps[d]);
  let to = 0;
  for (let i0 = 0; i0 < m0; i0++) {
    for (let i1 = 0; i1 < m1; i1++) {
      for (let i2 = 0; i2 < m2; i2++) {
        const from = i0 * s0 + i1 * s1 + i2 * s2;
        for (let i3 = 0; i3 < m3; i3++) out[to++] = x[from + i3 * s3];
      }
    }
  }
};
