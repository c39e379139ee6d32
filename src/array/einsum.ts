import type { Kernels } from '../backend/contract/kernels.js';
import { gemmBatched } from '../backend/named.js';
import * as atOnce from '../backend/select.js';
import { linesOf, reducedShape } from '../core/axes.js';
import { type EinsumOperations, einsumOf } from '../core/einsum.js';
import { zerosLike } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { readShape, type Shape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';
import { checkApart, checkFloats, checkSameType, checkSize, resultFor } from './operands.js';
import { permuteInto } from './transpose.js';

/** Row-major elements. */
export interface Shaped {
  readonly array: FloatArray;
  readonly shape: Shape;
}

/** Einstein's sums over arrays. @param take hands out an array for a result, of this length. */
export function einsumOperations(
  kernels: Kernels,
  take: (length: number) => FloatArray,
): EinsumOperations<Shaped> {
  const made = (shape: Shape) => ({ array: take(sizeOf(shape)), shape });
  return {
    shapeOf: ({ shape }) => shape,
    reshape: ({ array }, shape) => ({ array, shape }),
    permute({ array, shape }, axes) {
      const out = made(axes.map((axis) => shape[axis]));
      permuteInto(kernels, shape, axes, array, out.array, () => take(array.length));
      return out;
    },
    sum({ array, shape }, axes) {
      let from = array;
      for (const { outer, count, inner } of linesOf(shape, axes)) {
        const to = take(outer * inner);
        kernels.sum(outer, count, inner, 1, from, to);
        from = to;
      }
      return { array: from, shape: reducedShape(shape, axes, false) };
    },
    diagonal({ array }, rows, n) {
      const out = made([rows, n]);
      // biome-ignore format: sizes, then the start and the steps of either side
      kernels.copyStrided(1, 1, rows, n, 0, 0, 0, n * n, n + 1, 0, 0, 0, n, 1, array, out.array);
      return out;
    },
    multiply(a, b, { batch, m, n, k }, transB, shape) {
      const out = made(shape);
      // biome-ignore format: as it is read
      gemmBatched(kernels, {
        batch, transA: false, transB, m, n, k, lda: k, ldb: transB ? k : n, ldc: n, alpha: 1, beta: 0,
        strideA: m * k, strideB: k * n, strideC: m * n, a: a.array, b: b.array, c: out.array,
      });
      return out;
    },
    scale(a, b, { batch, m, n }, shape) {
      const out = made(shape);
      // a is repeated along the columns and b along the rows, where there are several.
      const layout = (n > 1 ? 4 : 0) + (m > 1 ? 8 * 2 : 0);
      kernels.mul(layout, batch, m, n, a.array, b.array, out.array);
      return out;
    },
  };
}

/** See {@link einsum}. */
export interface EinsumOptions {
  /** The shape of each array. Default: the length of each. */
  readonly shapes?: readonly Shape[];
  /** Where the result goes; it must not share memory with the arrays. Default: a new array. */
  readonly out?: FloatArray;
}

const OPTIONS: OptionNames<EinsumOptions> = { shapes: true, out: true };

/**
 * Einstein's sums, as NumPy has them: 'ij,jk->ik' is a product of matrices. A letter names a dimension: those that the result
 * lacks are summed over, '...' is as many as are left, and a letter twice in an operand is its diagonal. Without '->' the result has
 * those of '...' and then, sorted, the letters that are there once.
 *
 * Arrays are multiplied two at a time, the first ones first, as batches of products of matrices.
 * @returns `out`, or a new array.
 * @throws TypeError or RangeError naming what does not fit; nothing is then written.
 */
export function einsum(
  equation: string,
  arrays: readonly FloatArray[],
  options: EinsumOptions = {},
): FloatArray {
  checkOptions('einsum', options, OPTIONS);
  if (!Array.isArray(arrays) || arrays.length === 0) {
    throw new TypeError(`arrays must be an array of at least one array, got ${show(arrays)}`);
  }
  const { shapes, out } = options;
  if (shapes !== undefined && !(Array.isArray(shapes) && shapes.length === arrays.length)) {
    throw new RangeError(
      `shapes must have one shape for each of ${arrays.length} arrays, got ${show(shapes)}`,
    );
  }
  const operands = arrays.map((array: unknown, i): Shaped => {
    checkFloats(`arrays[${i}]`, array);
    checkSameType(`arrays[${i}]`, array, arrays[0]);
    return { array, shape: readShape(`shapes[${i}]`, shapes?.[i] ?? [array.length], 1) };
  });
  const [{ array: like }] = operands;
  if (out !== undefined) checkFloats('out', out);
  for (const [i, { array, shape }] of operands.entries()) {
    checkSize(`shapes[${i}]`, shape, array);
    if (out !== undefined) checkApart(out, `arrays[${i}]`, array);
  }
  const operations = einsumOperations(atOnce.kernels(), (length) => zerosLike(like, length));
  const { array } = einsumOf(operations, equation, operands);
  const isNew = !operands.some((operand) => operand.array === array);
  if (out === undefined) return isNew ? array : array.slice();
  resultFor(out, array.length, like).set(array);
  return out;
}
