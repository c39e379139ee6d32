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
import { imagesOf, poolMean, shapeOfImages } from './windows.js';

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
  for (let r = 0; r < outputs; r++) {
    const first = Math.floor((r * count) / outputs);
    const end = Math.ceil(((r + 1) * count) / outputs);
    shares.fill(1 / (end - first), r * count + first, r * count + end);
  }
  return shares;
}
