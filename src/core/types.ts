/** The element types every kernel and every optimizer is made for. */
export type FloatArray = Float32Array | Float64Array;
