import type { NumberArray } from '../../../core/types.js';
import type { Unary, UnaryBackward } from '../../contract/arguments.js';
import { rounding } from '../rules/rule.js';
import {
  erf,
  gaussian,
  gelu,
  geluSlope,
  geluTanh,
  geluTanhSlope,
  mish,
  mishSlope,
  SELU_SCALE,
  SELU_SCALE_ALPHA,
  sigmoid,
  silu,
  siluSlope,
  softplus,
} from './unary-functions.js';

// Functions of one number and their gradients, n elements; the output may be one of the inputs. `at` is what the
// gradient is taken at: the x or the y of the forward pass. Mirror: native/matrix/unary.h.
// The native side evaluates its own polynomials; test/math/bounds.json says how far both are from the true values.

function forward(f: (x: number) => number): Unary {
  return (n, x, y) => {
    for (let i = 0; i < n; i++) y[i] = f(x[i]);
  };
}

/** With `whole` for whole numbers, modulo 2^32. */
function forwardOfNumbers(f: (x: number) => number, whole = f): Unary<NumberArray> {
  return (n, x, y) => {
    const chosen = y instanceof Int32Array ? whole : f;
    for (let i = 0; i < n; i++) y[i] = chosen(x[i]);
  };
}

function backward(f: (at: number, dy: number) => number): UnaryBackward {
  return (n, at, dy, dx) => {
    for (let i = 0; i < n; i++) dx[i] = f(at[i], dy[i]);
  };
}

/** y = max(x, 0); NaN stays */
export const reluForward = forward((x) => Math.max(x, 0));

/** dx = dy where y > 0, else 0 */
export const reluBackward = backward((y, dy) => (y > 0 ? dy : 0));

/** y = e^x */
export const expForward = forward(Math.exp);

/** dx = dy y */
export const expBackward = backward((y, dy) => dy * y);

/** y = the natural logarithm */
export const logForward = forward(Math.log);

/** dx = dy / x */
export const logBackward = backward((x, dy) => dy / x);

/** y = log(1 + x) */
export const log1pForward = forward(Math.log1p);

/** dx = dy / (1 + x) */
export const log1pBackward = backward((x, dy) => dy / (1 + x));

/** y = e^x - 1 */
export const expm1Forward = forward(Math.expm1);

/** dx = dy (y + 1) */
export const expm1Backward = backward((y, dy) => dy * y + dy);

/** y = tanh(x) */
export const tanhForward = forward(Math.tanh);

/** dx = dy (1 - y^2) */
export const tanhBackward = backward((y, dy) => dy * (1 - y * y));

/** y = 1 / (1 + exp(-x)) */
export const sigmoidForward = forward(sigmoid);

/** dx = dy y (1 - y) */
export const sigmoidBackward = backward((y, dy) => dy * (y * (1 - y)));

/** y = log(1 + exp(x)) */
export const softplusForward = forward(softplus);

/** dx = dy sigmoid(x) */
export const softplusBackward = backward((x, dy) => dy * sigmoid(x));

/** y = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x */
export const erfForward = forward(erf);

/** dx = dy 2 / sqrt(pi) exp(-x^2) */
export const erfBackward = backward(
  (x, dy) => dy * (1.1283791670955126 * gaussian(1, Math.min(Math.abs(x), 39))),
);

/** y = x Phi(x), Phi the normal distribution */
export const geluForward = forward(gelu);

/** dx = dy (Phi(x) + x Phi'(x)) */
export const geluBackward = backward((x, dy) => dy * geluSlope(x));

/** y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 */
export const geluTanhForward = forward(geluTanh);

/** dx = dy times its derivative */
export const geluTanhBackward = backward((x, dy) => dy * geluTanhSlope(x));

/** y = x sigmoid(x) */
export const siluForward = forward(silu);

/** dx = dy s (1 + x (1 - s)) with s = sigmoid(x) */
export const siluBackward = backward((x, dy) => dy * siluSlope(x));

/** y = sin(x) */
export const sinForward = forward(Math.sin);

/** dx = dy cos(x) */
export const sinBackward = backward((x, dy) => dy * Math.cos(x));

/** y = cos(x) */
export const cosForward = forward(Math.cos);

/** dx = -dy sin(x) */
export const cosBackward = backward((x, dy) => -(dy * Math.sin(x)));

/** y = tan(x) */
export const tanForward = forward(Math.tan);

/** dx = dy (1 + y^2) */
export const tanBackward = backward((y, dy) => dy * (1 + y * y));

/** y = the angle in [-pi / 2, pi / 2] with this sine */
export const asinForward = forward(Math.asin);

/** dx = dy / sqrt(1 - x^2) */
export const asinBackward = backward((x, dy) => dy / Math.sqrt(1 - x * x));

/** y = the angle in [0, pi] with this cosine */
export const acosForward = forward(Math.acos);

/** dx = -dy / sqrt(1 - x^2) */
export const acosBackward = backward((x, dy) => -(dy / Math.sqrt(1 - x * x)));

/** y = the angle in [-pi / 2, pi / 2] with this tangent */
export const atanForward = forward(Math.atan);

/** dx = dy / (1 + x^2) */
export const atanBackward = backward((x, dy) => dy / (1 + x * x));

/** y = (e^x - e^-x) / 2 */
export const sinhForward = forward(Math.sinh);

/** dx = dy cosh(x) */
export const sinhBackward = backward((x, dy) => dy * Math.cosh(x));

/** y = (e^x + e^-x) / 2 */
export const coshForward = forward(Math.cosh);

/** dx = dy sinh(x) */
export const coshBackward = backward((x, dy) => dy * Math.sinh(x));

/** y = log(x + sqrt(x^2 + 1)) */
export const asinhForward = forward(Math.asinh);

