import { checkGenerator, type Generator } from '../../array/generator.js';
import { alignedZeros } from '../../backend/memory.js';
import {
  checkDType,
  checkTensorDType,
  isFloats,
  isFloatType,
  type TensorDType,
  zeros as zerosOf,
} from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { readShape, type Shape, sizeOf } from '../../core/shapes.js';
import type { ElementArray, FloatArray } from '../../core/types.js';
import { checkFinite, checkInteger, checkNumber } from '../../core/validate.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { type TensorOptions, tensor } from '../engine/make-leaf.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';

// Leaves that are made of a rule. All are float32 unless `dtype` says otherwise.

/** See {@link rand}. */
export interface RandOptions extends TensorOptions {
  /** Where the numbers come from. Default: the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

const OPTIONS: OptionNames<TensorOptions> = { requiresGrad: true, dtype: true, name: true };
const RAND_OPTIONS: OptionNames<RandOptions> = { ...OPTIONS, generator: true };

/** A leaf of this shape that `write` fills; it gets zeros. */
function make(
  owner: string,
  shape: unknown,
  options: TensorOptions,
  write: (array: ElementArray) => void = () => undefined,
  dtype: TensorDType = 'float32',
): Tensor {
  checkOptions(owner, options, OPTIONS);
  const { dtype: wanted = dtype } = options;
  checkTensorDType('dtype', wanted);
  const lengths = readShape('shape', shape, 1);
  const size = sizeOf(lengths);
  const array = isFloatType(wanted) ? alignedZeros(wanted, size) : zerosOf(wanted, size);
  write(array);
  return tensor(array, lengths, { ...options, dtype: wanted });
}

/** 0 everywhere. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return make('zeros', shape, options);
}

/** 1 everywhere. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return make('ones', shape, options, (array) => array.fill(1));
}

/** `value` everywhere. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  checkNumber('value', value);
  return make('full', shape, options, (array) => array.fill(value));
}

function like(owner: string, x: Tensor, options: TensorOptions, value: number): Tensor {
  checkTensor('x', x);
  return make(owner, x.shape, options, (array) => array.fill(value), x.dtype);
}

/** 0 everywhere, of the shape of x, and of its element type unless `dtype` says otherwise. */
export function zerosLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return like('zerosLike', x, options, 0);
}

/** 1 everywhere, as {@link zerosLike}. */
export function onesLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return like('onesLike', x, options, 1);
}

/** `value` everywhere, as {@link zerosLike}. */
export function fullLike(x: Tensor, value: number, options: TensorOptions = {}): Tensor {
  checkNumber('value', value);
  return like('fullLike', x, options, value);
}

/**
 * The numbers from `start` to before `end`, `step` apart: start + i step, each rounded once.
 * @param start where there is no `end` this is the end, and the start is 0.
 * @param step default 1; not 0, and towards the end.
 * @returns [ceil((end - start) / step)]
 * @throws RangeError where that would be nothing.
 */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [first, last] = end === undefined ? [0, start] : [start, end];
  checkFinite('start', first);
  checkFinite('end', last);
  checkFinite('step', step);
  const count = Math.ceil((last - first) / step);
  if (step === 0 || !(count > 0)) {
    throw new RangeError(`step must lead from ${first} towards ${last}, got ${step}`);
  }
  return make('arange', [count], options, (array) => {
    for (let i = 0; i < count; i++) array[i] = first + i * step;
  });
}

/** `steps` numbers from `start` to `end`, evenly apart, both with them: computed from either end inwards, as PyTorch does. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  checkFinite('start', start);
  checkFinite('end', end);
  checkInteger('steps', steps, 1);
  const step = steps === 1 ? 0 : (end - start) / (steps - 1);
  return make('linspace', [steps], options, (array) => {
    for (let i = 0; i < steps; i++) {
      array[i] = steps === 1 || i < Math.floor(steps / 2) ? start + i * step : end - (steps - 1 - i) * step;
    }
  });
}

/** 1 on the diagonal of [rows, columns], else 0. Default: as many columns as rows. */
export function eye(rows: number, columns = rows, options: TensorOptions = {}): Tensor {
  checkInteger('rows', rows, 1);
  checkInteger('columns', columns, 1);
  return make('eye', [rows, columns], options, (array) => {
    for (let i = 0; i < Math.min(rows, columns); i++) array[i * columns + i] = 1;
  });
}

function random(
  owner: string,
  shape: Shape,
  options: RandOptions,
  write: (generator: Generator, array: FloatArray) => void,
): Tensor {
  checkOptions(owner, options, RAND_OPTIONS);
  const { generator = defaultGenerator(), ...rest } = options;
  checkGenerator(generator);
  checkDType('dtype', rest.dtype ?? 'float32');
  return make(owner, shape, rest, (array) => isFloats(array) && write(generator, array));
}

/** Random numbers in [0, 1): those of `Generator.fillUniform`. */
export function rand(shape: Shape, options: RandOptions = {}): Tensor {
  return random('rand', shape, options, (generator, array) => generator.fillUniform(array));
}

/** Random numbers from the standard normal distribution: those of `Generator.fillNormal`. */
export function randn(shape: Shape, options: RandOptions = {}): Tensor {
  return random('randn', shape, options, (generator, array) => generator.fillNormal(array));
}
