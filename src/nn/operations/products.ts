import { kernels } from '../../backend/select.js';
import { contribute, record, takeLike, type Variable } from '../autograd.js';
import { pool } from '../pool.js';
import { sameShape, showShape } from '../shape.js';
import { Storage } from '../storage.js';
import { checkSameType, matrixOf } from './check.js';

/** The matrix product a b of [m, k] and [k, n]. */
export function matmul(a: Variable, b: Variable): Variable {
  checkSameType('other', b, a);
  if (a.shape.length !== 2) throw new RangeError(`matmul takes matrices, got shape ${showShape(a.shape)}`);
  const [m, k] = a.shape;
  if (b.shape.length !== 2 || b.shape[0] !== k) {
    throw new RangeError(`other must have shape [${k}, columns], got ${showShape(b.shape)}`);
  }
  const n = b.shape[1];
  const out = takeLike(a, m * n);
  kernels().gemm(0, 0, m, n, k, k, n, n, 1, 0, a.array, b.array, out);
  return record({
    shape: [m, n],
    storage: Storage.temporary(out),
    inputs: [a, b],
    backward(gradient) {
      contribute(b, (into, beta) => kernels().gemm(1, 0, k, n, m, k, n, n, 1, beta, a.array, gradient, into));
      contribute(a, (into, beta) => kernels().gemm(0, 1, m, k, n, n, n, k, 1, beta, gradient, b.array, into));
      pool.release(gradient);
    },
  });
}

/** x weight^T + bias, with x [..., inputs], weight [outputs, inputs] and bias [outputs] or null. */
export function linear(x: Variable, weight: Variable, bias: Variable | null): Variable {
  checkSameType('x', x, weight);
  const [outputs, inputs] = weight.shape;
  const { rows, columns } = matrixOf('x', x);
  if (columns !== inputs) {
    throw new RangeError(`x must have ${inputs} columns, got shape ${showShape(x.shape)}`);
  }
  if (bias !== null) {
    checkSameType('bias', bias, weight);
    if (!sameShape(bias.shape, [outputs])) {
      throw new RangeError(`bias must have shape [${outputs}], got ${showShape(bias.shape)}`);
    }
  }
  const y = takeLike(x, rows * outputs);
  kernels().gemm(0, 1, rows, outputs, inputs, inputs, inputs, outputs, 1, 0, x.array, weight.array, y);
  if (bias !== null) kernels().addRow(rows, outputs, y, bias.array, y);
  return record({
    shape: [...x.shape.slice(0, -1), outputs],
    storage: Storage.temporary(y),
    inputs: bias === null ? [x, weight] : [x, weight, bias],
    backward(gradient) {
      contribute(weight, (into, beta) =>
        kernels().gemm(
          1,
          0,
          outputs,
          inputs,
          rows,
          outputs,
          inputs,
          inputs,
          1,
          beta,
          gradient,
          x.array,
          into,
        ),
      );
      if (bias !== null) {
        contribute(bias, (into, accumulate) => kernels().sumRows(outputs, rows, accumulate, gradient, into));
      }
      contribute(x, (into, beta) =>
        kernels().gemm(
          0,
          0,
          rows,
          inputs,
          outputs,
          outputs,
          inputs,
          inputs,
          1,
          beta,
          gradient,
          weight.array,
          into,
        ),
      );
      pool.release(gradient);
    },
  });
}
