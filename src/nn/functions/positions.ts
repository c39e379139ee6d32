import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkGreater, checkInteger } from '../../core/validate.js';
import { tensor } from '../engine/make-leaf.js';
import { checkTensor, floatTypeOf, type Tensor } from '../engine/tensor.js';
import { roll } from './slicing.js';

// Where in a sequence something is. Learned positions are an Embedding of the numbers of the positions.

/** See {@link sinusoidalPositions}. */
export interface SinusoidalPositionsFunctionOptions {
  /** The number of the first position. Default 0. */
  readonly offset?: number;
  /** The last wavelength by 2 pi. Default 10000. */
  readonly base?: number;
  /** Default float32. */
  readonly dtype?: DType;
}

const SINUSOIDAL_OPTIONS: OptionNames<SinusoidalPositionsFunctionOptions> = {
  offset: true,
  base: true,
  dtype: true,
};

/**
 * Sines of the position in the even columns and cosines in the odd ones, of wavelengths from 2 pi to 2 pi base: Vaswani et al.
 * 2017, https://arxiv.org/abs/1706.03762, section 3.5.
 * @param dimension an even number.
 * @returns a constant [positions, dimension], to be added to what is there.
 */
export function sinusoidalPositions(
  positions: number,
  dimension: number,
  options: SinusoidalPositionsFunctionOptions = {},
): Tensor {
  checkInteger('positions', positions, 1);
  checkEven('dimension', dimension);
  checkOptions('sinusoidalPositions', options, SINUSOIDAL_OPTIONS);
  const { offset = 0, base = 10000, dtype = 'float32' } = options;
  checkInteger('offset', offset, 0);
  checkGreater('base', base, 0);
  checkDType('dtype', dtype);
  const table = alignedZeros(dtype, positions * dimension);
  for (let p = 0, at = 0; p < positions; p++) {
    for (let i = 0; i < dimension; i += 2, at += 2) {
      const angle = (offset + p) / base ** (i / dimension);
      table[at] = Math.sin(angle);
      table[at + 1] = Math.cos(angle);
    }
  }
  return tensor(table, [positions, dimension]);
}

function checkEven(name: string, value: number): void {
  checkInteger(name, value, 2);
  if (value % 2 !== 0) throw new RangeError(`${name} must be even, got ${value}`);
}

/** See {@link rotary}. */
export interface RotaryOptions {
  /** How many heads lie side by side in the last dimension. Default 1. */
  readonly heads?: number;
  /** The number of the first position: how many have been before it. Default 0. */
  readonly offset?: number;
  /** The last wavelength by 2 pi. Default 10000. */
  readonly base?: number;
}

const ROTARY_OPTIONS: OptionNames<RotaryOptions> = { heads: true, offset: true, base: true };

/**
 * Turns each pair of numbers (i, i + size / 2) of a head by the position times base^(-2 i / size), so that products of queries
 * and keys know how far they are apart: Su et al. 2021, https://arxiv.org/abs/2104.09864, with the pairs of GPT-NeoX and Llama.
 * @param x [..., positions, heads size], queries or keys, with an even size.
 * @returns as x.
 */
export function rotary(x: Tensor, options: RotaryOptions = {}): Tensor {
  checkTensor('x', x);
  checkOptions('rotary', options, ROTARY_OPTIONS);
  const { heads = 1, offset = 0, base = 10000 } = options;
  checkInteger('heads', heads, 1);
  checkInteger('offset', offset, 0);
  checkGreater('base', base, 0);
  const { shape } = x;
  const dtype = floatTypeOf(x);
  const [positions, columns] = shape.slice(-2);
  if (shape.length < 2 || columns % (2 * heads) !== 0) {
    throw new RangeError(
      `x must have shape [..., positions, ${heads} size] with an even size, got ${showShape(shape)}`,
    );
  }
  const size = columns / heads;
  const { cosines, sines } = turnsOf({ dtype, positions, size, offset, base });
  const byHead = x.reshape([...shape.slice(0, -1), heads, size]);
  return byHead
    .mul(cosines)
    .add(roll(byHead, size / 2, -1).mul(sines))
    .reshape(shape);
}

interface Turns {
  readonly dtype: DType;
  readonly positions: number;
  readonly size: number;
  readonly offset: number;
  readonly base: number;
}

interface Tables {
  readonly cosines: Tensor;
  readonly sines: Tensor;
}

/** Tables of the latest calls: those of a network are the same in every layer and step. */
const known = new Map<string, Tables>();
const MOST_KNOWN = 8;

function turnsOf(turns: Turns): Tables {
  const key = JSON.stringify(turns);
  const tables = known.get(key) ?? makeTables(turns);
  // As the latest one.
  known.delete(key);
  known.set(key, tables);
  const [oldest] = known.keys();
  if (known.size > MOST_KNOWN) known.delete(oldest);
  return tables;
}

/** [positions, 1, size]: the cosines twice, and the sines once with a minus, for the half that they come from is the other one. */
function makeTables({ dtype, positions, size, offset, base }: Turns): Tables {
  const half = size / 2;
  const [cosines, sines] = [alignedZeros(dtype, positions * size), alignedZeros(dtype, positions * size)];
  for (let p = 0; p < positions; p++) {
    for (let i = 0; i < half; i++) {
      const [angle, at] = [(offset + p) * base ** (-i / half), p * size + i];
      cosines[at] = cosines[at + half] = Math.cos(angle);
      sines[at + half] = Math.sin(angle);
      sines[at] = -sines[at + half];
    }
  }
  const shape = [positions, 1, size];
  return { cosines: tensor(cosines, shape), sines: tensor(sines, shape) };
}
