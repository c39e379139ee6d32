import { fill, kernels } from '../../backend/stream.js';
import { Broadcast, broadcastShape } from '../../core/broadcasting.js';
import { type Shape, sameShape, showShape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { show } from '../../core/validate.js';
import { takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { apply } from './operands.js';

/** A tensor that is added to the scores; or bytes, of which those that are not 0 hide what they stand for. */
export type AttentionMask = Tensor | Uint8Array;

/** What a mask is for. */
export interface Scores {
  /** The dimensions before the last two, whose product is `batch`. */
  readonly outer: Shape;
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly like: Tensor;
}

/** A mask of shape [batch or 1, heads or 1, queries or 1, keys]. */
export interface Mask {
  readonly shape: Shape;
  readonly array: FloatArray;
  /** The tensors it is made of. */
  readonly reads: readonly Tensor[];
  /** Its arrays that are from the pool. */
  readonly saved: readonly FloatArray[];
}

/** The shapes that a mask may have, as it is given and as it is read. */
type Forms = readonly (readonly [given: Shape, read: Shape])[];

/**
 * The mask for all heads or for each: [queries, keys], or [..., 1 or queries, keys], [..., heads, queries, keys], or the
 * latter with the heads of all sequences in one dimension, as PyTorch has it.
 */
export function maskOfScores(name: string, mask: AttentionMask, scores: Scores): Mask {
  const { outer, batch, heads, queries, keys } = scores;
  return read(name, mask, scores, [
    [
      [queries, keys],
      [1, 1, queries, keys],
    ],
    [
      [...outer, queries, keys],
      [batch, 1, queries, keys],
    ],
    [
      [...outer, 1, keys],
      [batch, 1, 1, keys],
    ],
    [
      [...outer, heads, queries, keys],
      [batch, heads, queries, keys],
    ],
    [
      [batch * heads, queries, keys],
      [batch, heads, queries, keys],
    ],
  ]);
}

/** The mask of the keys of each sequence: [..., keys]. */
export function maskOfKeys(name: string, mask: AttentionMask, scores: Scores): Mask {
  const { outer, batch, keys } = scores;
  return read(name, mask, scores, [
    [
      [...outer, keys],
      [batch, 1, 1, keys],
    ],
  ]);
}

function read(name: string, mask: AttentionMask, { like }: Scores, forms: Forms): Mask {
  if (mask instanceof Uint8Array) {
    const form = forms.find(([given]) => sizeOf(given) === mask.length);
    if (form === undefined) refuse(name, `${mask.length} elements`, forms);
    const array = hiding(like, mask);
    return { shape: form[1], array, reads: [], saved: [array] };
  }
  checkSameType(name, mask, like);
  if (mask.requiresGrad)
    throw new TypeError(`${name} must be a constant, got a tensor that requires a gradient`);
  const form = forms.find(([given]) => sameShape(given, mask.shape));
  if (form === undefined) refuse(name, showShape(mask.shape), forms);
  return { shape: form[1], array: arrayOf(mask), reads: [mask], saved: [] };
}

function refuse(name: string, got: string, forms: Forms): never {
  const shapes = forms.map(([given]) => showShape(given));
  throw new RangeError(`${name} must have shape ${[...new Set(shapes)].join(' or ')}, got ${show(got)}`);
}

/** Minus infinity where a byte is not 0, else 0. */
function hiding(like: Tensor, bytes: Uint8Array): FloatArray {
  const out = takeLike(like, bytes.length);
  const [hidden, seen] = [fill(takeLike(like, 1), Number.NEGATIVE_INFINITY), fill(takeLike(like, 1), 0)];
  const { layout, outer, rows, columns } = new Broadcast([[bytes.length], [], []], [bytes.length]);
  // A copy: the user's may change before a kernel that is queued reads it.
  kernels().select(layout, outer, rows, columns, bytes.slice(), hidden, seen, out);
  pool.release(hidden);
  pool.release(seen);
  return out;
}

/** Both masks in one. */
export function addMasks(a: Mask | null, b: Mask | null, like: Tensor): Mask | null {
  if (a === null || b === null) return a ?? b;
  const shape = broadcastShape([a.shape, b.shape]) ?? [];
  const array = takeLike(like, sizeOf(shape));
  apply('add', a, b, shape, array);
  for (const part of [...a.saved, ...b.saved]) pool.release(part);
  return { shape, array, reads: [], saved: [array] };
}

/** Which of the shapes of AttentionMask in native/matrix/attention-arguments.h it has. */
export function kindOf(mask: Mask | null, { queries }: Scores): number {
  if (mask === null) return 0;
  const [batch, heads, rows] = mask.shape;
  if (heads > 1) return 4;
  if (rows < queries) return 2;
  return batch > 1 ? 3 : 1;
}
