import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkOneOf } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';
import { unary } from './elementwise.js';

/** See {@link gelu}. */
export interface GeluOptions {
  /** 'none': x Phi(x) with the normal distribution Phi. 'tanh': by the hyperbolic tangent. Default 'none'. */
  readonly approximate?: 'none' | 'tanh';
}

const GELU_OPTIONS: OptionNames<GeluOptions> = { approximate: true };

/** The function that the options of a gelu ask for. */
export function geluOf(owner: string, options: GeluOptions): 'gelu' | 'geluTanh' {
  checkOptions(owner, options, GELU_OPTIONS);
  const { approximate = 'none' } = options;
  checkOneOf('approximate', approximate, ['none', 'tanh']);
  return approximate === 'tanh' ? 'geluTanh' : 'gelu';
}

/**
 * x Phi(x), Phi the normal distribution, or x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2:
 * Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  return unary(geluOf('gelu', options), x);
}
