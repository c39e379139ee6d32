import { fill, kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean, checkInteger, checkNumber, isObject, show } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, Tensor } from '../engine/tensor.js';
import { embedding } from './embedding.js';
import { type Labels, toIntegers } from './labels.js';

/** Sequences of different lengths without what pads them, as {@link packPaddedSequence} makes it: PyTorch's PackedSequence. */
export interface PackedSequence {
  /** [the sum of all lengths, ...]: the first step of all sequences, the second of those that have one ... */
  readonly data: Tensor;
  /** How many sequences have each step: none more than the one before. */
  readonly batchSizes: Int32Array;
  /** For each sequence here, from the longest to the shortest, which one of the batch it was; null: the same one. */
  readonly sortedIndices: Int32Array | null;
  /** For each sequence of the batch, which one it is here. */
  readonly unsortedIndices: Int32Array | null;
}

/** See {@link packPaddedSequence}. */
export interface PackPaddedSequenceOptions {
  /** Whether x is [batch, steps, ...] rather than [steps, batch, ...]. Default false. */
  readonly batchFirst?: boolean;
  /** Whether lengths that grow are an error; else sequences are sorted here, and layers give theirs back unsorted. Default true. */
  readonly enforceSorted?: boolean;
}

const PACK_OPTIONS: OptionNames<PackPaddedSequenceOptions> = { batchFirst: true, enforceSorted: true };

/** See {@link padPackedSequence}. */
export interface PadPackedSequenceOptions {
  /** Whether the result is [batch, steps, ...] rather than [steps, batch, ...]. Default false. */
  readonly batchFirst?: boolean;
  /** What stands behind the end of a sequence. Default 0. */
  readonly paddingValue?: number;
  /** How many steps the result has. Default: those of the longest sequence, which it must not be below. */
  readonly totalLength?: number;
}

const PAD_OPTIONS: OptionNames<PadPackedSequenceOptions> = {
  batchFirst: true,
  paddingValue: true,
  totalLength: true,
};

/**
 * The sequences of a batch without their padding, for a recurrent layer. As torch.nn.utils.rnn.pack_padded_sequence.
 * @param x [steps, batch, ...], or [batch, steps, ...] with `batchFirst`.
 * @param lengths how many steps each sequence has: whole numbers from 1 to `steps`.
 * @throws RangeError where lengths do not fit or grow; TypeError for options that do not exist or have another type.
 */
export function packPaddedSequence(
  x: Tensor,
  lengths: Labels,
  options: PackPaddedSequenceOptions = {},
): PackedSequence {
  checkTensor('x', x);
  checkOptions('packPaddedSequence', options, PACK_OPTIONS);
  const { batchFirst = false, enforceSorted = true } = options;
  checkBoolean('batchFirst', batchFirst);
  checkBoolean('enforceSorted', enforceSorted);
  if (x.shape.length < 2) {
    throw new RangeError(`x must have shape [steps, batch, ...], got ${showShape(x.shape)}`);
  }
  const [first, second, ...rest] = x.shape;
  const [steps, batch] = batchFirst ? [second, first] : [first, second];
  const counts = toIntegers('lengths', lengths, steps + 1);
  if (counts.length !== batch) {
    throw new RangeError(`lengths must have one length for each of ${batch} sequences, got ${counts.length}`);
  }
  if (counts.includes(0)) throw new RangeError('lengths must be at least 1, got 0');
  const grows = counts.findIndex((length, i) => i > 0 && length > counts[i - 1]);
  if (enforceSorted && grows >= 0) {
    throw new RangeError(
      `lengths must not grow unless enforceSorted is false, got ${counts[grows]} after ${counts[grows - 1]}`,
    );
  }
  const sortedIndices = enforceSorted
    ? null
    : Int32Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  const batchSizes = new Int32Array(Math.max(...counts));
  for (const length of counts) for (let t = 0; t < length; t++) batchSizes[t]++;
  const data = embedding(
    x.reshape([steps * batch, ...rest]),
    rowsOf(batchSizes, sortedIndices, steps, batchFirst),
  );
  return { data, batchSizes, sortedIndices, unsortedIndices: inverseOf(sortedIndices) };
}

