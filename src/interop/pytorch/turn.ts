import { permute } from '../../array/transpose.js';
import { type Shape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';

/** How PyTorch's elements become ours: seen as `shape`, whose dimensions `axes` then puts in another order. */
export interface Turn {
  readonly shape: Shape;
  readonly axes: readonly number[];
}

/** PyTorch's elements in our order, as a copy. */
export function toOurs(x: FloatArray, turn: Turn | null): FloatArray {
  return turn === null ? x.slice() : permute(x, turn);
}

/** Ours in PyTorch's order, as a copy. */
export function toTheirs(x: FloatArray, turn: Turn | null): FloatArray {
  if (turn === null) return x.slice();
  const { shape, axes } = turn;
  const back = shape.map((_, d) => axes.indexOf(d));
  return permute(x, { shape: axes.map((axis) => shape[axis]), axes: back });
}

/** From channels second, PyTorch's, to channels last, for a tensor of our shape. */
export function channelsSecond(shape: Shape): Turn {
  const [first, ...rest] = shape;
  const places = rest.slice(0, -1);
  const theirs = [first, ...rest.slice(-1), ...places];
  return { shape: theirs, axes: [0, ...places.map((_, d) => d + 2), 1] };
}

/** The columns of a linear layer over flattened images: from (channel, pixel), PyTorch's order, to (pixel, channel). */
export function flattenedColumns([outputs, inputs]: Shape, channels: number): Turn {
  return { shape: [outputs, channels, inputs / channels], axes: [0, 2, 1] };
}

/** The elements one after the other. */
export function stacked(parts: readonly FloatArray[]): FloatArray {
  const [first] = parts;
  if (parts.length === 1) return first;
  const Type = first instanceof Float32Array ? Float32Array : Float64Array;
  const whole = new Type(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The rows of one that several share. */
export function rowsOf(whole: FloatArray, sizes: readonly Shape[]): FloatArray[] {
  let at = 0;
  return sizes.map((shape) => {
    const start = at;
    at += sizeOf(shape);
    return whole.subarray(start, at);
  });
}
