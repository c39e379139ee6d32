import { kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkGreater, checkOneOf, MAX_INT32, show } from '../../core/validate.js';
import { checkPair, type Pair } from '../../core/window-geometry.js';
import { contribute, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { imagesOf, shapeOfImages } from './windows.js';

const KERNELS = {
  nearest: { forward: 'resizeNearestForward', backward: 'resizeNearestBackward' },
  bilinear: { forward: 'resizeBilinearForward', backward: 'resizeBilinearBackward' },
  linear: { forward: 'resizeBilinearForward', backward: 'resizeBilinearBackward' },
} as const;

/** What an output is made of: the pixel it begins in, or those it lies between, of images or (`linear`) of sequences. */
export type InterpolateMode = keyof typeof KERNELS;

/** See {@link interpolate}. */
export interface InterpolateOptions {
  /** How many rows and columns the result has; of sequences a number. This or `scaleFactor` is needed. */
  readonly size?: Pair;
  /** By how much the result is larger, along each dimension: floor(scaleFactor length). */
  readonly scaleFactor?: Pair;
  /** Default 'nearest'. */
  readonly mode?: InterpolateMode;
  /**
   * Whether the first and the last pixels lie where those of the result lie, rather than their outer edges: for the modes
   * between pixels. Default false.
   */
  readonly alignCorners?: boolean;
}

const OPTIONS: OptionNames<InterpolateOptions> = {
  size: true,
  scaleFactor: true,
  mode: true,
  alignCorners: true,
};

/** What the options come to. */
export interface Interpolation {
  readonly size: readonly [number, number] | null;
  readonly scale: readonly [number, number];
  readonly mode: InterpolateMode;
  readonly alignCorners: boolean;
}

export function readInterpolation(owner: string, options: InterpolateOptions): Interpolation {
  checkOptions(owner, options, OPTIONS);
  const { size, scaleFactor, mode = 'nearest', alignCorners } = options;
  if ((size === undefined) === (scaleFactor === undefined))
    throw new RangeError(`${owner} takes either size or scaleFactor`);
  checkOneOf('mode', mode, ['nearest', 'linear', 'bilinear']);
  if (alignCorners !== undefined) {
    checkBoolean('alignCorners', alignCorners);
    if (mode === 'nearest') throw new RangeError('alignCorners is for the modes linear and bilinear');
  }
  return {
    size: size === undefined ? null : checkPair('size', size, 1),
    scale: readScale(scaleFactor ?? 1),
    mode,
    alignCorners: alignCorners ?? false,
  };
}

function readScale(scaleFactor: Pair): readonly [number, number] {
  const [height, width, ...more]: readonly unknown[] = Array.isArray(scaleFactor)
    ? scaleFactor
    : [scaleFactor, scaleFactor];
  checkGreater('scaleFactor', height, 0);
  checkGreater('scaleFactor', width, 0);
  if (more.length > 0)
    throw new RangeError(`scaleFactor must be a number or [height, width], got ${show(scaleFactor)}`);
  return [height, width];
}

/**
 * Images, or sequences, with other lengths: each output is the nearest pixel, or lies between two or four of them. Where
 * `scaleFactor` gives no whole number of rows, how far apart the outputs lie follows from how many there are, as with PyTorch's
 * `recompute_scale_factor`.
 * @param x [batch, height, width, channels]; or [batch, length, channels], for 'nearest' and 'linear'.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  return resized(x, readInterpolation('interpolate', options));
}

export function resized(x: Tensor, { size, scale, mode, alignCorners }: Interpolation): Tensor {
  checkTensor('x', x);
  const rank = mode === 'linear' || (mode === 'nearest' && x.shape.length === 3) ? 1 : 2;
  const { batch, height, width, channels } = imagesOf('x', x, rank);
  const [down, across] = size ?? [Math.floor(height * scale[0]), Math.floor(width * scale[1])];
  const outHeight = rank === 1 ? 1 : down;
  if (Math.min(outHeight, across) < 1 || Math.max(outHeight, across) > MAX_INT32) {
    throw new RangeError(
      `scaleFactor must give lengths from 1 to ${MAX_INT32}, got ${outHeight} x ${across}`,
    );
  }
  const { forward, backward } = KERNELS[mode];
  const flags = [Number(alignCorners), Number(mode !== 'nearest' && !alignCorners)] as const;
  const layout = [batch, height, width, outHeight, across, channels, ...flags] as const;
  const shape = shapeOfImages(rank, batch, outHeight, across, channels);
  const y = takeLike(x, batch * outHeight * across * channels);
  kernels()[forward](...layout, arrayOf(x), y);
  return record({ name: 'interpolate', shape, out: y, inputs: [x] }, (gradient) => {
    contribute(x, (into, accumulate) => kernels()[backward](...layout, accumulate, gradient, into));
    pool.release(gradient);
  });
}
