import { kernels } from '../../backend/select.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { Storage } from '../engine/storage.js';

export function addNumber(a: Variable, alpha: number): Variable {
  const out = takeLike(a);
  kernels().addScalar(a.size, alpha, a.array, out);
  return record({
    name: 'add',
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a],
    backward: (gradient) => give(a, gradient),
  });
}

export function mulNumber(a: Variable, alpha: number): Variable {
  const { size } = a;
  const out = takeLike(a);
  kernels().mulScalar(size, alpha, a.array, out);
  return record({
    name: 'mul',
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a],
    backward(gradient) {
      kernels().mulScalar(size, alpha, gradient, gradient);
      give(a, gradient);
    },
  });
}

export function clone(a: Variable): Variable {
  const out = takeLike(a);
  out.set(a.array);
  return record({
    name: 'clone',
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a],
    backward: (gradient) => give(a, gradient),
  });
}

/** The same elements under another shape, in the same memory. */
export function reshape(a: Variable, shape: readonly number[]): Variable {
  return record({
    name: 'reshape',
    shape,
    storage: a.storage,
    inputs: [a],
    backward: (gradient) => give(a, gradient),
  });
}
