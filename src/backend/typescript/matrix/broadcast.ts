import type { Where } from '../../contract/arguments.js';

// Operands that are repeated to fill a result [outer, rows, columns]. Bit 3 operand + dimension of a layout says that
// the operand has one element where the result has many. Mirror: native/matrix/broadcast.h.

/** Elements from one index of each dimension to the next: 0 where the operand is repeated. */
export function stepsOf(
  layout: number,
  operand: number,
  rows: number,
  columns: number,
): [number, number, number] {
  const isRepeated = (dimension: number) => ((layout >> (3 * operand + dimension)) & 1) !== 0;
  const row = isRepeated(2) ? 1 : columns;
  return [
    isRepeated(0) ? 0 : isRepeated(1) ? row : rows * row,
    isRepeated(1) ? 0 : row,
    isRepeated(2) ? 0 : 1,
  ];
}

/** out = condition is not 0 ? a : b */
export const where: Where = (layout, outer, rows, columns, condition, a, b, out) => {
  const [conditionOuter, conditionRow, conditionColumn] = stepsOf(layout, 0, rows, columns);
  const [aOuter, aRow, aColumn] = stepsOf(layout, 1, rows, columns);
  const [bOuter, bRow, bColumn] = stepsOf(layout, 2, rows, columns);
  let i = 0;
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++) {
      const atCondition = o * conditionOuter + r * conditionRow;
      const atA = o * aOuter + r * aRow;
      const atB = o * bOuter + r * bRow;
      for (let c = 0; c < columns; c++, i++) {
        const isA = condition[atCondition + c * conditionColumn] !== 0;
        out[i] = isA ? a[atA + c * aColumn] : b[atB + c * bColumn];
      }
    }
  }
};
