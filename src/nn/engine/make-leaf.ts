import { kernels } from '../../backend/stream.js';
import {
  checkTensorDType,
  elementTypeOf,
  isElements,
  isFloatType,
  type TensorDType,
  zeros,
} from '../../core/dtypes.js';
import { checkLength } from '../../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { readShape, type Shape, showShape, sizeOf } from '../../core/shapes.js';
import type { ElementArray } from '../../core/types.js';
import { checkBoolean, isObject, show } from '../../core/validate.js';
import { flatten, type Nested } from './nested.js';
import { Storage } from './storage.js';
import { makeTensor, type Tensor } from './tensor.js';

export interface TensorOptions {
  /** Whether `backward()` computes a gradient for it. Default false. */
  readonly requiresGrad?: boolean;
  /** The element type. Default: that of `data`, float32 for numbers and bool for booleans. */
  readonly dtype?: TensorDType;
  /** What state dictionaries call it. */
  readonly name?: string;
}

const OPTIONS: OptionNames<TensorOptions> = { requiresGrad: true, dtype: true, name: true };

/**
 * A leaf tensor.
 *
 * @param data a Float32Array, Float64Array, Int32Array or Uint8Array, used in place, not copied; or numbers or booleans, copied:
 *   one, an array of them, or arrays of arrays. A Uint8Array is uint8; with the dtype bool a copy, 1 where it is not 0.
 * @param shape row-major lengths whose product is the length of `data`. Default: `[data.length]`, that of the nesting, or [] of
 *   one number. May be left out before options.
 * @throws TypeError or RangeError saying where, where nested arrays are ragged, or numbers are none of the dtype.
 */
export function tensor(data: TensorData, options?: TensorOptions): Tensor;
export function tensor(
  data: TensorData,
  shape: readonly number[] | undefined,
  options?: TensorOptions,
): Tensor;
export function tensor(
  data: TensorData,
  given?: readonly number[] | TensorOptions,
  last?: TensorOptions,
): Tensor {
  const isOptions = last === undefined && areOptions(given);
  const [wanted, options] = isOptions ? [undefined, given] : [given, last === undefined ? {} : last];
  checkOptions('tensor', options, OPTIONS);
  const { requiresGrad = false, dtype: asked, name } = options;
  checkBoolean('requiresGrad', requiresGrad);
  if (asked !== undefined) checkTensorDType('dtype', asked);
  if (name !== undefined && typeof name !== 'string')
    throw new TypeError(`name must be a string, got ${show(name)}`);
  const { array, shape, dtype } = isElements(data) ? fromElements(data, asked) : fromNumbers(data, asked);
  const lengths = readShape('shape', wanted ?? shape, 1);
  if (sizeOf(lengths) !== array.length) {
    throw new RangeError(`shape must hold the ${array.length} elements of data, got ${showShape(lengths)}`);
  }
  const result = makeTensor(Storage.permanent(array, dtype), lengths);
  if (requiresGrad) result.requiresGrad = true;
  if (name !== undefined) result.name = name;
  return result;
}

/** What {@link tensor} is made of. */
export type TensorData = ElementArray | Nested | number | boolean;

interface Elements {
  readonly array: ElementArray;
  readonly shape: Shape;
  readonly dtype: TensorDType;
}

function areOptions(value: unknown): value is TensorOptions {
  return isObject(value);
}

function fromElements(data: ElementArray, asked: TensorDType | undefined): Elements {
  const own = elementTypeOf(data);
  const dtype = asked ?? own;
  const isMask = dtype === 'bool' && own === 'uint8';
  if (dtype !== own && !isMask) throw new TypeError(`data must be ${dtype} as dtype says, got ${show(data)}`);
  checkLength('data', data);
  const shape = [data.length];
  if (!isMask) return { array: data, shape, dtype };
  const array = new Uint8Array(data.length);
  kernels().cast(data.length, data, array);
  return { array, shape, dtype };
}

function fromNumbers(data: unknown, asked: TensorDType | undefined): Elements {
  const isOne = typeof data === 'number' || typeof data === 'boolean';
  if (!isOne && !Array.isArray(data)) {
    throw new TypeError(
      'data must be a Float32Array, a Float64Array, an Int32Array, a Uint8Array or an array of numbers or booleans, got ' +
        show(data),
    );
  }
  const { numbers, shape, isBoolean } = flatten('data', data);
  const dtype = asked ?? (isBoolean ? 'bool' : 'float32');
  const array = zeros(dtype, numbers.length);
  array.set(dtype === 'bool' ? numbers.map((x) => Number(x !== 0)) : numbers);
  const wrong = isFloatType(dtype) || dtype === 'bool' ? -1 : numbers.findIndex((x, i) => x !== array[i]);
  if (wrong !== -1) {
    throw new RangeError(`data must be whole numbers within ${dtype}, got ${numbers[wrong]} at ${wrong}`);
  }
  return { array, shape, dtype };
}
