import { fill, kernels } from '../../backend/stream.js';
import { subarray } from '../../core/float-arrays.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, give, isRecorded, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import { multiply } from './products.js';
import type { Arrays, Kind } from './recurrent-kinds.js';
import { giveSum } from './reductions.js';
import { beforeOf, releaseAll, rowsOf, type Step, type Steps, statesBefore } from './steps.js';

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
  /** Makes a tensor of the cells behind the last step of each sequence, [batch, hidden]: once, before backward(). */
  readonly lastCells: () => Tensor;
}

/** A layer in one direction, and its arrays over the rows of all steps: see {@link Arrays}. */
interface Layer {
  readonly kind: Kind;
  readonly x: Tensor;
  readonly steps: Steps;
  readonly weights: Weights;
  readonly initial: Initial;
  readonly inputs: number;
  readonly width: number;
  /** The sums of a row. */
  readonly across: number;
  readonly out: FloatArray;
  readonly sums: FloatArray;
  readonly hidden: FloatArray;
  readonly cells: FloatArray;
  readonly h: () => FloatArray;
  readonly c: () => FloatArray;
  /** The arrays that the way back reads, but for `out`. */
  readonly saved: readonly FloatArray[];
}

function layerOf(kind: Kind, x: Tensor, steps: Steps, weights: Weights, initial: Initial): Layer {
  const [across, inputs] = weights.ih.shape;
  const width = across / kind.gates;
  const saved: FloatArray[] = [];
  const own = (size: number): FloatArray => {
    const array = takeLike(x, size);
    saved.push(array);
    return array;
  };
  const start = (state: Tensor | null): (() => FloatArray) => {
    if (state !== null) return () => arrayOf(state);
    const zeros = fill(own(steps.batch * width), 0);
    return () => zeros;
  };
  const out = takeLike(x, steps.rows * width);
  const sums = kind.gates === 1 ? out : own(steps.rows * across);
  const hidden = kind.isApart ? own(steps.rows * across) : sums;
  const cells = kind.hasCell ? own(steps.rows * width) : out;
  const h = start(initial.h);
  const c = kind.hasCell ? start(initial.c) : h;
  return { kind, x, steps, weights, initial, inputs, width, across, out, sums, hidden, cells, h, c, saved };
}

function arraysOf(layer: Layer, step: Step, scratch: FloatArray[]): Arrays {
  const { kind, width, across, out, sums, hidden, cells } = layer;
  const before = beforeOf(step, out, layer.h(), width, scratch);
  return {
    rows: step.rows,
    width,
    before,
    cellBefore: kind.hasCell ? beforeOf(step, cells, layer.c(), width, scratch) : before,
    sums: rowsOf(sums, step, across),
    hidden: rowsOf(hidden, step, across),
    cell: rowsOf(cells, step, width),
    out: rowsOf(out, step, width),
  };
}

