// Functions of one number that Math has not. Mirror: native/matrix/unary-functions.h.
// The coefficients of erf are those of native/math/erf.h.

const P = [
  0.1283791670955126, -0.3761263890318375, 0.11283791670954885, -0.026866170645077875, 0.005223977624828431,
  -0.0008548326981425542, 0.0001205533113295582, -1.4925595772180906e-5, 1.64610084778027e-6,
  -1.6350396222864617e-7, 1.466032872274226e-8, -1.137495573607015e-9, 5.960685338520971e-11,
];
const Q = [
  0.12151394835556216, -0.08488866365291493, 0.038336286662433924, -0.00787717085716018,
  -0.0017438111705505455, 0.0011621035400201042, 0.00017126537648996348, -0.00017430476953376298,
  -4.276255744013829e-5, 2.57324018647679e-5, 1.3135444380494191e-5, -2.207615386740901e-6,
  -3.4481953559817472e-6, -5.865272267726043e-7, 6.067402387619194e-7, 3.7674740248956337e-7,
  1.0612940837862635e-9, -1.0000506387407342e-7, -4.497573978295296e-8, 8.368191855302211e-9,
  1.5232094092181508e-8, 3.3270357275763467e-9, -1.8600727339881787e-9, -9.241233182098776e-10,
  -8.022893324484652e-11,
];

function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k];
  return sum;
}

/** exp(-factor a^2). The square of a number of 24 bits is exact: what it leaves is small, and its error harmless. */
export function gaussian(factor: number, a: number): number {
  const head = Math.fround(a);
  return Math.exp(-factor * head * head) * Math.exp(factor * (head - a) * (head + a));
}

/** Phi(-a) / exp(-a^2 / 2) for a in [0, 39] */
function scaledTail(a: number): number {
  const s = 6 / (a + 3);
  return s * polynomial(1 - s, Q);
}

export function erf(x: number): number {
  const a = Math.min(Math.abs(x), 6.5);
  if (a < 1) return x + x * polynomial(x * x, P);
  return Math.sign(x) * (1 - 2 * Math.exp(-a * a) * scaledTail(Math.SQRT2 * a));
}

/** x Phi(x) = max(x, 0) - |x| Phi(-|x|) */
export function gelu(x: number): number {
  const a = Math.min(Math.abs(x), 39);
  const tail = gaussian(0.5, a) * (a * scaledTail(a));
  if (x < 0) return -tail;
  return x === 0 ? x : x - tail;
}

/** Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi) */
export function geluSlope(x: number): number {
  const a = Math.min(Math.abs(x), 39);
  const below = gaussian(0.5, a) * (scaledTail(a) - 0.3989422804014327 * a);
  return x < 0 ? below : 1 - below;
}

/** 1 / (1 + exp(-x)) without overflow: the exponential is taken of -|x| only. */
export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

const VANISHES = 756;
const within = (x: number, top: number) => Math.min(Math.max(x, -top), top);

// exp(-x) has no double from a little below this on; x exp(x) has, down to -752.
const SPLIT = -709;

/** x / (1 + exp(-x)), 0 in the limit */
export function silu(x: number): number {
  if (!(x < 0)) return x * sigmoid(x);
  if (x >= SPLIT) return x / (1 + Math.exp(-x));
  const factor = Math.max(x, -VANISHES);
  const root = Math.exp(factor / 2);
  return factor * root * root;
}

export function siluSlope(x: number): number {
  const clamped = within(x, VANISHES);
  return sigmoid(clamped) * (1 + clamped * sigmoid(-clamped));
}

// 2 sqrt(2 / pi), and 0.044715 times that
const LINEAR = 1.5957691216057308;
const CUBIC = 0.07135481627260025;
const TOP = 30;

const LINEAR_LOW = -9.96930880911092e-17;
const CUBIC_LOW = -6.175149918155315e-19;

/** What a b leaves when it is rounded to `product`: Dekker 1971, Numer. Math. 18. */
function productRest(a: number, b: number, product: number): number {
  const [aShift, bShift] = [134217729 * a, 134217729 * b];
  const [aHigh, bHigh] = [aShift - (aShift - a), bShift - (bShift - b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** x / (1 + exp(-u)) with u = x (LINEAR + CUBIC x^2), in two parts: exp makes hundreds of an error of one. */
export function geluTanh(x: number): number {
  const clamped = within(x, TOP);
  const square = clamped * clamped;
  const cubic = CUBIC * square;
  const slope = cubic + LINEAR;
  const part = slope - cubic;
  const rest =
    cubic -
    (slope - part) +
    (LINEAR - part) +
    (productRest(CUBIC, square, cubic) +
      CUBIC * productRest(clamped, clamped, square) +
      CUBIC_LOW * square +
      LINEAR_LOW);
  const u = clamped * slope;
  const low = productRest(clamped, slope, u) + clamped * rest;
  const e = Math.exp(-Math.abs(u)) * (u < 0 ? 1 + low : 1 - low);
  return (Math.max(x, -TOP) * (u < 0 ? e : 1)) / (1 + e);
}

export function geluTanhSlope(x: number): number {
  const clamped = within(x, TOP);
  const square = CUBIC * clamped * clamped;
  const u = clamped * (LINEAR + square);
  return sigmoid(u) * (1 + clamped * (LINEAR + 3 * square) * sigmoid(-u));
}

/** log(1 + exp(x)) */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** From here on tanh(softplus(x)) is 1. */
const MISH_TOP = 22;

/** x tanh(softplus(x)): Misra 2019, https://arxiv.org/abs/1908.08681. tanh(softplus(x)) is n / (n + 2), n = e^x (e^x + 2). */
export function mish(x: number): number {
  // Below -64 the power is taken in two parts: x times a subnormal number has lost bits.
  const upper = Math.max(x, -64);
  const e = Math.exp(Math.min(upper, MISH_TOP));
  const n = e * (e + 2);
  const y = Math.max(x, -1000) * (n / (n + 2));
  return x < -64 ? y * Math.exp(x + 64) : y;
}

export function mishSlope(x: number): number {
  const within = Math.min(MISH_TOP, Math.max(-1000, x));
  const e = Math.exp(within);
  const n = e * (e + 2);
  const m = n + 2;
  return n / m + within * ((4 * e * (e + 1)) / (m * m));
}

/** The constants of SELU: Klambauer, Unterthiner, Mayr & Hochreiter 2017, https://arxiv.org/abs/1706.02515 */
export const SELU_SCALE = 1.0507009873554805;
export const SELU_SCALE_ALPHA = 1.7580993408473768;
