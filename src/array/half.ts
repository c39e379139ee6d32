import { kernels } from '../backend/select.js';
import { bufferOf, checkLength, rangeOf } from '../core/float-arrays.js';
import { show } from '../core/validate.js';

// Numbers of 16 bits, to store or to send: nothing is computed with them.

type Name = 'BFloat16' | 'Float16';

function checkArray<A extends Float32Array | Uint16Array>(
  value: unknown,
  Type: (new () => A) & { readonly name: string },
): asserts value is A {
  if (!(value instanceof Type)) throw new TypeError(`x must be a ${Type.name}, got ${show(value)}`);
  checkLength('x', value);
}

function bytesOf(array: Uint16Array): Uint8Array {
  return new Uint8Array(bufferOf(array), rangeOf(array).begin, 2 * array.length);
}

function to(name: Name) {
  return (x: Float32Array): Uint16Array => {
    checkArray(x, Float32Array);
    const out = new Uint16Array(x.length);
    kernels()[`to${name}`](x.length, x, bytesOf(out));
    return out;
  };
}

function from(name: Name) {
  return (x: Uint16Array): Float32Array => {
    checkArray(x, Uint16Array);
    const out = new Float32Array(x.length);
    kernels()[`from${name}`](x.length, bytesOf(x), out);
    return out;
  };
}

/**
 * The bits of the nearest bfloat16 of each number, halfway to even: float32 without its lower 16 bits. What is larger than the
 * largest becomes infinite, a NaN a quiet one.
 * @throws TypeError where x is no Float32Array.
 */
export const toBFloat16 = to('BFloat16');
/** The numbers that these bfloat16 are, all exact. @throws TypeError where x is no Uint16Array. */
export const fromBFloat16 = from('BFloat16');
/**
 * The bits of the nearest number of 16 bits as IEEE 754 has it (binary16), halfway to even; below 2^-14 subnormal ones. From 65520
 * on it is infinite, a NaN is a quiet one.
 * @throws TypeError where x is no Float32Array.
 */
export const toFloat16 = to('Float16');
/** The numbers that these binary16 are, all exact. @throws TypeError where x is no Uint16Array. */
export const fromFloat16 = from('Float16');
