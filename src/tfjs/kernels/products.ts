import type { BatchMatMulAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { gemm, gemmBatched } from '../../backend/named.js';
import { kernels } from '../../backend/select.js';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import { define, floats, type Inputs, type Kernel } from './define.js';
import { type FusedAttrs, type FusedInputs, finish, type Plan, planOf } from './fused.js';

const { util } = tf;

/** The sizes of a product of matrices, each of which may be one of a batch. */
interface Sizes {
  readonly outShape: number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  /** The batches of a and b, of which one may be repeated for all of the other. */
  readonly batchA: number;
  readonly batchB: number;
}

function sizesOf(a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: BatchMatMulAttrs): Sizes {
  // A vector has no rows: then nothing fits.
  const [rowsA = Number.NaN, columnsA] = [a.shape.at(-2), a.shape[a.shape.length - 1]];
  const [rowsB = Number.NaN, columnsB] = [b.shape.at(-2), b.shape[b.shape.length - 1]];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  const areMatrices = a.shape.length === 2 && b.shape.length === 2;
  const outer = areMatrices
    ? []
    : tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  util.assert(
    k === inner,
    () =>
      `Error in matMul: inner shapes (${k}) and (${inner}) of Tensors with shapes ${a.shape} and ${b.shape} and ` +
      `transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  return {
    outShape: [...outer, m, n],
    m,
    n,
    k,
    transA: transposeA,
    transB: transposeB,
    batchA: batchOf(a),
    batchB: batchOf(b),
  };
}

/** Whether the rows of all matrices, times one and the same matrix, are rows of one: only then the kernel has an epilogue. */
const isOne = ({ batchA, batchB, transA }: Sizes) => batchB === 1 && (batchA === 1 || !transA);

function multiply(backend: LockstepBackend, a: TensorInfo, b: TensorInfo, sizes: Sizes, plan: Plan) {
  const { outShape, m, n, k, transA, transB, batchA, batchB } = sizes;
  const out = backend.create(outShape, 'float32');
  if (out.values.length === 0) return out;
  const batch = Math.max(batchA, batchB);
  const [lda, ldb, ldc] = [transA ? m : k, transB ? k : n, n];
  const [x, y, c] = [backend.valuesOf('float32', a), backend.valuesOf('float32', b), out.values];
  if (isOne(sizes)) {
    const { activation, bias } = plan;
    const rows = m * batch;
    // biome-ignore format: made and taken apart at once
    gemm(kernels(), { transA, transB, m: rows, n, k, lda, ldb, ldc, alpha: 1, beta: 0, a: x, b: y, c, activation, bias });
  } else {
    const strideA = batchA === 1 ? 0 : m * k;
    const strideB = batchB === 1 ? 0 : k * n;
    const strideC = m * n;
    // biome-ignore format: the same
    gemmBatched(kernels(), {
      batch, transA, transB, m, n, k, lda, ldb, ldc, alpha: 1, beta: 0, strideA, strideB, strideC, a: x, b: y, c,
    });
  }
  return out;
}

const PLAIN: Plan = { bias: null, activation: 'none', addend: null, rest: null };

const batchOf = ({ shape }: TensorInfo) => (shape.length < 3 ? 1 : util.sizeFromShape(shape.slice(0, -2)));

const takesProduct = (inputs: Inputs<'a' | 'b'>) => {
  if (!floats(inputs)) return false;
  const [batchA, batchB] = [batchOf(inputs.a), batchOf(inputs.b)];
  return batchA === batchB || batchA === 1 || batchB === 1;
};

export const products: readonly Kernel[] = [
  define<Inputs<'a' | 'b'>, BatchMatMulAttrs>('BatchMatMul', takesProduct, (backend, { a, b }, attrs) =>
    multiply(backend, a, b, sizesOf(a, b, attrs), PLAIN),
  ),
  define<FusedInputs<'a' | 'b'>, BatchMatMulAttrs & FusedAttrs>(
    '_FusedMatMul',
    takesProduct,
    (backend, inputs, attrs) => {
      const sizes = sizesOf(inputs.a, inputs.b, attrs);
      const plan = planOf(backend, sizes.n, inputs, attrs);
      if (isOne(sizes)) {
        return finish(backend, multiply(backend, inputs.a, inputs.b, sizes, plan), plan, inputs, attrs);
      }
      const whole = { ...PLAIN, addend: inputs.bias ?? null, rest: attrs.activation ?? 'linear' };
      return finish(backend, multiply(backend, inputs.a, inputs.b, sizes, PLAIN), whole, inputs, attrs);
    },
  ),
];
