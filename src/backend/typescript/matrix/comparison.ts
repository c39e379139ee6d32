import type { ElementArray } from '../../../core/types.js';
import type { Comparison, Select, Unary } from '../../contract/arguments.js';
import { broadcast } from './binary.js';
import { stepsOf } from './broadcast.js';
import { bitsOf } from './copy-strided.js';

// Masks: comparisons that give one, functions of them, and a choice by one. What is not 0 is true; a result is 0 or 1. The two
// agree bit for bit. Mirror: native/matrix/comparison.h.

function comparison(holds: (x: number, y: number) => boolean): Comparison<ElementArray> {
  const f = (x: number, y: number) => (holds(x, y) ? 1 : 0);
  return (layout, outer, rows, columns, a, b, out) => broadcast(f, layout, outer, rows, columns, a, b, out);
}

/** A NaN is only ever unequal. */
export const equal = comparison((x, y) => x === y);
export const notEqual = comparison((x, y) => x !== y);
export const less = comparison((x, y) => x < y);
export const lessEqual = comparison((x, y) => x <= y);
export const greater = comparison((x, y) => x > y);
export const greaterEqual = comparison((x, y) => x >= y);

/** A NaN is true. */
export const logicalAnd = comparison((x, y) => x !== 0 && y !== 0);
export const logicalOr = comparison((x, y) => x !== 0 || y !== 0);
export const logicalXor = comparison((x, y) => (x !== 0) !== (y !== 0));
export const logicalNot: Unary<Uint8Array> = (n, x, y) => {
  for (let i = 0; i < n; i++) y[i] = x[i] === 0 ? 1 : 0;
};

/** out = condition ? a : b, bit for bit */
export const select: Select<ElementArray> = (layout, outer, rows, columns, condition, a, b, out) => {
  const [conditionOuter, conditionRow, conditionColumn] = stepsOf(layout, 0, rows, columns);
  const [aOuter, aRow, aColumn] = stepsOf(layout, 1, rows, columns);
  const [bOuter, bRow, bColumn] = stepsOf(layout, 2, rows, columns);
  const [first, second, result] = [bitsOf(a), bitsOf(b), bitsOf(out)];
  const words = out instanceof Float64Array ? 2 : 1;
  let i = 0;
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++) {
      const atCondition = o * conditionOuter + r * conditionRow;
      const atA = o * aOuter + r * aRow;
      const atB = o * bOuter + r * bRow;
      for (let c = 0; c < columns; c++) {
        const isA = condition[atCondition + c * conditionColumn] !== 0;
        const chosen = isA ? first : second;
        const from = words * (isA ? atA + c * aColumn : atB + c * bColumn);
        for (let w = 0; w < words; w++, i++) result[i] = chosen[from + w];
      }
    }
  }
};
