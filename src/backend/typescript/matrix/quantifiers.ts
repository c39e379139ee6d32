import type { Quantifier } from '../../contract/arguments.js';

// Whether any or all elements of a mask are true, along the middle axis. The two agree bit for bit.
// Mirror: native/matrix/quantifiers.h.

function quantify(
  outer: number,
  count: number,
  inner: number,
  x: Uint8Array,
  out: Uint8Array,
  decides: (element: number) => boolean,
  decided: number,
): void {
  for (let line = 0; line < outer * inner; line++) {
    const start = Math.floor(line / inner) * count * inner + (line % inner);
    let r = 0;
    while (r < count && !decides(x[start + r * inner])) r++;
    out[line] = r < count ? decided : 1 - decided;
  }
}

/** out = 1 where an element is not 0, else 0: none of none is. */
export const any: Quantifier<Uint8Array> = (outer, count, inner, x, out) =>
  quantify(outer, count, inner, x, out, (element) => element !== 0, 1);

/** out = 1 where no element is 0, else 0. */
export const all: Quantifier<Uint8Array> = (outer, count, inner, x, out) =>
  quantify(outer, count, inner, x, out, (element) => element === 0, 0);
