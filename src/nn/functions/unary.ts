import { UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkOneOf } from '../../core/validate.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';

// Functions of each element. Error bounds: those of the functions of the same name on arrays.

function apply(name: UnaryName, x: Tensor): Tensor {
  return tensorOf(activate(name, variableOf('x', x)));
}

/** |x| */
export function abs(x: Tensor): Tensor {
  return apply('abs', x);
}

/** -x */
export function neg(x: Tensor): Tensor {
  return apply('neg', x);
}

/** x^2 */
export function square(x: Tensor): Tensor {
  return apply('square', x);
}

/** 1 / x */
export function reciprocal(x: Tensor): Tensor {
  return apply('reciprocal', x);
}

/** the square root; NaN below 0 */
export function sqrt(x: Tensor): Tensor {
  return apply('sqrt', x);
}

/** 1 / sqrt(x), each of the two rounded */
export function rsqrt(x: Tensor): Tensor {
  return apply('rsqrt', x);
}

/** e^x */
export function exp(x: Tensor): Tensor {
  return apply('exp', x);
}

/** e^x - 1, accurate near 0 */
export function expm1(x: Tensor): Tensor {
  return apply('expm1', x);
}

/** the natural logarithm: -Infinity at 0, NaN below */
export function log(x: Tensor): Tensor {
  return apply('log', x);
}

/** log(1 + x), accurate near 0: -Infinity at -1, NaN below */
export function log1p(x: Tensor): Tensor {
  return apply('log1p', x);
}

/** the hyperbolic tangent */
export function tanh(x: Tensor): Tensor {
  return apply('tanh', x);
}

/** 1 / (1 + e^-x) */
export function sigmoid(x: Tensor): Tensor {
  return apply('sigmoid', x);
}

/** log(1 + e^x) */
export function softplus(x: Tensor): Tensor {
  return apply('softplus', x);
}

/** x / (1 + e^-x), also known as swish; 0 at -Infinity */
export function silu(x: Tensor): Tensor {
  return apply('silu', x);
}

/** max(x, 0) */
export function relu(x: Tensor): Tensor {
  return apply('relu', x);
}

/** 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x */
export function erf(x: Tensor): Tensor {
  return apply('erf', x);
}

/** the sine of x in radians, of any size */
export function sin(x: Tensor): Tensor {
  return apply('sin', x);
}

/** the cosine of x in radians, of any size */
export function cos(x: Tensor): Tensor {
  return apply('cos', x);
}

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
  return apply(geluOf('gelu', options), x);
}

export function activate(name: UnaryName, x: Variable): Variable {
  const { forward, backward, reads } = UNARY[name];
  const { size } = x;
  const y = takeLike(x);
  kernels()[forward](size, x.array, y);
  return record({
    name,
    shape: x.shape,
    out: y,
    inputs: [x],
    reads: reads === 'input' ? [x] : undefined,
    readsOutput: reads === 'output',
    backward(gradient) {
      kernels()[backward](size, reads === 'output' ? y : x.array, gradient, gradient);
      give(x, gradient);
    },
  });
}
