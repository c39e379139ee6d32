import type { Cumulative } from '../../contract/arguments.js';
import { addition, type Join } from '../../contract/reduction-order.js';
import { multiplication } from './reductions.js';

// Running sums and products along the middle axis of [outer, count, inner]: a line is one chain in double, rounded where it is
// written. The two agree exactly. Mirror: native/matrix/cumulative.h.

function cumulative({ neutral, join }: Join): Cumulative {
  return (outer, count, inner, exclusive, reverse, x, out) => {
    const step = reverse ? -inner : inner;
    for (let line = 0; line < outer * inner; line++) {
      const start = Math.floor(line / inner) * count * inner + (line % inner);
      let i = reverse ? start + (count - 1) * inner : start;
      let number = neutral;
      for (let r = 0; r < count; r++, i += step) {
        const next = join(number, x[i]);
        out[i] = exclusive ? number : next;
        number = next;
      }
    }
  };
}

/**
 * out = the sum of x up to each element, of those after it where `reverse` is 1; where `exclusive` is 1 without the element
 * itself. out may be x.
 */
export const cumsum: Cumulative = cumulative(addition);
/** out = the product of x up to each element, as {@link cumsum}. */
export const cumprod: Cumulative = cumulative(multiplication);
