import { type KernelCase, read, update, write } from './case.js';

// Sizes around the tiles, for one row of tiles and several, and enough terms for two blocks.
const products: readonly (readonly [m: number, n: number, k: number])[] = [
  [1, 1, 1],
  [1, 70, 300],
  [5, 17, 9],
  [7, 33, 257],
  [13, 31, 40],
  [64, 10, 128],
  [131, 90, 70],
  [600, 40, 270],
];

export const multiplications = products.flatMap(([m, n, k], i): KernelCase[] =>
  [0, 1, 2, 3].flatMap((trans): KernelCase[] => {
    const [transA, transB] = [trans & 1, trans >> 1];
    const [lda, ldb, ldc] = [(transA ? m : k) + (i % 3), (transB ? k : n) + (i % 2), n];
    const [sizeA, sizeB] = [(transA ? k : m) * lda, (transB ? n : k) * ldb];
    const shape = [transA, transB, m, n, k, lda, ldb, ldc, 0.75];
    const strides = [sizeA, trans === 0 ? 0 : sizeB, m * n];
    const activation = (i + trans) % 7;
    return [
      {
        kernel: 'gemm',
        args: [
          ...shape,
          0.5,
          activation,
          trans === 3 ? 0 : 1,
          read(sizeA),
          read(sizeB),
          read(n),
          update(m * n),
        ],
        bound: k + 8,
        relativeTo: 'largest',
      },
      {
        kernel: 'gemmBatched',
        args: [3, ...shape, 0, ...strides, read(3 * sizeA), read(3 * sizeB), write(3 * m * n)],
        bound: k + 8,
        relativeTo: 'largest',
      },
    ];
  }),
);
