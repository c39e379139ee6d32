import { checkGenerator, type Generator } from '../array/generator.js';
import { checkUnlocked } from '../core/locks.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { showShape } from '../core/shapes.js';
import { checkAtLeast, checkFinite, show } from '../core/validate.js';
import { written } from '../core/written.js';
import { defaultGenerator } from './engine/default-generator.js';
import { arrayOf, checkTensor, type Tensor } from './engine/tensor.js';

export interface InitOptions {
  /** Where the numbers come from. Default: the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

const INIT_OPTIONS: OptionNames<InitOptions> = { generator: true };

export interface XavierOptions extends InitOptions {
  /** A factor of the spread. Default 1. */
  readonly gain?: number;
}

const XAVIER_OPTIONS: OptionNames<XavierOptions> = { gain: true, generator: true };

export interface KaimingOptions extends InitOptions {
  /** What follows the layer, which the spread makes up for. Default 'leakyReLU'. */
  readonly nonlinearity?: Nonlinearity;
  /** The slope of a leaky ReLU below zero. Default 0: a ReLU. */
  readonly a?: number;
  /** Whether activations ('fanIn') or gradients ('fanOut') keep their variance. Default 'fanIn'. */
  readonly mode?: 'fanIn' | 'fanOut';
}

const KAIMING_OPTIONS: OptionNames<KaimingOptions> = {
  nonlinearity: true,
  a: true,
  mode: true,
  generator: true,
};

/** The factor by which each activation calls for larger weights. */
const gains = {
  linear: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyReLU: (slope: number) => Math.sqrt(2 / (1 + slope * slope)),
} as const;

export type Nonlinearity = keyof typeof gains;

function isNonlinearity(value: unknown): value is Nonlinearity {
  return typeof value === 'string' && Object.hasOwn(gains, value);
}

/** How many inputs a unit of a weight [outputs, ..., inputs] sums, and how many outputs an input feeds. */
function fans(weight: Tensor): { fanIn: number; fanOut: number } {
  checkTensor('weight', weight);
  const { shape, size } = weight;
  if (shape.length < 2) {
    throw new RangeError(`weight must have shape [outputs, ..., inputs], got ${showShape(shape)}`);
  }
  return { fanIn: size / shape[0], fanOut: size / shape[shape.length - 1] };
}

function generatorOf(owner: string, options: InitOptions): Generator {
  checkOptions(owner, options, INIT_OPTIONS);
  const { generator = defaultGenerator() } = options;
  checkGenerator(generator);
  return generator;
}

/** What the options of an initialisation amount to: a standard deviation, and where the numbers come from. */
function readKaiming(owner: string, weight: Tensor, options: KaimingOptions) {
  checkOptions(owner, options, KAIMING_OPTIONS);
  const { nonlinearity = 'leakyReLU', a = 0, mode = 'fanIn', generator = defaultGenerator() } = options;
  checkFinite('a', a);
  if (!isNonlinearity(nonlinearity)) {
    throw new RangeError(
      `nonlinearity must be one of ${Object.keys(gains).join(', ')}, got ${show(nonlinearity)}`,
    );
  }
  if (mode !== 'fanIn' && mode !== 'fanOut') {
    throw new RangeError(`mode must be 'fanIn' or 'fanOut', got ${show(mode)}`);
  }
  return { deviation: gains[nonlinearity](a) / Math.sqrt(fans(weight)[mode]), generator };
}

function readXavier(owner: string, weight: Tensor, options: XavierOptions) {
  checkOptions(owner, options, XAVIER_OPTIONS);
  const { gain = 1, generator = defaultGenerator() } = options;
  checkAtLeast('gain', gain, 0);
  const { fanIn, fanOut } = fans(weight);
  return { deviation: gain * Math.sqrt(2 / (fanIn + fanOut)), generator };
}

/** Fills `tensor` with numbers from [low, high), in place. Defaults 0 and 1. */
export function uniform(tensor: Tensor, low = 0, high = 1, options: InitOptions = {}): Tensor {
  checkTensor('tensor', tensor);
  checkFinite('low', low);
  checkAtLeast('high', high, low);
  checkUnlocked(tensor);
  generatorOf('uniform', options).fillUniform(arrayOf(tensor), { low, high });
  tensor[written]();
  return tensor;
}

/** Fills `tensor` from the normal distribution, in place. Defaults: mean 0, standard deviation 1. */
export function normal(tensor: Tensor, mean = 0, deviation = 1, options: InitOptions = {}): Tensor {
  checkTensor('tensor', tensor);
  checkFinite('mean', mean);
  checkAtLeast('deviation', deviation, 0);
  checkUnlocked(tensor);
  generatorOf('normal', options).fillNormal(arrayOf(tensor), { mean, std: deviation });
  tensor[written]();
  return tensor;
}

/**
 * He, Zhang, Ren & Sun 2015, https://arxiv.org/abs/1502.01852: uniform with standard deviation gain / sqrt(fan), so
 * that a network with ReLUs keeps the variance from layer to layer. In place; returns `weight`.
 */
export function kaimingUniform(weight: Tensor, options: KaimingOptions = {}): Tensor {
  const { deviation, generator } = readKaiming('kaimingUniform', weight, options);
  const bound = Math.sqrt(3) * deviation;
  return uniform(weight, -bound, bound, { generator });
}

/** As `kaimingUniform`, from the normal distribution. */
export function kaimingNormal(weight: Tensor, options: KaimingOptions = {}): Tensor {
  const { deviation, generator } = readKaiming('kaimingNormal', weight, options);
  return normal(weight, 0, deviation, { generator });
}

/**
 * Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html: uniform with standard deviation
 * gain sqrt(2 / (fanIn + fanOut)). In place; returns `weight`.
 */
export function xavierUniform(weight: Tensor, options: XavierOptions = {}): Tensor {
  const { deviation, generator } = readXavier('xavierUniform', weight, options);
  const bound = Math.sqrt(3) * deviation;
  return uniform(weight, -bound, bound, { generator });
}

/** As `xavierUniform`, from the normal distribution. */
export function xavierNormal(weight: Tensor, options: XavierOptions = {}): Tensor {
  const { deviation, generator } = readXavier('xavierNormal', weight, options);
  return normal(weight, 0, deviation, { generator });
}
