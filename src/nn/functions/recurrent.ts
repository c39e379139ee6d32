import type { Activation } from '../../backend/contract/activations.js';
import { UNARY } from '../../backend/contract/kernels.js';
import { copy, fill, kernels } from '../../backend/stream.js';
import { dtypeOf } from '../../core/dtypes.js';
import { subarray } from '../../core/float-arrays.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, give, isRecorded, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import { multiply } from './products.js';
import { giveSum } from './reductions.js';
import type { Step, Steps } from './steps.js';

/** The arrays of one step, of which a kind of layer takes its own: for those that it has not, others stand. */
interface Arrays {
  readonly rows: number;
  readonly width: number;
  /** The states before. */
  readonly before: FloatArray;
  readonly cellBefore: FloatArray;
  /** The sums of the gates, which become their values, and going back their gradients. */
  readonly sums: FloatArray;
  /** What of the sums comes from the state, where that is apart. */
  readonly hidden: FloatArray;
  readonly cell: FloatArray;
  readonly out: FloatArray;
}

interface Slopes extends Arrays {
  /** The gradients of the output, and of the states behind the step: they become those of the states before. */
  readonly dy: FloatArray;
  readonly dh: FloatArray;
  readonly dc: FloatArray;
}

/** A kind of recurrent layer. */
export interface Kind {
  readonly name: string;
  /** How many sums make a number of the state. */
  readonly gates: number;
  /** What the product with the state, which completes the sums, is put under. */
  readonly activation: Activation;
  /** Whether there is a second state, that of the cells. */
  readonly hasCell: boolean;
  /** Whether the sums of the state are apart from those of the input. */
  readonly isApart: boolean;
  readonly forward: (arrays: Arrays) => void;
  readonly backward: (slopes: Slopes) => void;
}

function plain(activation: 'tanh' | 'relu'): Kind {
  return {
    name: 'rnn',
    gates: 1,
    activation,
    hasCell: false,
    isApart: false,
    forward() {},
    backward({ out, dy, dh }) {
      const { length } = out;
      kernels().add(0, 1, 1, length, dy, dh, dy);
      kernels()[UNARY[activation].backward](length, out, dy, dy);
    },
  };
}

export const tanhRnn = plain('tanh');
export const reluRnn = plain('relu');

export const lstm: Kind = {
  name: 'lstm',
  gates: 4,
  activation: 'none',
  hasCell: true,
  isApart: false,
  forward({ rows, width, cellBefore, sums, cell, out }) {
    kernels().lstmForward(rows, width, cellBefore, sums, cell, out);
  },
  backward({ rows, width, cellBefore, sums, cell, dy, dh, dc }) {
    kernels().lstmBackward(rows, width, cellBefore, cell, dy, dh, sums, dc);
  },
};

export const gru: Kind = {
  name: 'gru',
  gates: 3,
  activation: 'none',
  hasCell: false,
  isApart: true,
  forward({ rows, width, before, sums, hidden, out }) {
    kernels().gruForward(rows, width, before, hidden, sums, out);
  },
  backward({ rows, width, before, sums, hidden, dy, dh }) {
    kernels().gruBackward(rows, width, before, dy, sums, hidden, dh);
  },
};

/** What a layer learns in one direction: matrices [gates hidden, inputs] and [gates hidden, hidden], and their biases. */
export interface Weights {
  readonly ih: Tensor;
  readonly hh: Tensor;
  readonly biases: readonly [ih: Tensor, hh: Tensor] | null;
}

/** The states [batch, hidden] before the first step; null for zeros. */
export interface Initial {
  readonly h: Tensor | null;
  readonly c: Tensor | null;
}

export interface Recurred {
  /** [rows of all steps, hidden]; the state behind each step. */
  readonly out: Tensor;
  /** Makes a tensor of the cells behind the last step of each sequence, [batch, hidden]; before backward(). */
  readonly lastCells: () => Tensor;
}

