import { kernels } from '../../backend/select.js';
import type { Line } from '../../core/axes.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { Storage } from '../engine/storage.js';

/** softmax(x), or its logarithm, along a line. */
export function softmaxAlong(
  name: 'softmax' | 'logSoftmax',
  x: Variable,
  { outer, count, inner }: Line,
): Variable {
  const y = takeLike(x);
  kernels()[`${name}Forward`](outer, count, inner, x.array, y);
  return record({
    name,
    shape: x.shape,
    storage: Storage.temporary(y),
    inputs: [x],
    readsOutput: true,
    backward(gradient) {
      kernels()[`${name}Backward`](outer, count, inner, y, gradient, gradient);
      give(x, gradient);
    },
  });
}
