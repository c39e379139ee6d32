import type { EinsumAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { gemmBatched } from '../../backend/named.js';
import { kernels } from '../../backend/select.js';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import { cpuKernel, define, floats, type Kernel } from './define.js';
import { reduce } from './reductions.js';
import { transposed } from './rows.js';

/** An operand whose dimensions have letters: the places of these in the list of all, results first. */
interface Lettered {
  readonly tensor: TensorInfo;
  readonly letters: readonly number[];
}

const sizeOf = ({ tensor, letters }: Lettered, some: readonly number[]) =>
  some.reduce((size, letter) => size * tensor.shape[letters.indexOf(letter)], 1);

/** Runs what makes temporary tensors, and disposes of them when it is done. */
function withTemporaries<R>(
  backend: LockstepBackend,
  run: (keep: (tensor: TensorInfo) => TensorInfo) => R,
): R {
  const temporaries: TensorInfo[] = [];
  try {
    return run((tensor) => {
      temporaries.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of temporaries) backend.disposeIntermediateTensorInfo(tensor);
  }
}

type Keep = (tensor: TensorInfo) => TensorInfo;

/** The operand summed over every letter but these. */
function summed(
  backend: LockstepBackend,
  operand: Lettered,
  kept: (letter: number) => boolean,
  keep: Keep,
): Lettered {
  const axes = [...operand.letters.keys()].filter((axis) => !kept(operand.letters[axis]));
  if (axes.length === 0) return operand;
  const tensor = keep(reduce('sum', backend, operand.tensor, axes, false));
  return { tensor, letters: operand.letters.filter(kept) };
}

/** The operand with its dimensions in the order of these letters. */
function ordered(
  backend: LockstepBackend,
  operand: Lettered,
  letters: readonly number[],
  keep: Keep,
): TensorInfo {
  const axes = letters.map((letter) => operand.letters.indexOf(letter));
  if (axes.every((axis, d) => axis === d)) return operand.tensor;
  return keep(transposed(backend, operand.tensor, axes));
}

/** The product of two operands over the letters that the result lacks, as one batch of products of matrices. */
function multiply(
  backend: LockstepBackend,
  left: Lettered,
  right: Lettered,
  isResult: (letter: number) => boolean,
) {
  return withTemporaries(backend, (keep) => {
    const a = summed(backend, left, (letter) => isResult(letter) || right.letters.includes(letter), keep);
    const b = summed(backend, right, (letter) => isResult(letter) || left.letters.includes(letter), keep);
    const both = a.letters.filter((letter) => b.letters.includes(letter));
    const batches = both.filter(isResult);
    const terms = both.filter((letter) => !isResult(letter));
    const rows = a.letters.filter((letter) => !b.letters.includes(letter));
    const columns = b.letters.filter((letter) => !a.letters.includes(letter));
    const [m, n, k] = [sizeOf(a, rows), sizeOf(b, columns), sizeOf(a, terms)];
    const letters = [...batches, ...rows, ...columns];
    const shapeOf = (letter: number) => sizeOf(a.letters.includes(letter) ? a : b, [letter]);
    const out = backend.create(letters.map(shapeOf), 'float32');
    gemmBatched(kernels(), {
      batch: sizeOf(a, batches),
      transA: false,
      transB: false,
      m,
      n,
      k,
      lda: k,
      ldb: n,
      ldc: n,
      alpha: 1,
      beta: 0,
      strideA: m * k,
      strideB: k * n,
      strideC: m * n,
      a: backend.valuesOf('float32', ordered(backend, a, [...batches, ...rows, ...terms], keep)),
      b: backend.valuesOf('float32', ordered(backend, b, [...batches, ...terms, ...columns], keep)),
      c: out.values,
    });
    return { tensor: out, letters };
  });
}

export const einsum: readonly Kernel[] = [
  define<TensorInfo[], EinsumAttrs>('Einsum', floats, (backend, inputs, { equation }) => {
    const { allDims, summedDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, inputs.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, inputs as never);
    // TensorFlow.js refuses it for inputs alone.
    const named = equation.slice(equation.indexOf('->') + 2).replaceAll(' ', '');
    tf.util.assert(
      new Set(named).size === named.length,
      () => `einsum: the result of '${equation}' has a dimension twice`,
    );
    const results = allDims.length - summedDims.length;
    const isResult = (letter: number) => letter < results;
    const operands = inputs.map((tensor, i) => ({ tensor, letters: idDims[i] }));
    const isEmpty = inputs.some(({ shape }) => shape.includes(0));
    if (operands.length > 2 || isEmpty)
      return cpuKernel('Einsum')({ inputs, backend, attrs: { equation } } as never);
    return withTemporaries(backend, (keep) => {
      const order = Array.from({ length: results }, (_, letter) => letter);
      const [left, right] = operands;
      const product =
        right === undefined
          ? summed(backend, left, isResult, keep)
          : multiply(backend, left, right, isResult);
      if (right !== undefined) keep(product.tensor);
      const result = ordered(backend, product, order, keep);
      // What is kept is disposed of: the result is one reference more to it.
      return backend.share(result, result.shape);
    });
  }),
];
