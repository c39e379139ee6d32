import { kernels } from '../../backend/select.js';
import { contribute, give, record, takeLike, type Variable } from '../autograd.js';
import { pool } from '../pool.js';
import { sameShape, showShape } from '../shape.js';
import { Storage } from '../storage.js';
import { checkSameShape, checkSameType } from './check.js';

/** a + b, where b has the shape of a, or is one row that is added to all rows of a. */
export function add(a: Variable, b: Variable): Variable {
  return sameShape(a.shape, b.shape) ? addSame(a, b) : addRow(a, b);
}

function addSame(a: Variable, b: Variable): Variable {
  checkSameType('other', b, a);
  const { size } = a;
  const out = takeLike(a);
  kernels().add(size, a.array, b.array, out);
  return record({
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a, b],
    backward(gradient) {
      contribute(b, (into, accumulate) => {
        if (accumulate) kernels().add(size, into, gradient, into);
        else into.set(gradient);
      });
      give(a, gradient);
    },
  });
}

function addRow(a: Variable, row: Variable): Variable {
  checkSameType('other', row, a);
  const columns = row.size;
  if (row.shape.length !== 1 || a.shape.at(-1) !== columns) {
    const accepted = [a.shape, a.shape.slice(-1)].map(showShape).join(' or ');
    throw new RangeError(`other must have shape ${accepted}, got ${showShape(row.shape)}`);
  }
  const rows = a.size / columns;
  const out = takeLike(a);
  kernels().addRow(rows, columns, a.array, row.array, out);
  return record({
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a, row],
    backward(gradient) {
      contribute(row, (into, accumulate) => kernels().sumRows(columns, rows, accumulate, gradient, into));
      give(a, gradient);
    },
  });
}

export function addNumber(a: Variable, alpha: number): Variable {
  const out = takeLike(a);
  kernels().addScalar(a.size, alpha, a.array, out);
  return record({
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a],
    backward: (gradient) => give(a, gradient),
  });
}

export function sub(a: Variable, b: Variable): Variable {
  checkSameShape('other', b, a);
  const { size } = a;
  const out = takeLike(a);
  kernels().sub(size, a.array, b.array, out);
  return record({
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a, b],
    backward(gradient) {
      contribute(b, (into, accumulate) => {
        if (accumulate) kernels().sub(size, into, gradient, into);
        else kernels().mulScalar(size, -1, gradient, into);
      });
      give(a, gradient);
    },
  });
}

export function mul(a: Variable, b: Variable): Variable {
  checkSameShape('other', b, a);
  const { size } = a;
  const out = takeLike(a);
  kernels().mul(size, a.array, b.array, out);
  return record({
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a, b],
    backward(gradient) {
      if (b.needsGradient) {
        const product = takeLike(b);
        kernels().mul(size, gradient, a.array, product);
        give(b, product);
      }
      if (!a.needsGradient) return pool.release(gradient);
      kernels().mul(size, gradient, b.array, gradient);
      give(a, gradient);
    },
  });
}

export function mulNumber(a: Variable, alpha: number): Variable {
  const { size } = a;
  const out = takeLike(a);
  kernels().mulScalar(size, alpha, a.array, out);
  return record({
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
    shape: a.shape,
    storage: Storage.temporary(out),
    inputs: [a],
    backward: (gradient) => give(a, gradient),
  });
}

/** The same elements under another shape, in the same memory. */
export function reshape(a: Variable, shape: readonly number[]): Variable {
  return record({
    shape,
    storage: a.storage,
    inputs: [a],
    backward: (gradient) => give(a, gradient),
  });
}
