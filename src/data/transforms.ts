import { checkGenerator, type Generator } from '../array/generator.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { showShape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import {
  checkFinite,
  checkGreater,
  checkInteger,
  checkObject,
  checkProbability,
  show,
} from '../core/validate.js';
import type { ArrayOfShape } from './tensors.js';

// What becomes of images on their way from a file to a batch: pure functions, as the transform of a loader calls them. What is
// random draws from a generator that is handed in.

/** The elements of an image: numbers, or bytes as files have them. */
export type Pixels = FloatArray | Uint8Array;

/** An image [height, width] or [height, width, channels]. */
export type Image<A extends Pixels = Pixels> = ArrayOfShape<A>;

/** See {@link normalize}. */
export interface NormalizeOptions {
  /** What is subtracted: a number, or one for each channel. Default 0. */
  readonly mean?: number | readonly number[];
  /** What is divided by after that: a number, or one for each channel. Default 1. */
  readonly std?: number | readonly number[];
}

const NORMALIZE: OptionNames<NormalizeOptions> = { mean: true, std: true };

/** The largest byte, which becomes 1. */
const LARGEST_BYTE = 255;

/**
 * (x - mean) / std, where bytes are taken as numbers from 0 to 1: as `ToTensor` and `Normalize` of torchvision. Float64 stays, all
 * else becomes float32.
 */
export function normalize(image: Image, options: NormalizeOptions = {}): Image<FloatArray> {
  const { channels } = checkImage(image);
  checkOptions('normalize', options, NORMALIZE);
  const mean = perChannel('mean', options.mean ?? 0, channels);
  const std = perChannel('std', options.std ?? 1, channels);
  for (const [i, one] of std.entries()) checkGreater(`std[${i}]`, one, 0);
  const { value, shape } = image;
  const scale = value instanceof Uint8Array ? 1 / LARGEST_BYTE : 1;
  const result =
    value instanceof Float64Array ? new Float64Array(value.length) : new Float32Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const channel = i % channels;
    result[i] = (value[i] * scale - mean[channel]) / std[channel];
  }
  return { value: result, shape };
}

/** See {@link randomCrop}. */
export interface RandomCropOptions {
  readonly random: Generator;
  /** Height and width of the result. Default: those of the image. */
  readonly size?: readonly [height: number, width: number];
  /** Rows and columns that are added to each side before. Default 0. */
  readonly padding?: number;
  /** What they hold. Default 0. */
  readonly fill?: number;
}

const CROP: OptionNames<RandomCropOptions> = { random: true, size: true, padding: true, fill: true };

/**
 * A part of the image that lies anywhere in it, each place equally likely; as `RandomCrop` of torchvision. Draws twice.
 * @throws RangeError where the image with its padding is smaller than that.
 */
export function randomCrop<A extends Pixels>(image: Image<A>, options: RandomCropOptions): Image<A> {
  const { height, width, channels } = checkImage(image);
  checkOptions('randomCrop', options, CROP);
  const { random, size = [height, width], padding = 0, fill = 0 } = options;
  checkGenerator(random);
  if (!Array.isArray(size) || size.length !== 2)
    throw new TypeError(`size must be [height, width], got ${show(size)}`);
  const [rows, columns] = size;
  checkInteger('size[0]', rows, 1);
  checkInteger('size[1]', columns, 1);
  checkInteger('padding', padding, 0);
  checkFinite('fill', fill);
  const [free, freeColumns] = [height + 2 * padding - rows, width + 2 * padding - columns];
  if (free < 0 || freeColumns < 0) {
    throw new RangeError(
      `size must be at most ${height + 2 * padding} x ${width + 2 * padding}, the image with its padding, got ${rows} x ${columns}`,
    );
  }
  const top = random.integer(free + 1) - padding;
  const left = random.integer(freeColumns + 1) - padding;
  const value = like(image.value, rows * columns * channels);
  if (fill !== 0) value.fill(fill);
  // The columns of the result that lie in the image.
  const from = Math.max(0, -left);
  const to = Math.min(columns, width - left);
  for (let row = Math.max(0, -top); row < Math.min(rows, height - top) && from < to; row++) {
    const start = (row + top) * width + left;
    const part = image.value.subarray((start + from) * channels, (start + to) * channels);
    value.set(part, (row * columns + from) * channels);
  }
  return { value, shape: [rows, columns, ...image.shape.slice(2)] };
}

/** See {@link randomHorizontalFlip}. */
export interface RandomHorizontalFlipOptions {
  readonly random: Generator;
  /** Default 0.5. */
  readonly probability?: number;
}

const FLIP: OptionNames<RandomHorizontalFlipOptions> = { random: true, probability: true };

/** The image, with this probability as a mirror shows it; as `RandomHorizontalFlip` of torchvision. Draws once. */
export function randomHorizontalFlip<A extends Pixels>(
  image: Image<A>,
  options: RandomHorizontalFlipOptions,
): Image<A> {
  const { height, width, channels } = checkImage(image);
  checkOptions('randomHorizontalFlip', options, FLIP);
  const { random, probability = 0.5 } = options;
  checkGenerator(random);
  checkProbability(probability);
  if (random.uniform() >= probability) return image;
  const value = like(image.value, image.value.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * channels;
      const to = (row * width + width - 1 - column) * channels;
      for (let channel = 0; channel < channels; channel++) value[to + channel] = image.value[from + channel];
    }
  }
  return { value, shape: image.shape };
}

function like<A extends Pixels>(value: A, length: number): A {
  const Class = value.constructor as new (length: number) => A;
  return new Class(length);
}

function checkImage(image: unknown): { height: number; width: number; channels: number } {
  checkObject('image', image);
  const { value, shape } = image;
  if (!(value instanceof Float32Array || value instanceof Float64Array || value instanceof Uint8Array)) {
    throw new TypeError(
      `image.value must be a Float32Array, a Float64Array or a Uint8Array, got ${show(value)}`,
    );
  }
  if (!Array.isArray(shape) || shape.length < 2 || shape.length > 3) {
    throw new TypeError(
      `image.shape must be [height, width] or [height, width, channels], got ${show(shape)}`,
    );
  }
  for (const [i, length] of shape.entries()) checkInteger(`image.shape[${i}]`, length, 1);
  if (sizeOf(shape) !== value.length) {
    throw new RangeError(`image.shape must hold ${value.length} elements, got ${showShape(shape)}`);
  }
  const [height, width, channels = 1] = shape;
  return { height, width, channels };
}

function perChannel(name: string, given: unknown, channels: number): readonly number[] {
  const list: unknown[] = Array.isArray(given) ? given : Array.from({ length: channels }, () => given);
  if (list.length !== channels) {
    throw new RangeError(`${name} must have a number for each of ${channels} channels, got ${list.length}`);
  }
  return list.map((one, i) => {
    checkFinite(`${name}[${i}]`, one);
    return one;
  });
}
