// What ml-matrix does, and what it does with the kernels: the same but for rounding, for all kinds of matrices, whatever the
// sizes, also where the arguments are none.
import {
  AbstractMatrix,
  Matrix,
  MatrixFlipRowView,
  MatrixSelectionView,
  MatrixSubView,
  MatrixTransposeView,
  SymmetricMatrix,
  WrapperMatrix2D,
} from 'ml-matrix';
import { PCA } from 'ml-pca';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { targets, useTarget } from '../../src/index.js';
import { accelerate, restore } from '../../src/ml-matrix/index.js';

type AnyMatrix = typeof AbstractMatrix.prototype;
type Mmul = AnyMatrix['mmul'];

const current = () => AbstractMatrix.prototype.mmul;
const ours = current();
restore();
const original = current();

beforeEach(accelerate);
afterEach(() => {
  useTarget(targets()[0]);
});

/** Numbers in [-1, 1), the same in every run. */
function numbers(rows: number, columns: number, seed = 1): number[][] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: rows }, () => Array.from({ length: columns }, next));
}

function maxDifference(a: Matrix, b: Matrix): number {
  expect([a.rows, a.columns]).toEqual([b.rows, b.columns]);
  const [x, y] = [a.to1DArray(), b.to1DArray()];
  return x.reduce(
    (most, value, i) => (Object.is(value, y[i]) ? most : Math.max(most, Math.abs(value - y[i]))),
    0,
  );
}

class Labelled extends Matrix {
  readonly label = 'mine';
}

/** A subclass whose elements are not where those of a Matrix are. */
class Doubled extends Matrix {
  override get(i: number, j: number): number {
    return 2 * super.get(i, j);
  }
}

const reversed = (count: number) => Array.from({ length: count }, (_, i) => count - 1 - i);
const wider = (rows: number, columns: number) => new Matrix(numbers(rows + 2, columns + 3));

const KINDS: Record<string, (rows: number, columns: number) => AnyMatrix> = {
  Matrix: (rows, columns) => new Matrix(numbers(rows, columns)),
  'a subclass': (rows, columns) => new Labelled(numbers(rows, columns)),
  'a subclass with a get of its own': (rows, columns) => new Doubled(numbers(rows, columns)),
  'a transposed view': (rows, columns) => new MatrixTransposeView(new Matrix(numbers(columns, rows))),
  'a part': (rows, columns) => new MatrixSubView(wider(rows, columns), 1, rows, 2, columns + 1),
  'chosen rows and columns': (rows, columns) =>
    new MatrixSelectionView(wider(rows, columns), reversed(rows), reversed(columns)),
  'rows upside down': (rows, columns) => new MatrixFlipRowView(new Matrix(numbers(rows, columns))),
  'a view of a view': (rows, columns) =>
    new MatrixSubView(new MatrixTransposeView(wider(columns, rows)), 0, rows - 1, 1, columns),
  'arrays of numbers': (rows, columns) => new WrapperMatrix2D(numbers(rows, columns)),
};
const kinds = Object.keys(KINDS);
const pairs = kinds.flatMap((left) => kinds.map((right) => [left, right] as const));

test('importing it, and accelerate(), replace mmul of all matrices; restore() undoes it', () => {
  expect(ours).not.toBe(original);
  expect(current()).toBe(ours);
  expect(Object.hasOwn(Matrix.prototype, 'mmul')).toBe(false);
  restore();
  restore();
  expect(current()).toBe(original);
});

