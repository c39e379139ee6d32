import type { UnaryName } from '../../backend/contract/kernels.js';
import type { Tensor } from '../engine/tensor.js';
import { unary } from './elementwise.js';

// Functions of each element. Error bounds: those of the functions of the same name on arrays.

function of(name: UnaryName) {
  return (x: Tensor): Tensor => unary(name, x);
}

/** |x| */
export const abs = of('abs');
/** -x */
export const neg = of('neg');
/** x^2 */
export const square = of('square');
/** 1 / x */
export const reciprocal = of('reciprocal');
/** the square root; NaN below 0 */
export const sqrt = of('sqrt');
/** 1 / sqrt(x), each of the two rounded */
export const rsqrt = of('rsqrt');
/** e^x */
export const exp = of('exp');
/** e^x - 1, accurate near 0 */
export const expm1 = of('expm1');
/** the natural logarithm: -Infinity at 0, NaN below */
export const log = of('log');
/** log(1 + x), accurate near 0: -Infinity at -1, NaN below */
export const log1p = of('log1p');
/** the hyperbolic tangent */
export const tanh = of('tanh');
/** 1 / (1 + e^-x) */
export const sigmoid = of('sigmoid');
/** log(1 + e^x): `activations.ts` has it with options. */
export const softplus = of('softplus');
/** x / (1 + e^-x), also known as swish; 0 at -Infinity */
export const silu = of('silu');
/** max(x, 0) */
export const relu = of('relu');
/** 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x */
export const erf = of('erf');
/** the sine of x in radians, of any size */
export const sin = of('sin');
/** the cosine of x in radians, of any size */
export const cos = of('cos');
/** the tangent of x in radians, of any size */
export const tan = of('tan');
/** the angle in [-pi / 2, pi / 2] with this sine: NaN beyond 1 */
export const asin = of('asin');
/** the angle in [0, pi] with this cosine: NaN beyond 1 */
export const acos = of('acos');
/** the angle in [-pi / 2, pi / 2] with this tangent */
export const atan = of('atan');
/** (e^x - e^-x) / 2 */
export const sinh = of('sinh');
/** (e^x + e^-x) / 2 */
export const cosh = of('cosh');
/** log(x + sqrt(x^2 + 1)), the inverse of sinh */
export const asinh = of('asinh');
/** log(x + sqrt(x^2 - 1)), the inverse of cosh: NaN below 1 */
export const acosh = of('acosh');
/** log((1 + x) / (1 - x)) / 2, the inverse of tanh: infinite at 1, NaN beyond */
export const atanh = of('atanh');
/** the logarithm to base 2: -Infinity at 0, NaN below */
export const log2 = of('log2');
/** the logarithm to base 10: -Infinity at 0, NaN below */
export const log10 = of('log10');
/** 2^x */
export const exp2 = of('exp2');
/** scale (x where it is above 0, else alpha (e^x - 1)): Klambauer et al. 2017, https://arxiv.org/abs/1706.02515 */
export const selu = of('selu');
/** x times (x + 3 within [0, 6]) / 6: Howard et al. 2019, https://arxiv.org/abs/1905.02244 */
export const hardswish = of('hardswish');
/** (x + 3 within [0, 6]) / 6. Its gradient is 0 at -3 and at 3. */
export const hardsigmoid = of('hardsigmoid');
/** x tanh(softplus(x)); 0 at -Infinity: Misra 2019, https://arxiv.org/abs/1908.08681 */
export const mish = of('mish');
/** log(1 / (1 + e^-x)), stable for x of any size */
export const logsigmoid = of('logsigmoid');
/** x / (1 + |x|) */
export const softsign = of('softsign');