function goForward(layer: Layer): void {
  const { kind, x, steps, weights, inputs, width, across, sums } = layer;
  const scratch: FloatArray[] = [];
  const { bias, hiddenBias } = biasesOf(kind, weights.biases, scratch);
  multiply([false, true], [steps.rows, across, inputs], arrayOf(x), arrayOf(weights.ih), 0, sums, bias);
  releaseAll(scratch);
  const [hh, beta] = [arrayOf(weights.hh), kind.isApart ? 0 : 1] as const;
  for (const step of steps.list) {
    const arrays = arraysOf(layer, step, scratch);
    const sizes = [step.rows, across, width] as const;
    multiply([false, true], sizes, arrays.before, hh, beta, arrays.hidden, hiddenBias, kind.activation);
    kind.forward(arrays);
    releaseAll(scratch);
  }
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

/**
 * The gradients of all sums, step by step, then those of what made them.
 * @param gradient that of the output.
 * @param dLast that of the cells behind the last steps, if any has arrived: an array to be used up, as `gradient` is.
 */
function goBack(layer: Layer, gradient: FloatArray, dLast: FloatArray | null): void {
  const { kind, x, steps, initial, weights, width, across } = layer;
  const states = steps.batch * width;
  const dSums = kind.gates === 1 ? gradient : layer.sums;
  const dHidden = kind.isApart ? layer.hidden : dSums;
  const dh = fill(takeLike(x, states), 0);
  const dc = kind.hasCell ? (dLast ?? fill(takeLike(x, states), 0)) : dh;
  const [hh, beta] = [arrayOf(weights.hh), kind.isApart ? 1 : 0] as const;
  const scratch: FloatArray[] = [];
  for (const step of steps.list.toReversed()) {
    const [dhRows, dcRows] = [dh, dc].map((array) => subarray(array, 0, step.rows * width));
    const dy = rowsOf(gradient, step, width);
    kind.backward({ ...arraysOf(layer, step, scratch), dy, dh: dhRows, dc: dcRows });
    const sizes = [step.rows, width, across] as const;
    multiply([false, false], sizes, rowsOf(dHidden, step, across), hh, beta, dhRows);
    releaseAll(scratch);
  }
  giveAll(layer, dSums, dHidden);
  giveOrRelease(initial.h, dh);
  if (kind.hasCell) giveOrRelease(initial.c, dc);
  pool.release(gradient);
}

/** Hands the gradients of the sums on to weights, biases and x: each is one product or sum over all rows. */
function giveAll(layer: Layer, dSums: FloatArray, dHidden: FloatArray): void {
  const { x, steps, weights, inputs, width, across, out } = layer;
  const { ih, hh, biases } = weights;
  const { rows } = steps;
  contribute(ih, (into, beta) =>
    multiply([true, false], [across, inputs, rows], dSums, arrayOf(x), beta, into),
  );
  contribute(hh, (into, beta) => {
    const before = statesBefore(steps, out, layer.h(), width);
    multiply([true, false], [across, width, rows], dHidden, before, beta, into);
    pool.release(before);
  });
  if (biases !== null) {
    giveSum(biases[0], [{ outer: 1, count: rows, inner: across }], dSums);
    giveSum(biases[1], [{ outer: 1, count: rows, inner: across }], dHidden);
  }
  contribute(x, (into, beta) =>
    multiply([false, false], [rows, inputs, across], dSums, arrayOf(ih), beta, into),
  );
}

function giveOrRelease(tensor: Tensor | null, array: FloatArray): void {
  if (tensor?.requiresGrad) give(tensor, array);
  else pool.release(array);
}

/**
 * One layer in one direction over all steps: x [rows of all steps, inputs], of which one product makes the sums of all steps; what
 * remains for a step is that of its state, and its gates. Backwards the gradients of all sums come first, and those of the weights
 * are one product each.
 */
export function recur(kind: Kind, x: Tensor, steps: Steps, weights: Weights, initial: Initial): Recurred {
  const layer = layerOf(kind, x, steps, weights, initial);
  goForward(layer);
  const { out, saved, width, cells } = layer;
  const { batch, rows } = steps;
  const { ih, hh, biases } = weights;
  const reads = [x, ih, hh, ...[initial.h, initial.c].filter((state) => state !== null)];
  const inputs = [...reads, ...(biases ?? [])];

  let isReleased = !isRecorded(inputs);
  // The gradient of the last cells, until that of the output is complete.
  let arrived: FloatArray | null = null;
  const gather = (): FloatArray => {
    const last = takeLike(x, batch * width);
    kernels().gatherRows(batch, width, rows, cells, steps.last, last);
    return last;
  };
  const early = kind.hasCell && isReleased ? gather() : null;
  const result = { name: kind.name, shape: [rows, width], out, inputs, reads, readsOutput: true, saved };
  const output = record(result, (gradient) => {
    isReleased = true;
    goBack(layer, gradient, arrived);
  });

  const cellsOf = (last: FloatArray): Tensor =>
    record({ name: `${kind.name} cells`, shape: [batch, width], out: last, inputs: [output] }, (gradient) => {
      // Its way back is the output's, which may have no other gradient.
      contribute(output, (into, accumulate) => {
        if (accumulate === 0) fill(into, 0);
      });
      arrived = gradient;
    });
  const earlyCells = early === null ? null : cellsOf(early);
  return {
    out: output,
    lastCells() {
      if (earlyCells !== null) return earlyCells;
      if (isReleased) {
        throw new Error(`the cells of ${kind.name} were released by backward(): read hidden before that`);
      }
      return cellsOf(gather());
    },
  };
}
