import type { GroupNormBackward, GroupNormForward } from '../../contract/arguments.js';
import { REDUCTION_LANES } from '../../contract/reduction-order.js';
import { chunkRows } from '../reduce-axis.js';

// Group normalisation, Wu & He 2018, https://arxiv.org/abs/1803.08494, of samples whose channels are last. Each chunk of a
// sample's places gives two sums for each channel; those of a group are joined in the order of the chunks, then of the places of
// a row, then of its channels. Mirror: native/matrix/group-norm.h.
// The two agree to 8 units in the last place of the largest element of each output.

// Two sums of each channel: in forward for each chunk, in backward those of a chunk, of a sample and of all samples.
let sums = new Float64Array(0);
let products = new Float64Array(0);

function makeRoom(count: number): void {
  if (sums.length >= count) return;
  sums = new Float64Array(count);
  products = new Float64Array(count);
}

/** The sum of term(i, c) over `rows` rows from element `start` on, for each column, to into[first + c]. */
function sumRows(
  start: number,
  rows: number,
  columns: number,
  into: Float64Array,
  first: number,
  term: (i: number, c: number) => number,
): void {
  into.fill(0, first, first + columns);
  for (let r = 0; r < rows; r++) {
    const row = start + r * columns;
    for (let c = 0; c < columns; c++) into[first + c] += term(row + c, c);
  }
}

/** How many places make a row: where they have few channels a vector would mostly be empty. */
function placesToRow(places: number, columns: number): number {
  let fold = 1;
  while (columns * fold < REDUCTION_LANES && places % (2 * fold) === 0) fold *= 2;
  return fold;
}

/** f(chunk, start, rows) for the chunks of a sample's lines, the first element of which is `from`. */
function forChunks(
  from: number,
  lines: number,
  columns: number,
  f: (chunk: number, start: number, rows: number) => void,
): void {
  const step = chunkRows(columns);
  for (let line = 0; line < lines; line += step) {
    f(line / step, from + line * columns, Math.min(step, lines - line));
  }
}

/**
 * y = (x - mean) rstd weight + bias, with the mean and 1 / sqrt(variance + eps) of each group of each sample, which are
 * handed out for the backward pass. y may be x.
 */
export const groupNormForward: GroupNormForward = (
  batch,
  places,
  groups,
  channels,
  eps,
  x,
  weight,
  bias,
  mean,
  rstd,
  y,
) => {
  const all = groups * channels;
  const fold = placesToRow(places, all);
  const [columns, lines] = [all * fold, places / fold];
  makeRoom(Math.ceil(lines / chunkRows(columns)) * columns);
  for (let o = 0; o < batch; o++) {
    const from = o * places * all;
    // About the first place of each chunk, so that large numbers that differ little lose little.
    forChunks(from, lines, columns, (chunk, start, rows) => {
      const first = chunk * columns;
      sumRows(start, rows, columns, sums, first, (i, c) => x[i] - x[start + c]);
      sumRows(start, rows, columns, products, first, (i, c) => (x[i] - x[start + c]) ** 2);
    });
    for (let group = 0; group < groups; group++) {
      const line = o * groups + group;
      const each = (f: (k: number, center: number, count: number) => void) =>
        forChunks(from, lines, columns, (chunk, start, rows) => {
          for (let place = 0; place < columns; place += all) {
            for (let c = place + group * channels; c < place + (group + 1) * channels; c++) {
              f(chunk * columns + c, x[start + c], rows);
            }
          }
        });
      let [total, squares] = [0, 0];
      each((k, center, count) => {
        total += sums[k] + count * center;
      });
      mean[line] = total / (places * channels);
      each((k, center, count) => {
        const moved = center - mean[line];
        squares += products[k] + moved * (2 * sums[k] + count * moved);
      });
      rstd[line] = 1 / Math.sqrt((squares < 0 ? 0 : squares / (places * channels)) + eps);
    }
    for (let i = from; i < from + places * all; i++) {
      const c = i % all;
      const line = o * groups + Math.floor(c / channels);
      y[i] = (x[i] - mean[line]) * rstd[line] * weight[c] + bias[c];
    }
  }
};

/**
 * dWeight[c] = the sum of dy h over samples and places and dBias[c] = that of dy, with h = (x - mean) rstd. With
 * g = dy weight, and averages over a group of a sample, dx = rstd (g - average(g) - h average(g h)), plus dx where
 * `accumulate` is 1. dx may be dy.
 */
export const groupNormBackward: GroupNormBackward = (
  batch,
  places,
  groups,
  channels,
  accumulate,
  x,
  weight,
  mean,
  rstd,
  dy,
  dx,
  dWeight,
  dBias,
) => {
  const all = groups * channels;
  const fold = placesToRow(places, all);
  const [columns, lines] = [all * fold, places / fold];
  const elements = places * channels;
  makeRoom(2 * columns + all);
  const [sample, total] = [columns, 2 * columns];
  sums.fill(0, total, total + all);
  products.fill(0, total, total + all);
  for (let o = 0; o < batch; o++) {
    const from = o * places * all;
    const lineOf = (c: number) => o * groups + Math.floor(c / channels);
    sums.fill(0, sample, total);
    products.fill(0, sample, total);
    forChunks(from, lines, columns, (_, start, rows) => {
      sumRows(start, rows, columns, sums, 0, (i) => dy[i]);
      sumRows(start, rows, columns, products, 0, (i, c) => dy[i] * (x[i] - mean[lineOf(c % all)]));
      for (let c = 0; c < columns; c++) {
        sums[sample + c] += sums[c];
        products[sample + c] += products[c];
      }
    });
    for (let c = all; c < columns; c++) {
      sums[sample + (c % all)] += sums[sample + c];
      products[sample + (c % all)] += products[sample + c];
    }
    for (let group = 0; group < groups; group++) {
      const line = o * groups + group;
      const first = group * channels;
      let [average, slope] = [0, 0];
      for (let c = first; c < first + channels; c++) {
        average += (sums[sample + c] * weight[c]) / elements;
        slope += (products[sample + c] * weight[c] * rstd[line] ** 2) / elements;
      }
      for (let place = 0; place < places; place++) {
        for (let c = first; c < first + channels; c++) {
          const i = from + place * all + c;
          const gradient = rstd[line] * (dy[i] * weight[c] - average - (x[i] - mean[line]) * slope);
          dx[i] = accumulate ? dx[i] + gradient : gradient;
        }
      }
    }
    for (let c = 0; c < all; c++) {
      products[total + c] += products[sample + c] * rstd[lineOf(c)];
      sums[total + c] += sums[sample + c];
    }
  }
  dWeight.set(products.subarray(total, total + all));
  dBias.set(sums.subarray(total, total + all));
};
