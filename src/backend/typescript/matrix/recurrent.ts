import type { GruBackward, GruForward, LstmBackward, LstmForward } from '../../contract/arguments.js';
import { sigmoid } from './unary-functions.js';

// The gates of recurrent layers, for all rows of a step. Mirror: native/matrix/recurrent.h. The two agree to 8 units in the last
// place of the largest element of each output.

/**
 * f(at, gate) for every element: where it is, and where its first gate is. The `count` gates of a row are side by side, `columns`
 * numbers each.
 */
function forElements(
  rows: number,
  columns: number,
  count: number,
  f: (at: number, gate: number) => void,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) f(r * columns + c, count * r * columns + c);
  }
}

const logisticSlope = (y: number, dy: number) => dy * (y * (1 - y));
const tanhSlope = (y: number, dy: number) => dy * (1 - y * y);

/**
 * From the sums of the gates i, f, g and o, side by side in each row, to their values, in place; then c = f before + i g and
 * h = o tanh(c).
 */
export const lstmForward: LstmForward = (rows, columns, before, gates, c, h) => {
  forElements(rows, columns, 4, (at, i) => {
    const [f, g, o] = [i + columns, i + 2 * columns, i + 3 * columns];
    gates[i] = sigmoid(gates[i]);
    gates[f] = sigmoid(gates[f]);
    gates[g] = Math.tanh(gates[g]);
    gates[o] = sigmoid(gates[o]);
    c[at] = gates[f] * before[at] + gates[i] * gates[g];
    h[at] = gates[o] * Math.tanh(c[at]);
  });
};

/** The gradients by the sums of the gates, in the place of their values, and by `before`, in that of dc; of h it is dy + dh. */
export const lstmBackward: LstmBackward = (rows, columns, before, c, dy, dh, gates, dc) => {
  forElements(rows, columns, 4, (at, iAt) => {
    const [fAt, gAt, oAt] = [iAt + columns, iAt + 2 * columns, iAt + 3 * columns];
    const [i, f, g, o] = [gates[iAt], gates[fAt], gates[gAt], gates[oAt]];
    const [slope, bent] = [dy[at] + dh[at], Math.tanh(c[at])];
    const cell = dc[at] + tanhSlope(bent, slope * o);
    gates[iAt] = logisticSlope(i, cell * g);
    gates[fAt] = logisticSlope(f, cell * before[at]);
    gates[gAt] = tanhSlope(g, cell * i);
    gates[oAt] = logisticSlope(o, slope * bent);
    dc[at] = cell * f;
  });
};

/**
 * From the sums of the gates r, z and n, side by side in each row, to their values, in place: `gates` has those of the input,
 * `hidden` those of the state, of which n takes r times its part. Then h = (1 - z) n + z before.
 */
export const gruForward: GruForward = (rows, columns, before, hidden, gates, h) => {
  forElements(rows, columns, 3, (at, r) => {
    const [z, n] = [r + columns, r + 2 * columns];
    gates[r] = sigmoid(gates[r] + hidden[r]);
    gates[z] = sigmoid(gates[z] + hidden[z]);
    gates[n] = Math.tanh(gates[n] + gates[r] * hidden[n]);
    h[at] = gates[n] + gates[z] * (before[at] - gates[n]);
  });
};

/**
 * The gradients by both sums, in the place of `gates` and `hidden`, and that by `before` but for what comes through `hidden`, in the
 * place of dh; of h it is dy + dh.
 */
export const gruBackward: GruBackward = (rows, columns, before, dy, gates, hidden, dh) => {
  forElements(rows, columns, 3, (at, rAt) => {
    const [zAt, nAt] = [rAt + columns, rAt + 2 * columns];
    const [r, z, n] = [gates[rAt], gates[zAt], gates[nAt]];
    const slope = dy[at] + dh[at];
    const dn = tanhSlope(n, slope * (1 - z));
    gates[rAt] = logisticSlope(r, dn * hidden[nAt]);
    gates[zAt] = logisticSlope(z, slope * (before[at] - n));
    gates[nAt] = dn;
    hidden[rAt] = gates[rAt];
    hidden[zAt] = gates[zAt];
    hidden[nAt] = dn * r;
    dh[at] = slope * z;
  });
};
