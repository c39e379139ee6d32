import type { BinaryName } from '../backend/contract/kernels.js';
import { kernels } from '../backend/select.js';
import { Broadcast, broadcastShape } from '../core/broadcasting.js';
import { isFloats } from '../core/dtypes.js';
import { zerosLike } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape, type Shape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkBound, show } from '../core/validate.js';
import { checkFloats, checkInPlace, checkSameType, checkSize, resultFor } from './operands.js';

/** See {@link add}. */
export interface BinaryOptions {
  /** The shapes of a and b; a number's is []. Default: each a vector. */
  readonly shapes?: readonly [Shape, Shape];
  /** Where the result goes; may be an input of the same length. Default: a new array of the element type of the inputs. */
  readonly out?: FloatArray;
}

const BINARY_OPTIONS: OptionNames<BinaryOptions> = { shapes: true, out: true };

/** See {@link where}. */
export interface WhereOptions {
  /** The shapes of condition, a and b; a number's is []. Default: each a vector. */
  readonly shapes?: readonly [Shape, Shape, Shape];
  /** Where the result goes; may be an input of the same length. Default: a new array of the element type of the inputs. */
  readonly out?: FloatArray;
}

/** See {@link clamp}. */
export interface ClampOptions {
  /** Default -Infinity. */
  readonly min?: number;
  /** Default Infinity. */
  readonly max?: number;
  /** Where the result goes; may be x. Default: a new array of the element type of x. */
  readonly out?: FloatArray;
}

const CLAMP_OPTIONS: OptionNames<ClampOptions> = { min: true, max: true, out: true };

interface Operands {
  readonly arrays: readonly FloatArray[];
  readonly broadcast: Broadcast;
  readonly out: FloatArray;
}

/** Everything is checked here. A number becomes an array of one element of the type of the others. */
function operandsOf(
  owner: string,
  names: readonly string[],
  values: readonly unknown[],
  options: { readonly shapes?: readonly Shape[]; readonly out?: FloatArray },
): Operands {
  checkOptions(owner, options, BINARY_OPTIONS);
  const { shapes, out } = options;
  if (shapes !== undefined && !(Array.isArray(shapes) && shapes.length === names.length)) {
    throw new TypeError(
      `shapes must be [${names.map((name) => `shape of ${name}`).join(', ')}], got ${show(shapes)}`,
    );
  }
  const given = shapes === undefined ? [] : names.map((_, k) => readShape(`shapes[${k}]`, shapes[k]));
  values.forEach((value, k) => {
    if (typeof value !== 'number') checkFloats(names[k], value);
  });
  const like = values.find(isFloats);
  if (like === undefined) throw new TypeError(`one of ${names.join(', ')} must be an array, got numbers`);
  const arrays = values.map((value, k) => {
    const array = isFloats(value) ? value : zerosLike(like, 1).fill(Number(value));
    checkSameType(names[k], array, like);
    return array;
  });
  const actual = arrays.map((array, k): Shape => {
    const shape = given[k] ?? (isFloats(values[k]) ? [array.length] : []);
    checkSize(`shapes[${k}]`, shape, array);
    return shape;
  });
  const result = broadcastShape(actual);
  if (result === undefined) {
    const shown = actual.map((shape, k) => `${names[k]} ${show(shape)}`).join(', ');
    throw new RangeError(`shapes must be equal but for lengths of 1 (counted from the last), got ${shown}`);
  }
  const target = resultFor(out, sizeOf(result), like);
  arrays.forEach((array, k) => {
    checkInPlace(target, names[k], array);
  });
  return { arrays, broadcast: new Broadcast(actual, result), out: target };
}

function binary(name: BinaryName, a: unknown, b: unknown, options: BinaryOptions): FloatArray {
  const { arrays, broadcast, out } = operandsOf(name, ['a', 'b'], [a, b], options);
  if (out.length === 0) return out;
  const kernel = kernels()[name];
  const { layout, outer, rows, columns } = broadcast;
  broadcast.run(arrays, out, ([x, y], to) => kernel(layout, outer, rows, columns, x, y, to));
  return out;
}

type Operand = FloatArray | number;

/**
 * a + b, element by element. Lengths of 1 are repeated to match the other's, counted from the last dimension, as NumPy and
 * PyTorch do: [2, 3] and [3], [2, 3] and [2, 1], anything and a number.
 *
 * One rounding: the same bits on every target.
 * @param b an array of the element type of a, or a number (as may be a, but not both).
 * @returns `out`, or a new array.
 * @throws TypeError or RangeError naming the argument that does not fit; nothing is then written.
 */
export function add(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('add', a, b, options);
}

/** a - b; see {@link add}. */
export function sub(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('sub', a, b, options);
}

/** a times b, element by element; see {@link add}. */
export function mul(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('mul', a, b, options);
}

/** a / b; see {@link add}. */
export function div(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('div', a, b, options);
}

/**
 * a^b, with C's special cases: 1^b is 1 also where b is NaN; see {@link add}. Within one unit in the last place on native
 * targets, which have the same bits, and four from there to TypeScript.
 */
export function pow(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('pow', a, b, options);
}

/**
 * The angle between the x axis and the point (b, a), in [-pi, pi]; see {@link add}. Within two units in the last place on native
 * targets, which have the same bits.
 */
export function atan2(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('atan2', a, b, options);
}

/** The larger of a and b, NaN where either is NaN; see {@link add}. */
export function maximum(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('maximum', a, b, options);
}

/** The smaller of a and b, NaN where either is NaN; see {@link add}. */
export function minimum(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('minimum', a, b, options);
}

/** 1 where a = b, else 0; see {@link add}. */
export function eq(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('eq', a, b, options);
}

/** 1 where a and b differ or one is NaN, else 0; see {@link add}. */
export function ne(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('ne', a, b, options);
}

/** 1 where a < b, else 0; see {@link add}. */
export function lt(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('lt', a, b, options);
}

/** 1 where a <= b, else 0; see {@link add}. */
export function le(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('le', a, b, options);
}

/** 1 where a > b, else 0; see {@link add}. */
export function gt(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('gt', a, b, options);
}

/** 1 where a >= b, else 0; see {@link add}. */
export function ge(a: Operand, b: Operand, options: BinaryOptions = {}): FloatArray {
  return binary('ge', a, b, options);
}

/**
 * a where the condition is not 0 (a NaN is not), else b, element by element. All three are repeated as in {@link add}.
 * @param condition an array of the element type of a and b, as the comparisons give it.
 */
export function where(condition: FloatArray, a: Operand, b: Operand, options: WhereOptions = {}): FloatArray {
  checkFloats('condition', condition);
  const { arrays, broadcast, out } = operandsOf('where', ['condition', 'a', 'b'], [condition, a, b], options);
  if (out.length === 0) return out;
  const { layout, outer, rows, columns } = broadcast;
  broadcast.run(arrays, out, ([c, x, y], to) => kernels().where(layout, outer, rows, columns, c, x, y, to));
  return out;
}

/** min(max, max(min, x)), element by element: max where min > max, as in PyTorch. NaN stays. */
export function clamp(x: FloatArray, options: ClampOptions = {}): FloatArray {
  checkOptions('clamp', options, CLAMP_OPTIONS);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, out } = options;
  checkFloats('x', x);
  checkBound('min', min);
  checkBound('max', max);
  const y = resultFor(out, x.length, x);
  checkInPlace(y, 'x', x);
  kernels().clampForward(x.length, min, max, x, y);
  return y;
}
