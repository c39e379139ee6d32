// What the tests of kernels for several element types share.

export const elementTypes = [Float32Array, Float64Array, Int32Array, Uint8Array] as const;

export function bytesOf(array: NodeJS.TypedArray): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
