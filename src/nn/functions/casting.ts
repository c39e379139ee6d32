import { kernels, settledArray } from '../../backend/stream.js';
import { checkTensorDType, isFloatType, type TensorDType } from '../../core/dtypes.js';
import type { ElementArray } from '../../core/types.js';
import { constant, give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { checkTensor, elementsOf, type Tensor } from '../engine/tensor.js';

/**
 * x in another element type, or x itself where it has this one: floats are rounded, or cut off towards 0 to whole numbers (int32
 * modulo 2^32, uint8 modulo 2^8); bool is whether an element is not 0. Between floats the gradient goes back the same way.
 */
export function to(x: Tensor, dtype: TensorDType): Tensor {
  checkTensor('x', x);
  checkTensorDType('dtype', dtype);
  if (x.dtype === dtype) return x;
  const { size, shape } = x;
  if (!isFloatType(dtype)) {
    const out = pool.take(dtype, size);
    convert(elementsOf(x), dtype, out);
    return constant(out, shape, dtype);
  }
  const out = pool.take(dtype, size);
  convert(elementsOf(x), dtype, out);
  return record({ name: 'to', out, inputs: [x] }, (gradient) => {
    const back = takeLike(x);
    kernels().cast(size, gradient, back);
    pool.release(gradient);
    give(x, back);
  });
}

/** `to(x, 'float32')` */
export const float = (x: Tensor): Tensor => to(x, 'float32');
/** `to(x, 'float64')` */
export const double = (x: Tensor): Tensor => to(x, 'float64');
/** `to(x, 'int32')` */
export const int = (x: Tensor): Tensor => to(x, 'int32');
/** `to(x, 'uint8')` */
export const byte = (x: Tensor): Tensor => to(x, 'uint8');
/** `to(x, 'bool')` */
export const bool = (x: Tensor): Tensor => to(x, 'bool');

function convert(x: ElementArray, dtype: TensorDType, out: ElementArray): void {
  // To the kernel a Uint8Array is a mask.
  if (dtype !== 'uint8') kernels().cast(x.length, x, out);
  else settledArray(out).set(settledArray(x));
}
