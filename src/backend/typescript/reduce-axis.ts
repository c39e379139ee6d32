import {
  foldLanes,
  type Join,
  joinPairs,
  REDUCTION_CHUNK,
  REDUCTION_LANES,
} from '../contract/reduction-order.js';

// Reduces the middle axis of an array [outer, count, inner], in chunks that each give a partial result. The order depends on
// the shape alone:
// - inner = 1, rows: chunks of 4,096 elements, each over 64 lanes (contract/reduction-order.ts). The partial results are
//   joined in neighbouring pairs, then those of the pairs, and so on; an odd one out waits for the next round;
// - inner > 1, columns: chunks of chunkRows(inner) rows, each in the order of its rows. The partial results are joined in
//   the order of the chunks.
// Mirror: native/matrix/reduce-axis.h.

const lanes = new Float64Array(REDUCTION_LANES);
const totals = new Float64Array(REDUCTION_LANES);
/** Of the chunks of a row. */
let partials = new Float64Array(1);

/** The rows of a chunk: some 16,384 elements, and no fewer than 16 rows. */
export function chunkRows(inner: number): number {
  return Math.max(16, Math.floor(16384 / inner));
}

/** finish(line, result) with the reduction of term(i) over the elements i of each line o * inner + c. */
export function reduceAxis(
  outer: number,
  count: number,
  inner: number,
  operation: Join,
  term: (i: number) => number,
  finish: (line: number, result: number) => void,
): void {
  if (inner !== 1) reduceColumns(outer, count, inner, operation, term, finish);
  else for (let o = 0; o < outer; o++) finish(o, reduceRow(o * count, count, operation, term));
}

function reduceRow(start: number, count: number, operation: Join, term: (i: number) => number): number {
  const chunks = Math.ceil(count / REDUCTION_CHUNK);
  if (partials.length < chunks) partials = new Float64Array(chunks);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const first = start + chunk * REDUCTION_CHUNK;
    const length = Math.min(REDUCTION_CHUNK, start + count - first);
    lanes.fill(operation.neutral);
    for (let i = 0; i < length; i++) {
      lanes[i % REDUCTION_LANES] = operation.join(lanes[i % REDUCTION_LANES], term(first + i));
    }
    partials[chunk] = foldLanes(lanes, operation.join);
  }
  return joinPairs(partials, chunks, operation);
}

/** The same down the columns, whatever `inner` is. */
export function reduceColumns(
  outer: number,
  count: number,
  inner: number,
  { neutral, join }: Join,
  term: (i: number) => number,
  finish: (line: number, result: number) => void,
): void {
  const rows = chunkRows(inner);
  for (let o = 0; o < outer; o++) {
    for (let first = 0; first < inner; first += REDUCTION_LANES) {
      const width = Math.min(REDUCTION_LANES, inner - first);
      totals.fill(neutral);
      for (let chunk = 0; chunk < count; chunk += rows) {
        // The first chunk gives the first totals: nothing is added to them.
        const sums = chunk === 0 ? totals : lanes;
        sums.fill(neutral);
        for (let r = chunk; r < Math.min(count, chunk + rows); r++) {
          const start = (o * count + r) * inner + first;
          for (let c = 0; c < width; c++) sums[c] = join(sums[c], term(start + c));
        }
        if (chunk > 0) for (let c = 0; c < width; c++) totals[c] = join(totals[c], lanes[c]);
      }
      for (let c = 0; c < width; c++) finish(o * inner + first + c, totals[c]);
    }
  }
}
