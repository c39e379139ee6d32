import { kernels } from '../../backend/stream.js';
import { checkAxis } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkFinite, checkGreater, checkInteger } from '../../core/validate.js';
import { compose, contribute, give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, floatTypeOf, type Tensor } from '../engine/tensor.js';
import { gt, where } from './arithmetic.js';
import { checkSameType } from './check.js';
import { mulNumber, unary } from './elementwise.js';
import { neighbours } from './neighbours.js';
import { apply, giveSummed, operandOf, select } from './operands.js';
import { narrow } from './slicing.js';
import { sigmoid, softplus as softplusOf, tanh } from './unary.js';

// Functions of each element with numbers of their own.

/** See {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** What numbers below 0 are multiplied by. Default 0.01. */
  readonly negativeSlope?: number;
}

const LEAKY_RELU_OPTIONS: OptionNames<LeakyReluOptions> = { negativeSlope: true };

export function slopeOf(owner: string, options: number | LeakyReluOptions): number {
  const given: LeakyReluOptions = typeof options === 'number' ? { negativeSlope: options } : options;
  checkOptions(owner, given, LEAKY_RELU_OPTIONS);
  const { negativeSlope = 0.01 } = given;
  checkFinite('negativeSlope', negativeSlope);
  return negativeSlope;
}

/** x where it is above 0, else negativeSlope x, which may be given alone: Maas, Hannun & Ng 2013. */
export function leakyRelu(x: Tensor, options: number | LeakyReluOptions = {}): Tensor {
  checkTensor('x', x);
  return leaky(x, slopeOf('leakyRelu', options));
}

export function leaky(x: Tensor, slope: number): Tensor {
  const { size } = x;
  const out = takeLike(x);
  kernels().leakyReluForward(size, slope, arrayOf(x), out);
  return record({ name: 'leakyRelu', out, inputs: [x], reads: [x] }, (gradient) => {
    kernels().leakyReluBackward(size, slope, arrayOf(x), gradient, gradient);
    give(x, gradient);
  });
}

/** See {@link elu}. */
export interface EluOptions {
  /** What e^x - 1 is multiplied by. Default 1. */
  readonly alpha?: number;
}

const ELU_OPTIONS: OptionNames<EluOptions> = { alpha: true };

export function alphaOf(owner: string, options: number | EluOptions): number {
  const given: EluOptions = typeof options === 'number' ? { alpha: options } : options;
  checkOptions(owner, given, ELU_OPTIONS);
  const { alpha = 1 } = given;
  checkFinite('alpha', alpha);
  return alpha;
}

/**
 * x where it is above 0, else alpha (e^x - 1): Clevert, Unterthiner & Hochreiter 2015, https://arxiv.org/abs/1511.07289. Alpha
 * may be given alone.
 */
export function elu(x: Tensor, options: number | EluOptions = {}): Tensor {
  return scaledElu(x, alphaOf('elu', options));
}

export function scaledElu(x: Tensor, alpha: number): Tensor {
  const y = unary('elu', x);
  // Below 0 where x is.
  return alpha === 1 ? y : leaky(y, alpha);
}

/**
 * x where it is above 0, else weight x: He et al. 2015, https://arxiv.org/abs/1502.01852.
 * @param weight one number, or one for each of the last dimension of x: shape [1] or [channels].
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  checkTensor('x', x);
  checkSameType('weight', weight, x);
  const { shape, size } = x;
  if (weight.shape.length !== 1 || (weight.size !== 1 && weight.size !== shape.at(-1))) {
    throw new RangeError(
      `weight must have shape [1] or [${shape.at(-1) ?? 1}], got ${showShape(weight.shape)} for x of ${showShape(shape)}`,
    );
  }
  const out = takeLike(x);
  apply('prelu', operandOf(x), operandOf(weight), shape, out);
  return record({ name: 'prelu', shape, out, inputs: [x, weight], reads: [x, weight] }, (gradient) => {
    const dy = { array: gradient, shape };
    if (weight.requiresGrad) {
      const slope = takeLike(x);
      kernels().clampForward(size, Number.NEGATIVE_INFINITY, 0, arrayOf(x), slope);
      kernels().mul(0, 1, 1, size, gradient, slope, slope);
      giveSummed(weight, shape, slope);
    }
    if (x.requiresGrad) {
      const [isAbove, below] = [takeLike(x), takeLike(x)];
      kernels().unitStep(size, 0, arrayOf(x), isAbove);
      apply('mul', dy, operandOf(weight), shape, below);
      select([{ array: isAbove, shape }, dy, { array: below, shape }], shape, below);
      contribute(x, (into, accumulate) => {
        if (accumulate) kernels().add(0, 1, 1, size, into, below, into);
        else kernels().addScalar(size, 0, below, into);
      });
      pool.release(isAbove);
      pool.release(below);
    }
    pool.release(gradient);
  });
}

/** See {@link softplus}. */
export interface SoftplusOptions {
  /** How steep it is. Default 1. */
  readonly beta?: number;
  /**
   * From where on beta x is taken for log(1 + e^(beta x)). Default 20. From 20 on, where the two differ by 2e-9 at most, the
   * latter is computed.
   */
  readonly threshold?: number;
}