/** dx = dy / sqrt(x^2 + 1) */
export const asinhBackward = backward((x, dy) => dy / Math.sqrt(x * x + 1));

/** y = log(x + sqrt(x^2 - 1)) */
export const acoshForward = forward(Math.acosh);

/** dx = dy / sqrt(x^2 - 1) */
export const acoshBackward = backward((x, dy) => dy / Math.sqrt(x * x - 1));

/** y = log((1 + x) / (1 - x)) / 2 */
export const atanhForward = forward(Math.atanh);

/** dx = dy / (1 - x^2) */
export const atanhBackward = backward((x, dy) => dy / (1 - x * x));

/** y = the logarithm to base 2 */
export const log2Forward = forward(Math.log2);

/** dx = dy / (x ln 2) */
export const log2Backward = backward((x, dy) => dy / (x * Math.LN2));

/** y = the logarithm to base 10 */
export const log10Forward = forward(Math.log10);

/** dx = dy / (x ln 10) */
export const log10Backward = backward((x, dy) => dy / (x * Math.LN10));

/** y = 2^x */
export const exp2Forward = forward((x) => 2 ** x);

/** dx = dy y ln 2 */
export const exp2Backward = backward((y, dy) => dy * (y * Math.LN2));

/** y = the square root */
export const sqrtForward = forward(Math.sqrt);

/** dx = dy / (2 y) */
export const sqrtBackward = backward((y, dy) => dy / (y + y));

/** y = 1 / sqrt(x) */
export const rsqrtForward = forward((x) => 1 / Math.sqrt(x));

/** dx = -dy y^3 / 2 */
export const rsqrtBackward = backward((y, dy) => -0.5 * dy * (y * y * y));

/** y = 1 / x */
export const reciprocalForward = forward((x) => 1 / x);

/** dx = -dy y^2 */
export const reciprocalBackward = backward((y, dy) => -(dy * (y * y)));

/** y = x^2 */
export const squareForward = forwardOfNumbers(
  (x) => x * x,
  (x) => Math.imul(x, x),
);

/** dx = 2 dy x */
export const squareBackward = backward((x, dy) => dy * (x + x));

/** y = |x| */
export const absForward = forwardOfNumbers(Math.abs);

/** dx = dy times the sign of x */
export const absBackward = backward((x, dy) => dy * Math.sign(x));

/** y = -x */
export const negForward = forwardOfNumbers((x) => -x);

/** dx = -dy */
export const negBackward = backward((_, dy) => -dy);

/** y = x where x > 0, else e^x - 1 */
export const eluForward = forward((x) => (x > 0 ? x : Math.expm1(x)));

/** dx = dy where y > 0, else dy (y + 1) */
export const eluBackward = backward((y, dy) => (y > 0 ? dy : dy * y + dy));

/** y = scale x where x > 0, else scale alpha (e^x - 1) */
export const seluForward = forward((x) => (x > 0 ? SELU_SCALE * x : SELU_SCALE_ALPHA * Math.expm1(x)));

/** dx = dy scale where y > 0, else dy (y + scale alpha) */
export const seluBackward: UnaryBackward = (n, at, dy, dx) => {
  // Rounded as y is: where y has reached its limit the slope is 0.
  const [scale, limit] = [SELU_SCALE, SELU_SCALE_ALPHA].map(rounding(at));
  for (let i = 0; i < n; i++) dx[i] = dy[i] * (at[i] > 0 ? scale : at[i] + limit);
};

/** x + 3 within [0, 6] */
const ramp = (x: number) => Math.min(Math.max(x + 3, 0), 6);

/** y = x ((x + 3 within [0, 6]) / 6) */
export const hardswishForward = forward((x) => x * (ramp(x) / 6));

/** dx = dy (2 x + 3) / 6, 0 below -3, dy from 3 on */
export const hardswishBackward = backward((x, dy) => dy * (x < -3 ? 0 : x < 3 ? (x + x + 3) / 6 : 1));

/** y = (x + 3 within [0, 6]) / 6 */
export const hardsigmoidForward = forward((x) => ramp(x) / 6);

/** dx = dy / 6 between -3 and 3, else 0 */
export const hardsigmoidBackward = backward((x, dy) => (Math.abs(x) < 3 ? dy / 6 : Number.isNaN(x) ? dy : 0));

/** y = x tanh(softplus(x)) */
export const mishForward = forward(mish);

/** dx = dy times its derivative */
export const mishBackward = backward((x, dy) => dy * mishSlope(x));

/** y = -log(1 + exp(-x)) */
export const logsigmoidForward = forward((x) => -softplus(-x));

/** dx = dy sigmoid(-x) */
export const logsigmoidBackward = backward((x, dy) => dy * sigmoid(-x));

/** y = x / (1 + |x|) */
export const softsignForward = forward((x) => x / (1 + Math.abs(x)));

/** dx = dy / (1 + |x|)^2 */
export const softsignBackward = backward((x, dy) => {
  const share = 1 / (1 + Math.abs(x));
  return dy * (share * share);
});

// Steps have no way back: their slope is 0 wherever they have one. The two sides agree exactly.

/** y = the largest whole number that is not above x */
export const floor = forward(Math.floor);

/** y = the smallest whole number that is not below x */
export const ceil = forward(Math.ceil);

/** y = the nearest whole number, of two the even one */
export const round = forward((x) => {
  const y = Math.round(x);
  return y - x === 0.5 && y % 2 !== 0 ? y - 1 : y;
});

/** y = x without its fraction */
export const trunc = forward(Math.trunc);

/** y = 1, -1, or x itself where it is 0 or NaN */
export const sign = forward(Math.sign);

/** y = x - trunc(x) */
export const frac = forward((x) => x - Math.trunc(x));
