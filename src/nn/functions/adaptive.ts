import { gemmBatched } from '../../backend/named.js';
import { kernels } from '../../backend/stream.js';
import type { Line } from '../../core/axes.js';
import { zeros } from '../../core/dtypes.js';
import type { Shape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger, show } from '../../core/validate.js';
import { checkPoolWindow } from '../../core/window-geometry.js';
import { contribute, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, floatTypeOf, type Tensor } from '../engine/tensor.js';
import { indexSelect } from './indexing.js';
import { imagesOf, poolMax, poolMean, shapeOfImages } from './windows.js';

/** A number of outputs along each dimension, or one for both; null for as many as x has. */
export type AdaptiveSize = number | readonly [height: number | null, width: number | null];

type Outputs = readonly [height: number | null, width: number | null];

export function checkAdaptiveSize(size: AdaptiveSize): Outputs {
  const pair: readonly unknown[] = Array.isArray(size) ? size : [size, size];
  if (pair.length !== 2)
    throw new RangeError(`outputSize must be a number or [height, width], got ${show(size)}`);
  const [height, width] = pair.map((length, d) => {
    if (length === null && Array.isArray(size)) return null;
    checkInteger(Array.isArray(size) ? `outputSize[${d}]` : 'outputSize', length, 1);
    return length;
  });
  return [height, width];
}

/**
 * The mean of the pixels of each window, channel by channel, of windows that are as even as they can be: output r has the rows
 * from floor(r height / outputs) to before ceil((r + 1) height / outputs).
 *
 * Where these windows are not all alike it is a product with a matrix of shares, in which a pixel that is not finite reaches all
 * of its column and row.
 * @param x [batch, height, width, channels].
 * @returns [batch, outputs down, outputs across, channels].
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return poolEvenly(x, 2, checkAdaptiveSize(outputSize));
}

/** The same of sequences. @param x [batch, length, channels]. @returns [batch, outputs, channels]. */
export function adaptiveAvgPool1d(x: Tensor, outputSize: number): Tensor {
  checkInteger('outputSize', outputSize, 1);
  return poolEvenly(x, 1, [1, outputSize]);
}

/**
 * The largest pixel of each window, channel by channel, of the windows of {@link adaptiveAvgPool2d}. The gradient goes to the first
 * of the largest.
 * @param x [batch, height, width, channels].
 * @returns [batch, outputs down, outputs across, channels].
 */
export function adaptiveMaxPool2d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return poolMaxEvenly(x, 2, checkAdaptiveSize(outputSize));
}

/** The same of sequences. @param x [batch, length, channels]. @returns [batch, outputs, channels]. */
export function adaptiveMaxPool1d(x: Tensor, outputSize: number): Tensor {
  checkInteger('outputSize', outputSize, 1);
  return poolMaxEvenly(x, 1, [1, outputSize]);
}

export function poolMaxEvenly(x: Tensor, rank: 1 | 2, [down, across]: Outputs): Tensor {
  const { height, width } = imagesOf('x', x, rank);
  const [rows, columns] = [windowsOf(height, down ?? height), windowsOf(width, across ?? width)];
  const wide = columns.isEven ? x : indexSelect(x, rank, columns.indices);
  const whole = rows.isEven ? wide : indexSelect(wide, 1, rows.indices);
  const kernel = [rows.longest, columns.longest] as const;
  return poolMax(whole, { ...checkPoolWindow(kernel, kernel, 0, 1, false), rank });
}

/** Windows as even as they can be, made as long as the longest by what they end with: as far as a maximum goes, the same. */
function windowsOf(count: number, outputs: number) {
  const bounds = boundsOf(count, outputs);
  const longest = bounds.reduce((most, [first, end]) => Math.max(most, end - first), 0);
  const at = (i: number) => {
    const [first, end] = bounds[Math.floor(i / longest)];
    return Math.min(first + (i % longest), end - 1);
  };
  const isEven = count % outputs === 0;
  return {
    longest,
    isEven,
    indices: isEven ? [] : Array.from({ length: outputs * longest }, (_, i) => at(i)),
  };
}

/** Where each window begins and ends. */
function boundsOf(count: number, outputs: number): (readonly [first: number, end: number])[] {
  return Array.from({ length: outputs }, (_, r) => [
    Math.floor((r * count) / outputs),
    Math.ceil(((r + 1) * count) / outputs),
  ]);
}

export function poolEvenly(x: Tensor, rank: 1 | 2, [down, across]: Outputs): Tensor {
  const { batch, height, width, channels } = imagesOf('x', x, rank);
  const [outHeight, outWidth] = [down ?? height, across ?? width];
  if (height % outHeight === 0 && width % outWidth === 0) {
    const kernel = [height / outHeight, width / outWidth] as const;
    return poolMean(x, { ...checkPoolWindow(kernel, kernel, 0, 1, false), rank }, false);
  }
  const rows = averageAlong(x, { outer: batch, count: height, inner: width * channels }, outHeight, [
    batch,
    outHeight,
    width,
    channels,
  ]);
  const shape = shapeOfImages(rank, batch, outHeight, outWidth, channels);
  return averageAlong(rows, { outer: batch * outHeight, count: width, inner: channels }, outWidth, shape);
}

/** The means of the windows along one dimension. */
function averageAlong(x: Tensor, { outer, count, inner }: Line, outputs: number, shape: Shape): Tensor {
  if (count === outputs) return x;
  const shares = sharesOf(x, count, outputs);
  const out = takeLike(x, outer * outputs * inner);
  const common = {
    batch: outer,
    transB: false,
    n: inner,
    lda: count,
    ldb: inner,
    ldc: inner,
    alpha: 1,
    strideA: 0,
  };
  const [before, after] = [count * inner, outputs * inner];
  // biome-ignore format: as it is read
  gemmBatched(kernels(), {
    ...common, transA: false, m: outputs, k: count, beta: 0, strideB: before, strideC: after,
    a: shares, b: arrayOf(x), c: out,
  });
  return record({ name: 'adaptiveAvgPool', shape, out, inputs: [x] }, (gradient) => {
    contribute(x, (into, beta) => {
      // biome-ignore format: as it is read
      gemmBatched(kernels(), {
        ...common, transA: true, m: count, k: outputs, beta, strideB: after, strideC: before,
        a: shares, b: gradient, c: into,
      });
    });
    pool.release(gradient);
  });
}

/** For each output a row of what every element's share in it is. */
function sharesOf(x: Tensor, count: number, outputs: number): FloatArray {
  const shares = zeros(floatTypeOf(x), outputs * count);
  for (const [r, [first, end]] of boundsOf(count, outputs).entries()) {
    shares.fill(1 / (end - first), r * count + first, r * count + end);
  }
  return shares;
}