const SOFTPLUS_OPTIONS: OptionNames<SoftplusOptions> = { beta: true, threshold: true };

export function softplusOptions(owner: string, options: SoftplusOptions): Required<SoftplusOptions> {
  checkOptions(owner, options, SOFTPLUS_OPTIONS);
  const { beta = 1, threshold = 20 } = options;
  checkGreater('beta', beta, 0);
  checkFinite('threshold', threshold);
  return { beta, threshold };
}

/** log(1 + e^(beta x)) / beta, stable for x of any size. */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  checkTensor('x', x);
  return scaledSoftplus(x, softplusOptions('softplus', options));
}

export function scaledSoftplus(x: Tensor, { beta, threshold }: Required<SoftplusOptions>): Tensor {
  const smooth = (v: Tensor) =>
    beta === 1 ? softplusOf(v) : mulNumber(softplusOf(mulNumber(v, beta)), 1 / beta);
  if (threshold >= 20) return smooth(x);
  return compose([x], ([v]) => where(gt(v, threshold / beta), v, smooth(v)));
}

/** See {@link hardtanh}. */
export interface HardtanhOptions {
  /** Default -1. */
  readonly minVal?: number;
  /** Default 1. */
  readonly maxVal?: number;
}

const HARDTANH_OPTIONS: OptionNames<HardtanhOptions> = { minVal: true, maxVal: true };

export function hardtanhOptions(owner: string, options: HardtanhOptions): Required<HardtanhOptions> {
  checkOptions(owner, options, HARDTANH_OPTIONS);
  const { minVal = -1, maxVal = 1 } = options;
  checkFinite('minVal', minVal);
  checkFinite('maxVal', maxVal);
  if (minVal >= maxVal) throw new RangeError(`minVal must be below maxVal, ${maxVal}, got ${minVal}`);
  return { minVal, maxVal };
}

/** x within [minVal, maxVal]. Its gradient is 0 at both ends and beyond, where `clamp` has 1 at the ends. */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  checkTensor('x', x);
  return within('hardtanh', x, hardtanhOptions('hardtanh', options));
}

/** x within [0, 6]. Its gradient is 0 at 0 and at 6. */
export function relu6(x: Tensor): Tensor {
  checkTensor('x', x);
  return within('relu6', x, { minVal: 0, maxVal: 6 });
}

export function within(name: string, x: Tensor, { minVal, maxVal }: Required<HardtanhOptions>): Tensor {
  const { size } = x;
  const dtype = floatTypeOf(x);
  const out = takeLike(x);
  kernels().clampForward(size, minVal, maxVal, arrayOf(x), out);
  return record({ name, out, inputs: [x], reads: [x] }, (gradient) => {
    // The kernel takes both ends in.
    const [least, most] = [neighbours(dtype, minVal).above, neighbours(dtype, maxVal).below];
    kernels().clampBackward(size, least, most, arrayOf(x), gradient, gradient);
    give(x, gradient);
  });
}

/** See {@link glu}. */
export interface GluOptions {
  /** The axis that is halved. Default -1, the last. */
  readonly axis?: number;
}

const GLU_OPTIONS: OptionNames<GluOptions> = { axis: true };

export function gluAxis(owner: string, options: number | GluOptions): number {
  const given: GluOptions = typeof options === 'number' ? { axis: options } : options;
  checkOptions(owner, given, GLU_OPTIONS);
  const { axis = -1 } = given;
  checkInteger('axis', axis, Number.MIN_SAFE_INTEGER);
  return axis;
}

/**
 * The first half of x along an axis times the sigmoid of the second: Dauphin et al. 2017, https://arxiv.org/abs/1612.08083. The
 * axis may be given alone: `glu(x, 1)`.
 */
export function glu(x: Tensor, options: number | GluOptions = {}): Tensor {
  checkTensor('x', x);
  const axis = checkAxis('axis', gluAxis('glu', options), x.shape.length);
  const length = x.shape[axis];
  if (length % 2 !== 0) throw new RangeError(`x must have an even length along axis ${axis}, got ${length}`);
  return narrow(x, axis, 0, length / 2).mul(sigmoid(narrow(x, axis, length / 2, length / 2)));
}

/** x - tanh(x) */
export function tanhshrink(x: Tensor): Tensor {
  return x.sub(tanh(x));
}
