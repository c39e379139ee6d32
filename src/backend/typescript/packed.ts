import { PACKED_BLOCK, type PackedArray, scramble } from '../contract/storage.js';

// States in fewer bits. Mirror: native/simd/packed.h, which says what the codes are.

const { fround, sqrt } = Math;

const SIGN = 0x80000000;
const INFINITY = 0x7f800000;
const NAN = 0x7fc00000;
/** The bits of 2^-100. */
const LEAST_SCALE = (127 - 100) << 23;

const [SQUARES_SHIFT, SQUARES_MOST] = [23 - 4, 255];
/** What code 0 would be. */
const SQUARES_ZERO = (0x3f800000 >> SQUARES_SHIFT) - SQUARES_MOST;
const [SIGNED_MOST, SIGNED_SQUARE] = [127, 127 * 127];
const SIGNED_UNIT = fround(1 / SIGNED_SQUARE);

const number = new Float32Array(1);
const bits = new Uint32Array(number.buffer);
const bytes = new Uint8Array(number.buffer);

function bitsOf(x: number): number {
  number[0] = x;
  return bits[0];
}

function numberOf(x: number): number {
  bits[0] = x;
  return number[0];
}

/** 16 bits of the element at `place`: random ones, or, without a key, the half that rounds to the nearest. */
type Words = (place: number) => number;

const HALF: Words = () => 0x8000;

/** Two states share a word. */
function wordsOf(key: number, state: number): Words {
  const own = key + Math.imul(state >> 1, 0x6a09e667);
  const shift = (state % 2) * 16;
  return (place) => (scramble(own + Math.imul(place, 0x9e3779b9)) >>> shift) & 0xffff;
}

/** Fills an array with the numbers that a state of its length is. @returns it */
export function unpack(from: PackedArray, to: Float32Array): Float32Array {
  const { length } = to;
  if (from instanceof Uint16Array) {
    const halves = new Uint32Array(to.buffer, to.byteOffset, length);
    for (let i = 0; i < length; i++) halves[i] = from[i] << 16;
    return to;
  }
  for (let begin = 0; begin < length; begin += PACKED_BLOCK) {
    const scale = readScale(from, length, begin);
    const end = Math.min(length, begin + PACKED_BLOCK);
    for (let i = begin; i < end; i++) {
      to[i] =
        from instanceof Uint8Array ? fround(squareOf(from[i]) * scale) : signedOf(from[i] & 0xff, scale);
    }
  }
  return to;
}

const squareOf = (code: number) => (code === 0 ? 0 : numberOf((code + SQUARES_ZERO) << SQUARES_SHIFT));

function signedOf(code: number, scale: number): number {
  const root = code & SIGNED_MOST;
  const magnitude = fround(fround(fround(root * root) * SIGNED_UNIT) * scale);
  return code > SIGNED_MOST ? -magnitude : magnitude;
}

/**
 * Stores numbers in an array that {@link unpack} takes.
 * @param key of the random words; null rounds to the nearest, which gives what was unpacked its bits again
 * @param state its place among the packed states of a tensor
 */
export function pack(from: Float32Array, to: PackedArray, key: number | null, state: number): void {
  const words = key === null ? HALF : wordsOf(key, state);
  const x = new Uint32Array(from.buffer, from.byteOffset, from.length);
  if (to instanceof Uint16Array) {
    for (let i = 0; i < x.length; i++) {
      const noNumber = (x[i] & ~SIGN) > INFINITY;
      to[i] = (noNumber ? NAN : x[i] + words(i)) >>> 16;
    }
    return;
  }
  for (let begin = 0; begin < x.length; begin += PACKED_BLOCK) {
    packBlock(from, x, to, words, begin, Math.min(x.length, begin + PACKED_BLOCK));
  }
}

function packBlock(
  from: Float32Array,
  x: Uint32Array,
  to: Int8Array | Uint8Array,
  words: Words,
  begin: number,
  end: number,
): void {
  const isSigned = to instanceof Int8Array;
  let largest = 0;
  for (let i = begin; i < end; i++) largest = Math.max(largest, x[i] & ~SIGN);
  const isZero = largest < LEAST_SCALE;
  const isKept = !isZero && largest < INFINITY;
  const scale = isZero ? 0 : isKept ? numberOf(largest) : Number.NaN;
  writeScale(to, from.length, begin, scale);
  const inverse = fround(1 / scale);
  for (let i = begin; i < end; i++) {
    const ratio = Math.min(1, fround(Math.abs(from[i]) * inverse));
    const isLargest = (x[i] & ~SIGN) === largest;
    if (!isKept) to[i] = 0;
    else if (!isSigned) to[i] = isLargest ? SQUARES_MOST : squareCode(ratio, words(i));
    else to[i] = (isLargest ? SIGNED_MOST : signedCode(ratio, words(i))) | ((x[i] >>> 31) << 7);
  }
}

function squareCode(ratio: number, random: number): number {
  const ratioBits = bitsOf(ratio);
  const rounded = (ratioBits + (random << (SQUARES_SHIFT - 16))) >>> SQUARES_SHIFT;
  return ratioBits === 0 ? 0 : Math.max(1, rounded - SQUARES_ZERO);
}

function signedCode(ratio: number, random: number): number {
  const square = fround(ratio * SIGNED_SQUARE);
  const lower = Math.trunc(fround(sqrt(square)));
  const gap = fround((random + 0.5) * (2 * lower + 1));
  return lower + (gap < fround(square - lower * lower) * 0x10000 ? 1 : 0);
}

function readScale(from: PackedArray, length: number, begin: number): number {
  const at = length + (begin / PACKED_BLOCK) * 4;
  for (let b = 0; b < 4; b++) bytes[b] = from[at + b];
  return number[0];
}

function writeScale(to: PackedArray, length: number, begin: number, scale: number): void {
  const at = length + (begin / PACKED_BLOCK) * 4;
  bits[0] = Number.isNaN(scale) ? NAN : bitsOf(scale);
  for (let b = 0; b < 4; b++) to[at + b] = bytes[b];
}
