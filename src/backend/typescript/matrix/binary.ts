import type { ElementArray, FloatArray, NumberArray } from '../../../core/types.js';
import type { Binary } from '../../contract/arguments.js';
import { stepsOf } from './broadcast.js';
import { leaky } from './elementwise.js';
import { softplus } from './unary-functions.js';

// out = f(a, b) over [outer, rows, columns], with operands that may be repeated; the output may be an input that is not.
// Whole numbers are modulo 2^32, as an Int32Array stores them.
// One operation and one rounding: TypeScript and native agree bit for bit; pow and atan2 to 4 units in the last place,
// bceWithLogits to 4 of the largest element. Mirror: native/matrix/binary.h.

/** out = f(a, b) */
export function broadcast(
  f: (x: number, y: number) => number,
  ...operands: Parameters<Binary<ElementArray>>
): void {
  const [layout, outer, rows, columns, a, b, out] = operands;
  const [aOuter, aRow, aColumn] = stepsOf(layout, 0, rows, columns);
  const [bOuter, bRow, bColumn] = stepsOf(layout, 1, rows, columns);
  let i = 0;
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++) {
      const atA = o * aOuter + r * aRow;
      const atB = o * bOuter + r * bRow;
      for (let c = 0; c < columns; c++, i++) out[i] = f(a[atA + c * aColumn], b[atB + c * bColumn]);
    }
  }
}

export function binary<A extends ElementArray = FloatArray>(f: (x: number, y: number) => number): Binary<A> {
  return (layout, outer, rows, columns, a, b, out) => broadcast(f, layout, outer, rows, columns, a, b, out);
}

/** With `whole` for whole numbers and `single` for float32, where they are not `f`, rounded. */
export function binaryOfNumbers(
  f: (x: number, y: number) => number,
  whole = f,
  single = f,
): Binary<NumberArray> {
  return (layout, outer, rows, columns, a, b, out) => {
    const chosen = out instanceof Int32Array ? whole : out instanceof Float32Array ? single : f;
    broadcast(chosen, layout, outer, rows, columns, a, b, out);
  };
}

export const add = binaryOfNumbers((x, y) => x + y);
export const sub = binaryOfNumbers((x, y) => x - y);
export const mul = binaryOfNumbers((x, y) => x * y, Math.imul);
export const div = binary((x, y) => x / y);

/** x^y as C has it: 1^y and (-1)^(+-Infinity) are 1, also of a y that is NaN. */
export const pow = binary((x, y) =>
  x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y,
);

/** The angle between the x axis and the point (x, y), in [-pi, pi]. */
export const atan2 = binary(Math.atan2);

/** The larger one; a NaN on either side is the result. */
export const maximum = binaryOfNumbers((x, y) => (x > y || Number.isNaN(x) ? x : y));
/** The smaller one; a NaN on either side is the result. */
export const minimum = binaryOfNumbers((x, y) => (x < y || Number.isNaN(x) ? x : y));

/** 1 where x = y, else 0. A NaN is only ever unequal. */
export const eq = binary((x, y) => (x === y ? 1 : 0));
export const ne = binary((x, y) => (x !== y ? 1 : 0));
export const lt = binary((x, y) => (x < y ? 1 : 0));
export const le = binary((x, y) => (x <= y ? 1 : 0));
export const gt = binary((x, y) => (x > y ? 1 : 0));
export const ge = binary((x, y) => (x >= y ? 1 : 0));

/** x where x > 0, else a x */
export const prelu = binary(leaky);

/** max(x, 0) - x y + log(1 + e^-|x|): the binary cross-entropy of sigmoid(x) and y. */
export const bceWithLogits = binary((x, y) => Math.max(x, 0) - x * y + softplus(-Math.abs(x)));