const rowsOf = (array: FloatArray, { begin, rows }: Step, width: number) =>
  subarray(array, begin * width, (begin + rows) * width);

const firstRows = (array: FloatArray, rows: number, width: number) => subarray(array, 0, rows * width);

/** The states before a step: those of the step before it, and the initial ones of sequences that begin with it. */
function beforeOf(
  { rows, previous }: Step,
  states: FloatArray,
  initial: FloatArray,
  width: number,
  scratch: FloatArray[],
): FloatArray {
  if (previous === null) return firstRows(initial, rows, width);
  const known = Math.min(rows, previous.rows) * width;
  const there = subarray(states, previous.begin * width, previous.begin * width + known);
  if (known === rows * width) return there;
  const both = takeRows(states, rows * width);
  scratch.push(both);
  copy(there, subarray(both, 0, known));
  copy(subarray(initial, known, rows * width), subarray(both, known));
  return both;
}

const takeRows = (like: FloatArray, size: number) => pool.take(dtypeOf(like), size);

function releaseAll(arrays: FloatArray[]): void {
  for (const array of arrays) pool.release(array);
  arrays.length = 0;
}

/**
 * One layer in one direction over all steps: x [rows of all steps, inputs], of which one product makes the sums of all steps; what
 * remains for a step is that of its state, and its gates. Backwards the gradients of all sums come first, and those of the weights
 * are one product each.
 */