describe('a product', () => {
  const multiply = (how: Mmul, left: AnyMatrix, right: AnyMatrix) => how.call(left, right);

  test.each(pairs)('of %s and %s is that of ml-matrix', (left, right) => {
    const [a, b] = [KINDS[left](20, 33), KINDS[right](33, 17)];
    const product = multiply(ours, a, b);
    expect(maxDifference(product, multiply(original, a, b))).toBeLessThan(1e-12);
    expect(product.constructor).toBe(Matrix);
  });

  test.each(targets())('has the same elements on %s, for all sizes', (target) => {
    useTarget(target);
    for (const [m, k, n] of [
      [1, 1, 1],
      [2, 3, 4],
      [13, 13, 13],
      [14, 14, 14],
      [13, 200, 9],
      [5, 100, 100],
      [64, 65, 66],
      [1, 100, 100],
      [100, 100, 1],
      [100, 1, 100],
      [10, 3000, 11],
    ]) {
      const [a, b] = [new Matrix(numbers(m, k)), new Matrix(numbers(k, n, 7))];
      expect(maxDifference(a.mmul(b), multiply(original, a, b))).toBeLessThan(1e-12);
    }
  });

  test('of integers is exact', () => {
    const integers = (rows: number, columns: number) =>
      new Matrix(numbers(rows, columns).map((row) => row.map((x) => Math.round(10 * x))));
    const [a, b] = [integers(30, 40), integers(40, 20)];
    expect(a.mmul(b).to2DArray()).toEqual(multiply(original, a, b).to2DArray());
  });

  test('by the identity is the matrix', () => {
    const a = new Matrix(numbers(30, 30));
    expect(a.mmul(Matrix.eye(30)).to2DArray()).toEqual(a.to2DArray());
    expect(Matrix.eye(30).mmul(a).to2DArray()).toEqual(a.to2DArray());
  });

  test('of a symmetric matrix is a Matrix', () => {
    const half = new Matrix(numbers(24, 24));
    const symmetric = new SymmetricMatrix(Matrix.add(half, half.transpose()));
    const product = symmetric.mmul(symmetric);
    expect(maxDifference(product, original.call(symmetric, symmetric))).toBeLessThan(1e-12);
    expect(product.constructor).toBe(Matrix);
  });

  test('has rows of its own, changes nothing, and may be written to', () => {
    const a = new Matrix(numbers(20, 20));
    const before = a.to2DArray();
    const square = a.mmul(a);
    square.set(0, 0, 100).addRow(square.getRow(1)).removeColumn(0);
    expect([square.rows, square.columns]).toEqual([21, 19]);
    expect(a.to2DArray()).toEqual(before);
    const { data } = a.mmul(a) as unknown as { data: Float64Array[] };
    expect(new Set(data.map(({ buffer }) => buffer)).size).toBe(20);
  });

  test('takes NaN, infinities and zeros with a sign as ml-matrix does', () => {
    const special = numbers(16, 16);
    special[0][3] = Number.NaN;
    special[1][2] = Number.POSITIVE_INFINITY;
    special[2] = special[2].map(() => -0);
    const [a, b] = [new Matrix(special), new Matrix(numbers(16, 16, 5))];
    expect(maxDifference(a.mmul(b), multiply(original, a, b))).toBeLessThan(1e-12);
    expect(maxDifference(b.mmul(a), multiply(original, b, a))).toBeLessThan(1e-12);
  });

  test('comes by way of mpow too', () => {
    const a = new Matrix(numbers(40, 40)).mul(0.2);
    const power = a.mpow(5);
    restore();
    expect(maxDifference(power, a.mpow(5))).toBeLessThan(1e-12);
  });
});

describe('arguments that are no matrices, or do not fit, do what they did', () => {
  const a = new Matrix(numbers(20, 20));
  /** What it returns or throws. */
  function outcome(how: Mmul, left: AnyMatrix, right: unknown) {
    try {
      const product = how.call(left, right as never);
      return {
        type: product.constructor,
        elements: product.to2DArray(),
        shape: [product.rows, product.columns],
      };
    } catch (error) {
      return error instanceof Error ? { type: error.constructor, message: error.message } : error;
    }
  }

  test.each<[string, AnyMatrix, unknown]>([
    ['too few rows', a, new Matrix(numbers(19, 20))],
    ['too many rows', a, new Matrix(numbers(21, 20))],
    ['a view with too few rows', a, new MatrixTransposeView(new Matrix(numbers(20, 19)))],
    ['a number', a, 3],
    ['undefined', a, undefined],
    ['null', a, null],
    ['an object', a, {}],
    ['an empty array', a, []],
    ['a vector', a, numbers(1, 20)[0]],
    ['rows of several lengths', a, [...numbers(19, 20), [1]]],
    ['text', a, Array(20).fill(Array(20).fill('1'))],
    ['no rows', new Matrix(0, 20), a],
    ['no columns', a, new Matrix(20, 0)],
    ['no terms', new Matrix(20, 0), new Matrix(0, 20)],
    ['nothing at all', new Matrix(0, 0), new Matrix(0, 0)],
  ])('%s', (_, left, right) => {
    expect(outcome(ours, left, right)).toEqual(outcome(original, left, right));
  });

  test('arrays are taken for matrices', () => {
    const rows = numbers(20, 20, 3);
    expect(maxDifference(a.mmul(rows), original.call(a, rows))).toBeLessThan(1e-12);
  });
});

describe('a PCA', () => {
  // Columns of variances that are far apart, as eigenvectors are then well determined.
  const dataset = numbers(200, 16).map((row) => row.map((x, j) => (j + 1) * x));

  test.each(['SVD', 'covarianceMatrix'] as const)('by %s is the same', (method) => {
    const results = () => {
      const pca = new PCA(dataset, { method });
      const scores = pca.predict(dataset, { nComponents: 12 });
      return [
        pca.getLoadings(),
        scores,
        pca.invert(pca.predict(dataset)),
        new Matrix([pca.getEigenvalues()]),
      ];
    };
    const withKernels = results();
    restore();
    results().forEach((matrix, i) => {
      expect(maxDifference(withKernels[i], matrix)).toBeLessThan(1e-12);
    });
  });
});