/**
 * The sequences of a batch with their padding again, in the order that they had, and their lengths. As
 * torch.nn.utils.rnn.pad_packed_sequence.
 * @returns output: [steps, batch, ...], or [batch, steps, ...] with `batchFirst`.
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options: PadPackedSequenceOptions = {},
): { readonly output: Tensor; readonly lengths: Int32Array } {
  const { data, batchSizes, sortedIndices } = readPacked('sequence', sequence);
  checkOptions('padPackedSequence', options, PAD_OPTIONS);
  const { batchFirst = false, paddingValue = 0, totalLength = batchSizes.length } = options;
  checkBoolean('batchFirst', batchFirst);
  checkNumber('paddingValue', paddingValue);
  checkInteger('totalLength', totalLength, batchSizes.length);
  const [rows, ...rest] = data.shape;
  const [columns, batch] = [data.size / rows, batchSizes[0]];
  const places = rowsOf(batchSizes, sortedIndices, totalLength, batchFirst);
  const outRows = totalLength * batch;
  const out = fill(takeLike(data, outRows * columns), paddingValue);
  kernels().scatterRows(columns, rows, outRows, arrayOf(data), places, out);
  const shape = [...(batchFirst ? [batch, totalLength] : [totalLength, batch]), ...rest];
  const output = record({ name: 'padPackedSequence', shape, out, inputs: [data] }, (gradient) => {
    const slope = takeLike(data);
    kernels().gatherRows(rows, columns, outRows, gradient, places, slope);
    give(data, slope);
    pool.release(gradient);
  });
  const lengths = new Int32Array(batch);
  for (const count of batchSizes) for (let i = 0; i < count; i++) lengths[sortedIndices?.[i] ?? i]++;
  return { output, lengths };
}

/** Where each packed row is among those of [steps, batch] or [batch, steps]. */
function rowsOf(
  batchSizes: Int32Array,
  sorted: Int32Array | null,
  steps: number,
  batchFirst: boolean,
): Int32Array {
  const [batch] = batchSizes;
  const places: number[] = [];
  for (const [t, count] of batchSizes.entries()) {
    for (let i = 0; i < count; i++) {
      const sequence = sorted?.[i] ?? i;
      places.push(batchFirst ? sequence * steps + t : t * batch + sequence);
    }
  }
  return Int32Array.from(places);
}

function inverseOf(order: Int32Array | null): Int32Array | null {
  if (order === null) return null;
  const inverse = new Int32Array(order.length);
  for (const [to, from] of order.entries()) inverse[from] = to;
  return inverse;
}

/** A copy of what is said to be packed, each field read once. @throws TypeError or RangeError where it is not. */
export function readPacked(name: string, value: unknown): PackedSequence {
  if (!isObject(value) || value instanceof Tensor || !('data' in value && 'batchSizes' in value)) {
    throw new TypeError(`${name} must be a PackedSequence, got ${show(value)}`);
  }
  const { data, batchSizes: given, sortedIndices = null } = value;
  checkTensor(`${name}.data`, data);
  if (!(given instanceof Int32Array) || given.length === 0) {
    throw new TypeError(
      `${name}.batchSizes must be an Int32Array of at least one number, got ${show(given)}`,
    );
  }
  const batchSizes = given.slice();
  let sum = 0;
  for (const [t, count] of batchSizes.entries()) {
    if (count < 1 || (t > 0 && count > batchSizes[t - 1])) {
      throw new RangeError(
        `${name}.batchSizes must be at least 1 and not grow, got ${show([...batchSizes])}`,
      );
    }
    sum += count;
  }
  if (data.shape[0] !== sum) {
    throw new RangeError(
      `${name}.data must have shape [${sum}, ...] as batchSizes say, got ${showShape(data.shape)}`,
    );
  }
  const order =
    sortedIndices === null ? null : readOrder(`${name}.sortedIndices`, sortedIndices, batchSizes[0]);
  return { data, batchSizes, sortedIndices: order, unsortedIndices: inverseOf(order) };
}

function readOrder(name: string, value: unknown, count: number): Int32Array {
  const order = value instanceof Int32Array ? value.slice() : new Int32Array(0);
  const isPermutation = order.toSorted().every((number, i) => number === i);
  if (order.length !== count || !isPermutation) {
    throw new RangeError(
      `${name} must be an Int32Array with each number below ${count} once, got ${show(value)}`,
    );
  }
  return order;
}