export function recur(kind: Kind, x: Tensor, steps: Steps, weights: Weights, initial: Initial): Recurred {
  const { gates, activation, hasCell, isApart } = kind;
  const { ih, hh, biases } = weights;
  const { batch, rows } = steps;
  const [width, across] = [hh.shape[1], gates * hh.shape[1]];
  const saved: FloatArray[] = [];
  const scratch: FloatArray[] = [];
  const own = (size: number): FloatArray => {
    const array = takeLike(x, size);
    saved.push(array);
    return array;
  };
  const start = (state: Tensor | null): (() => FloatArray) => {
    if (state !== null) return () => arrayOf(state);
    const zeros = fill(own(batch * width), 0);
    return () => zeros;
  };

  const out = takeLike(x, rows * width);
  const sums = gates === 1 ? out : own(rows * across);
  const hidden = isApart ? own(rows * across) : sums;
  const cells = hasCell ? own(rows * width) : out;
  const h = start(initial.h);
  const c = hasCell ? start(initial.c) : h;
  const { bias, hiddenBias } = biasesOf(kind, biases, scratch);
  multiply([false, true], [rows, across, ih.shape[1]], arrayOf(x), arrayOf(ih), 0, sums, bias);
  releaseAll(scratch);

  const arraysOf = (step: Step): Arrays => {
    const before = beforeOf(step, out, h(), width, scratch);
    return {
      rows: step.rows,
      width,
      before,
      cellBefore: hasCell ? beforeOf(step, cells, c(), width, scratch) : before,
      sums: rowsOf(sums, step, across),
      hidden: rowsOf(hidden, step, across),
      cell: rowsOf(cells, step, width),
      out: rowsOf(out, step, width),
    };
  };
  for (const step of steps.list) {
    const arrays = arraysOf(step);
    const sizes = [step.rows, across, width] as const;
    const beta = isApart ? 0 : 1;
    multiply([false, true], sizes, arrays.before, arrayOf(hh), beta, arrays.hidden, hiddenBias, activation);
    kind.forward(arrays);
    releaseAll(scratch);
  }

  const states = [initial.h, initial.c].filter((state) => state !== null);
  const inputs = [x, ih, hh, ...(biases ?? []), ...states];
  const reads = [x, ih, hh, ...states];
  // The gradient of the last cells, until that of the output is complete.
  let arrived: FloatArray | null = null;
  let isOver = !isRecorded(inputs);
  const gather = () => {
    const last = takeLike(x, batch * width);
    kernels().gatherRows(batch, width, rows, cells, steps.last, last);
    return last;
  };
  const early = hasCell && isOver ? gather() : null;
  const y = record(
    { name: kind.name, shape: [rows, width], out, inputs, reads, readsOutput: true, saved },
    (gradient) => {
      isOver = true;
      const dSums = gates === 1 ? gradient : sums;
      const dHidden = isApart ? hidden : dSums;
      const dh = fill(takeLike(x, batch * width), 0);
      const dc = hasCell ? (arrived ?? fill(takeLike(x, batch * width), 0)) : dh;
      for (const step of steps.list.toReversed()) {
        const dhRows = firstRows(dh, step.rows, width);
        const dcRows = hasCell ? firstRows(dc, step.rows, width) : dhRows;
        kind.backward({ ...arraysOf(step), dy: rowsOf(gradient, step, width), dh: dhRows, dc: dcRows });
        const sizes = [step.rows, width, across] as const;
        multiply([false, false], sizes, rowsOf(dHidden, step, across), arrayOf(hh), isApart ? 1 : 0, dhRows);
        releaseAll(scratch);
      }
      contribute(ih, (into, beta) =>
        multiply([true, false], [across, ih.shape[1], rows], dSums, arrayOf(x), beta, into),
      );
      contribute(hh, (into, beta) => {
        const before = statesBefore(steps, out, h(), width);
        multiply([true, false], [across, width, rows], dHidden, before, beta, into);
        pool.release(before);
      });
      if (biases !== null) {
        giveSum(biases[0], [{ outer: 1, count: rows, inner: across }], dSums);
        giveSum(biases[1], [{ outer: 1, count: rows, inner: across }], dHidden);
      }
      contribute(x, (into, beta) =>
        multiply([false, false], [rows, ih.shape[1], across], dSums, arrayOf(ih), beta, into),
      );
      giveOrRelease(initial.h, dh);
      if (hasCell) giveOrRelease(initial.c, dc);
      pool.release(gradient);
    },
  );

  const recordCells = (last: FloatArray) =>
    record({ name: `${kind.name} cells`, shape: [batch, width], out: last, inputs: [y] }, (gradient) => {
      // Its way back is the output's, which may have no other gradient.
      contribute(y, (into, accumulate) => {
        if (accumulate === 0) fill(into, 0);
      });
      if (arrived === null) arrived = gradient;
      else {
        kernels().add(0, 1, 1, gradient.length, arrived, gradient, arrived);
        pool.release(gradient);
      }
    });
  const earlyCells = early === null ? null : recordCells(early);
  return {
    out: y,
    lastCells() {
      if (earlyCells !== null) return earlyCells;
      if (isOver)
        throw new Error(`the cells of ${kind.name} were released by backward(): read hidden before that`);
      return recordCells(gather());
    },
  };
}

/** The biases of both products: one, where their sums are one. */
function biasesOf(
  { isApart }: Kind,
  biases: Weights['biases'],
  scratch: FloatArray[],
): { bias: FloatArray | null; hiddenBias: FloatArray | null } {
  if (biases === null) return { bias: null, hiddenBias: null };
  const [ih, hh] = biases;
  if (isApart) return { bias: arrayOf(ih), hiddenBias: arrayOf(hh) };
  const bias = takeLike(ih);
  scratch.push(bias);
  kernels().add(0, 1, 1, ih.size, arrayOf(ih), arrayOf(hh), bias);
  return { bias, hiddenBias: null };
}

/** The states before all steps, as the outputs are behind them. */
function statesBefore(
  { list, rows }: Steps,
  states: FloatArray,
  initial: FloatArray,
  width: number,
): FloatArray {
  const all = takeRows(states, rows * width);
  const scratch: FloatArray[] = [];
  for (const step of list) {
    copy(beforeOf(step, states, initial, width, scratch), rowsOf(all, step, width));
    releaseAll(scratch);
  }
  return all;
}

function giveOrRelease(tensor: Tensor | null, array: FloatArray): void {
  if (tensor?.requiresGrad) give(tensor, array);
  else pool.release(array);
}
