import {
  areApart,
  around,
  type Dimension,
  type Layout,
  type Piece,
  piecesOf,
  repeatedIn,
  reversed,
  rowMajor,
} from '../../array/pieces.js';
import { copyRegion, stepsOf } from '../../array/strided.js';
import { fill, isBusy, isQueueing, kernels } from '../../backend/stream.js';
import { linesOf } from '../../core/axes.js';
import { dtypeOf, elementTypeOf } from '../../core/dtypes.js';
import { subarray } from '../../core/float-arrays.js';
import { type Shape, sizeOf } from '../../core/shapes.js';
import type { ElementArray, FloatArray } from '../../core/types.js';
import { contribute, record, takeElements } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { elementsOf, type Tensor } from '../engine/tensor.js';

// The one mechanism of all that only moves elements: forward by copies of boxes, and back by the same boxes the other way, which
// are added up where they meet. What is moved is data (array/pieces.ts).

/** Writes a number to what is not of the pieces. */
function fillRest(out: ElementArray, pieces: readonly Piece[], lengths: Shape, value: number): void {
  const [piece, ...others] = pieces;
  if (piece === undefined || others.length > 0) {
    fill(out, value);
    return;
  }
  const one = pool.take(elementTypeOf(out), 1);
  fill(one, value);
  const from = { start: 0, steps: lengths.map(() => 0) };
  for (const { sizes, at } of around({ sizes: piece.sizes, at: piece.to }, lengths)) {
    move({ sizes, from, to: at }, one, out);
  }
  pool.release(one);
}

/** Copies the elements of a piece. */
function move({ sizes, from, to }: Piece, source: ElementArray, target: ElementArray): void {
  const mustWait = isQueueing() && (isBusy(source) || isBusy(target));
  const [read, written] = [
    { array: source, ...from },
    { array: target, ...to },
  ];
  copyRegion(sizes, read, written, mustWait ? kernels() : null);
}

/** See {@link pick}. */
interface PickOptions {
  /** What stands where nothing of x does. Default 0. */
  readonly value?: number;
  /** The shape that x is seen with, of as many dimensions as are picked. Default: its own. */
  readonly of?: Shape;
  /** The shape of the result. Default: that of the dimensions. */
  readonly shape?: Shape;
}

/** A tensor of elements of x: for each dimension, which of its indices stand where. */
export function pick(
  name: string,
  x: Tensor,
  dimensions: readonly Dimension[],
  options: PickOptions = {},
): Tensor {
  const lengths = dimensions.map(({ length }) => length);
  const { value = 0, of = x.shape, shape = lengths } = options;
  const pieces = piecesOf(of, dimensions);
  const out = takeElements(x, sizeOf(lengths));
  if (total(pieces) < out.length) fillRest(out, pieces, lengths, value);
  for (const piece of pieces) move(piece, elementsOf(x), out);
  return record({ name, shape, out, inputs: [x] }, (gradient) => {
    contribute(x, (into, accumulate) => {
      // Pieces that share no element of x are written, of others the first alone.
      const isNew = accumulate === 0;
      const written = !isNew ? 0 : areApart(dimensions) ? pieces.length : 1;
      const covered = total(pieces.slice(0, written), true);
      if (isNew && covered < into.length) fill(into, 0);
      for (const [i, piece] of pieces.entries()) back(piece, gradient, into, i < written);
    });
    pool.release(gradient);
  });
}

/** How many elements the pieces have: of the result, or of x. */
function total(pieces: readonly Piece[], ofSource = false): number {
  const sizeIn = (piece: Piece) => sizeOf(ofSource ? sourceSizes(piece) : piece.sizes);
  return pieces.reduce((sum, piece) => sum + sizeIn(piece), 0);
}

function sourceSizes(piece: Piece): Shape {
  const repeated = repeatedIn(piece);
  return piece.sizes.map((size, d) => (repeated.includes(d) ? 1 : size));
}

/** One tensor of the elements of several, a piece for each input. */
export function join(
  name: string,
  inputs: readonly Tensor[],
  pieces: readonly Piece[],
  shape: Shape,
): Tensor {
  const out = takeElements(inputs[0], sizeOf(shape));
  for (const [k, piece] of pieces.entries()) move(piece, elementsOf(inputs[k]), out);
  return record({ name, shape, out, inputs }, (gradient) => {
    for (const [k, piece] of pieces.entries()) {
      contribute(inputs[k], (into, accumulate) => back(piece, gradient, into, accumulate === 0));
    }
    pool.release(gradient);
  });
}

/** Writes the gradient of a piece to that of x, summed where it was repeated, or adds it to what is there. */
function back(piece: Piece, gradient: FloatArray, into: FloatArray, isWritten: boolean): void {
  const repeated = repeatedIn(piece);
  if (isWritten && repeated.length === 0) {
    move(reversed(piece), gradient, into);
    return;
  }
  const borrowed: FloatArray[] = [];
  const borrow = (length: number) => {
    const array = pool.take(dtypeOf(into), length);
    borrowed.push(array);
    return array;
  };
  let part = together({ ...piece, from: piece.to }, gradient, borrow);
  const sizes = sourceSizes(piece);
  if (repeated.length > 0) part = summed(part, piece.sizes, repeated, borrow);
  const here: Piece = { sizes, from: piece.from, to: rowMajor(sizes) };
  if (isWritten) move(reversed(here), part, into);
  else addTo(here, part, into, borrow);
  for (const array of borrowed) pool.release(array);
}

type Borrow = (length: number) => FloatArray;

/** Whether the elements lie in a row, in their order. */
function isTogether(sizes: Shape, { steps }: Layout): boolean {
  const natural = stepsOf(sizes);
  return sizes.every((size, d) => size === 1 || steps[d] === natural[d]);
}

/** The elements of a piece in a row: where they are, or copied. */
function together({ sizes, from }: Piece, source: FloatArray, borrow: Borrow): FloatArray {
  const size = sizeOf(sizes);
  if (isTogether(sizes, from)) return subarray(source, from.start, from.start + size);
  const copied = borrow(size);
  move({ sizes, from, to: rowMajor(sizes) }, source, copied);
  return copied;
}

function summed(array: FloatArray, sizes: Shape, axes: readonly number[], borrow: Borrow): FloatArray {
  return linesOf(sizes, axes).reduce((from, { outer, count, inner }) => {
    const sums = borrow(outer * inner);
    kernels().sum(outer, count, inner, 1, from, sums);
    return sums;
  }, array);
}

/** Adds numbers in a row to the elements of a piece. */
function addTo(piece: Piece, part: FloatArray, into: FloatArray, borrow: Borrow): void {
  const now = together(piece, into, borrow);
  kernels().add(0, 1, 1, part.length, now, part, now);
  if (!isTogether(piece.sizes, piece.from)) move(reversed(piece), now, into);
}
