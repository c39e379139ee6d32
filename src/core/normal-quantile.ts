// Mirror: native/matrix/normal-quantile.h: the same operations in the same order, so the same bits.

const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);
// The upper half of a double holds its exponent; which of the two words that is depends on the machine.
double[0] = 1;
const UPPER = words[1] === 0x3ff00000 ? 1 : 0;

/**
 * The natural logarithm of a normal positive number from + - * / alone. Math.log may differ in its last bit from one
 * engine to the next; this one does not.
 *
 * x = 2^e m with m in [sqrt(1/2), sqrt(2)), and log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172, whose series is
 * cut where its terms fall below 2^-60.
 */
export function logarithm(x: number): number {
  double[0] = x;
  let exponent = (words[UPPER] >>> 20) - 1023;
  words[UPPER] = (words[UPPER] & 0x000fffff) | 0x3ff00000;
  let m = double[0];
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let series = 0;
  for (let odd = 25; odd >= 1; odd -= 2) series = series * square + 1 / odd;
  return exponent * Math.LN2 + 2 * s * series;
}

function ratio(x: number, numerator: readonly number[], denominator: readonly number[]): number {
  let above = 0;
  let below = 0;
  for (let power = numerator.length - 1; power >= 0; power--) {
    above = above * x + numerator[power];
    below = below * x + denominator[power];
  }
  return above / below;
}

// The coefficients of PPND16, ascending powers, rounded to doubles.
const CENTER = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852546,
  ],
] as const;
const SHOULDER = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const;
const TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const;

/**
 * The number below which a standard normal variable falls with probability `p`, 0 < p < 1, to about 1e-16: Wichura,
 * "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988), 477-484,
 * routine PPND16. Only + - * / and sqrt, so the same bits on every machine.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, ...CENTER);
  const r = Math.sqrt(-logarithm(q < 0 ? p : 1 - p));
  const magnitude = r <= 5 ? ratio(r - 1.6, ...SHOULDER) : ratio(r - 5, ...TAIL);
  return q < 0 ? -magnitude : magnitude;
}
