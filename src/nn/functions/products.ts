import { ACTIVATIONS, type Activation } from '../../backend/contract/activations.js';
import { UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import * as named from '../../backend/named.js';
import { kernels } from '../../backend/select.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { contribute, factorsRead, isRecorded, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { checkSameType, matrixOf } from './check.js';
import { giveSum } from './reductions.js';
import { activate } from './unary.js';

interface Finish {
  readonly bias?: FloatArray | null;
  readonly activation?: Activation;
}

/** C = activation(op(A) op(B) + beta C + bias), where op transposes what is marked, of matrices without gaps. */
function multiply(
  [transA, transB]: readonly [boolean, boolean],
  [m, n, k]: readonly [m: number, n: number, k: number],
  a: FloatArray,
  b: FloatArray,
  beta: 0 | 1,
  c: FloatArray,
  { bias = null, activation = 'none' }: Finish = {},
): void {
  const [lda, ldb] = [transA ? m : k, transB ? k : n];
  named.gemm({ transA, transB, m, n, k, lda, ldb, ldc: n, alpha: 1, beta, activation, a, b, bias, c });
}

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
  multiply([false, false], [m, n, k], a.array, b.array, 0, out);
  return record({
    name: 'matmul',
    shape: [m, n],
    out,
    inputs: [a, b],
    reads: factorsRead(a, b),
    backward(gradient) {
      contribute(b, (into, beta) => multiply([true, false], [k, n, m], a.array, gradient, beta, into));
      contribute(a, (into, beta) => multiply([false, true], [m, k, n], gradient, b.array, beta, into));
      pool.release(gradient);
    },
  });
}

type Fused = Exclude<Activation, 'none'>;

/** The function, where the product itself can apply it: for its gradient, its output must then be enough. */
export function fusable(name: UnaryName | null, inputs: readonly Variable[]): Fused | null {
  const fused = ACTIVATIONS.find((activation): activation is Fused => activation === name);
  if (fused === undefined) return null;
  return UNARY[fused].reads === 'output' || !isRecorded(inputs) ? fused : null;
}

/** x weight^T + bias, with x [..., inputs], weight [outputs, inputs] and bias [outputs] or null; then the function. */
export function linear(
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  name: UnaryName | null = null,
): Variable {
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
  const variables = bias === null ? [x, weight] : [x, weight, bias];
  const fused = fusable(name, variables);
  const y = takeLike(x, rows * outputs);
  const finish: Finish = { bias: bias?.array ?? null, activation: fused ?? 'none' };
  multiply([false, true], [rows, outputs, inputs], x.array, weight.array, 0, y, finish);
  const output = record({
    name: 'linear',
    shape: [...x.shape.slice(0, -1), outputs],
    out: y,
    inputs: variables,
    reads: factorsRead(x, weight),
    readsOutput: fused !== null,
    backward(gradient) {
      if (fused !== null) kernels()[UNARY[fused].backward](y.length, y, gradient, gradient);
      contribute(weight, (into, beta) =>
        multiply([true, false], [outputs, inputs, rows], gradient, x.array, beta, into),
      );
      if (bias !== null) giveSum(bias, [{ outer: 1, count: rows, inner: outputs }], gradient);
      contribute(x, (into, beta) =>
        multiply([false, false], [rows, inputs, outputs], gradient, weight.array, beta, into),
      );
      pool.release(gradient);
    },
  });
  return name === null || fused !== null ? output : activate(name, output);
}
