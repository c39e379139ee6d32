/** The element types every kernel and every optimizer is made for. */
export type FloatArray = Float32Array | Float64Array;
/** Those of the kernels that compute with whole numbers as well, modulo 2^32. */
export type NumberArray = FloatArray | Int32Array;
/** Those of the kernels that compare, choose or move elements. A mask is a Uint8Array: what is not 0 is true. */
export type ElementArray = NumberArray | Uint8Array;
