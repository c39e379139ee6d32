import type { Generator } from '../../array/generator.js';
import {
  BatchNorm1d,
  BatchNorm2d,
  ELU,
  GELU,
  GroupNorm,
  Hardswish,
  init,
  LayerNorm,
  LeakyReLU,
  Mish,
  type Module,
  ReLU,
  SELU,
  Sigmoid,
  SiLU,
  Softplus,
  Softsign,
  Tanh,
  type Tensor,
} from '../../nn/index.js';
import type { Settings } from './study.js';

// What networks are made of, by the names of the levels.

export const activations: ReadonlyMap<string, () => Module> = new Map<string, () => Module>([
  ['relu', () => new ReLU()],
  ['leaky-relu', () => new LeakyReLU()],
  ['elu', () => new ELU()],
  ['selu', () => new SELU()],
  ['gelu', () => new GELU()],
  ['silu', () => new SiLU()],
  ['mish', () => new Mish()],
  ['hardswish', () => new Hardswish()],
  ['softplus', () => new Softplus()],
  ['softsign', () => new Softsign()],
  ['tanh', () => new Tanh()],
  ['sigmoid', () => new Sigmoid()],
]);

/** Fills a weight. */
type Fill = (weight: Tensor, generator: Generator) => unknown;

/** How the weights of linear layers and convolutions begin; their biases then are 0. `null`: as the layers make both. */
export const inits: ReadonlyMap<string, Fill | null> = new Map<string, Fill | null>([
  // Uniform in +-1 / sqrt(inputs).
  ['default', null],
  ['kaiming', (weight, generator) => init.kaimingNormal(weight, { nonlinearity: 'relu', generator })],
  ['xavier', (weight, generator) => init.xavierNormal(weight, { generator })],
  // LeCun et al. 1998, "Efficient BackProp": standard deviation 1 / sqrt(inputs).
  ['lecun', (weight, generator) => init.kaimingNormal(weight, { nonlinearity: 'linear', generator })],
  ['normal', (weight, generator) => init.normal(weight, 0, 0.01, { generator })],
  ['zeros', (weight) => weight.fill_(0)],
]);

type Norm = Settings['norm'];

/** Of rows of features; none for `'none'`. */
export function rowNorm(norm: Norm, features: number): Module[] {
  if (norm === 'none') return [];
  return [norm === 'layer' ? new LayerNorm(features) : new BatchNorm1d(features)];
}

/** Of images. That of a layer is over all pixels and channels: one group (Wu & He 2018, "Group Normalization"). */
export function imageNorm(norm: Norm, channels: number): Module[] {
  if (norm === 'none') return [];
  return [norm === 'layer' ? new GroupNorm(1, channels) : new BatchNorm2d(channels)];
}
