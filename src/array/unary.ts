import type { UnaryName } from '../backend/contract/kernels.js';
import { kernels } from '../backend/select.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkOneOf } from '../core/validate.js';
import { checkFloats, checkInPlace, resultFor } from './operands.js';

// Functions of each element. All of them throw a TypeError or a RangeError that names the argument that does not fit;
// nothing is then written. The error bounds are those of native targets: test/math/bounds.json
// says which were found over all float32 and which over a sample, and `npm run check:math` checks them.

/** See {@link exp}. */
export interface UnaryOptions {
  /** Where the result goes; may be x. Default: a new array of the element type of x. */
  readonly out?: FloatArray;
}

const UNARY_OPTIONS: OptionNames<UnaryOptions> = { out: true };

/** See {@link gelu}. */
export interface GeluOptions extends UnaryOptions {
  /** 'none': x Phi(x) with the normal distribution Phi. 'tanh': by the hyperbolic tangent. Default 'none'. */
  readonly approximate?: 'none' | 'tanh';
}

const GELU_OPTIONS: OptionNames<GeluOptions> = { approximate: true, out: true };

function apply(name: UnaryName, x: FloatArray, options: UnaryOptions): FloatArray {
  checkOptions(name, options, UNARY_OPTIONS);
  return compute(name, x, options.out);
}

function compute(name: UnaryName, x: FloatArray, out: unknown): FloatArray {
  checkFloats('x', x);
  const result = resultFor(out, x.length, x);
  checkInPlace(result, 'x', x);
  kernels()[`${name}Forward`](x.length, x, result);
  return result;
}

/** |x|, of each element. Error bound: 0 ULP in float32, 0 in float64. */
export function abs(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('abs', x, options);
}

/** -x, of each element. Error bound: 0 ULP in float32, 0 in float64. */
export function neg(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('neg', x, options);
}

/** x^2, of each element. Error bound: 0.5 ULP in float32, 0.5 in float64. */
export function square(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('square', x, options);
}

/** 1 / x, of each element. Error bound: 0.5 ULP in float32, 0.5 in float64. */
export function reciprocal(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('reciprocal', x, options);
}

/** the square root; NaN below 0, of each element. Error bound: 0.5 ULP in float32, 0.5 in float64. */
export function sqrt(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('sqrt', x, options);
}

/**
 * 1 / sqrt(x), each of the two rounded, of each element.
 * Error bound: 1.474 ULP in float32, 1.488 in float64.
 */
export function rsqrt(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('rsqrt', x, options);
}

/** e^x, of each element. Error bound: 0.765 ULP in float32, 0.748 in float64. */
export function exp(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('exp', x, options);
}

/** e^x - 1, accurate near 0, of each element. Error bound: 0.805 ULP in float32, 1.08 in float64. */
export function expm1(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('expm1', x, options);
}

/**
 * the natural logarithm: -Infinity at 0, NaN below, of each element.
 * Error bound: 0.829 ULP in float32, 0.824 in float64.
 */
export function log(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('log', x, options);
}

/**
 * log(1 + x), accurate near 0: -Infinity at -1, NaN below, of each element.
 * Error bound: 0.838 ULP in float32, 0.895 in float64.
 */
export function log1p(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('log1p', x, options);
}

/** the hyperbolic tangent, of each element. Error bound: 0.762 ULP in float32, 0.862 in float64. */
export function tanh(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('tanh', x, options);
}

/** 1 / (1 + e^-x), of each element. Error bound: 0.987 ULP in float32, 0.916 in float64. */
export function sigmoid(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('sigmoid', x, options);
}

/** log(1 + e^x), of each element. Error bound: 1.409 ULP in float32, 1.55 in float64. */
export function softplus(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('softplus', x, options);
}

/**
 * x / (1 + e^-x), also known as swish; 0 at -Infinity, of each element.
 * Error bound: 1.097 ULP in float32, 1.022 in float64.
 * Ramachandran, Zoph & Le 2017, https://arxiv.org/abs/1710.05941.
 */
export function silu(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('silu', x, options);
}

/** max(x, 0), of each element. Error bound: 0 ULP in float32, 0 in float64. */
export function relu(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('relu', x, options);
}

/**
 * 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x, of each element.
 * Error bound: 0.788 ULP in float32, 1.129 in float64.
 */
export function erf(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('erf', x, options);
}

/**
 * the sine of x in radians, of any size, of each element.
 * Error bound: 0.767 ULP in float32, 0.775 in float64.
 */
export function sin(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('sin', x, options);
}

/**
 * the cosine of x in radians, of any size, of each element.
 * Error bound: 0.767 ULP in float32, 0.778 in float64.
 */
export function cos(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('cos', x, options);
}

/** the tangent of x in radians, of any size, of each element. Error bound: 0.941 ULP in float32, 0.974 in float64. */
export function tan(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('tan', x, options);
}

/** the angle in [-pi / 2, pi / 2] with this sine: NaN beyond 1, of each element. Error bound: 0.5 ULP in float32, 2.081 in float64. */
export function asin(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('asin', x, options);
}

/** the angle in [0, pi] with this cosine: NaN beyond 1, of each element. Error bound: 0.5 ULP in float32, 1.92 in float64. */
export function acos(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('acos', x, options);
}

/** the angle in [-pi / 2, pi / 2] with this tangent, of each element. Error bound: 0.5 ULP in float32, 1.548 in float64. */
export function atan(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('atan', x, options);
}

/** (e^x - e^-x) / 2, of each element. Error bound: 0.5 ULP in float32, 2.078 in float64. */
export function sinh(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('sinh', x, options);
}

/** (e^x + e^-x) / 2, of each element. Error bound: 0.5 ULP in float32, 1.107 in float64. */
export function cosh(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('cosh', x, options);
}

/** log(x + sqrt(x^2 + 1)), the inverse of sinh, of each element. Error bound: 0.5 ULP in float32, 1.653 in float64. */
export function asinh(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('asinh', x, options);
}

/** log(x + sqrt(x^2 - 1)), the inverse of cosh: NaN below 1, of each element. Error bound: 0.5 ULP in float32, 2.91 in float64. */
export function acosh(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('acosh', x, options);
}

/** log((1 + x) / (1 - x)) / 2, the inverse of tanh: infinite at 1, NaN beyond, of each element. Error bound: 0.5 ULP in float32, 1.953 in float64. */
export function atanh(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('atanh', x, options);
}

/** the logarithm to base 2: -Infinity at 0, NaN below, of each element. Error bound: 0.5 ULP in float32, 0.501 in float64. */
export function log2(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('log2', x, options);
}

/** the logarithm to base 10: -Infinity at 0, NaN below, of each element. Error bound: 0.5 ULP in float32, 0.501 in float64. */
export function log10(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('log10', x, options);
}

/** 2^x, of each element. Error bound: 0.5 ULP in float32, 0.629 in float64. */
export function exp2(x: FloatArray, options: UnaryOptions = {}): FloatArray {
  return apply('exp2', x, options);
}

/**
 * x Phi(x), Phi the normal distribution, of each element; with `approximate: 'tanh'`
 * x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. 0 at -Infinity.
 * Error bound: 3.859 ULP in float32, 1.967 in float64. With tanh: 1.299 ULP in float32, 1.625 in float64.
 * Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415.
 */
export function gelu(x: FloatArray, options: GeluOptions = {}): FloatArray {
  checkOptions('gelu', options, GELU_OPTIONS);
  const { approximate = 'none', out } = options;
  checkOneOf('approximate', approximate, ['none', 'tanh']);
  return compute(approximate === 'tanh' ? 'geluTanh' : 'gelu', x, out);
}
