import type { Kernels } from '../../src/backend/kernels.js';
import { activations } from '../../src/nn/operations/activations.js';
import type { Generator } from '../../src/nn/random.js';

export type Draw = (generator: Generator) => number;

/** A number, a float array, or an array of integers in [from, below), where `from` is 0 if not given. */
export type Argument =
  | number
  | {
      readonly length: number;
      readonly use: 'read' | 'write' | 'readAndWrite';
      readonly draw: Draw;
    }
  | { readonly length: number; readonly from?: number; readonly below: number }
  /** Whole numbers that are written. */
  | { readonly length: number; readonly use: 'writeIntegers' };

export interface KernelCase {
  readonly kernel: Exclude<keyof Kernels, 'step'>;
  readonly args: readonly Argument[];
  /** How far TypeScript and native may be apart: units in the last place of each element, or of the largest. */
  readonly bound: number;
  readonly relativeTo: 'element' | 'largest';
  /** Pairs of argument positions: the input that may be the output. */
  readonly inPlace?: readonly (readonly [input: number, output: number])[];
}

const normal: Draw = (generator) => generator.normal();
const positive: Draw = (generator) => generator.uniform() + 0.1;
/** Over the whole range of an activation, and small numbers. */
const wide: Draw = (generator) => generator.normal() * 10 ** (4 * generator.uniform() - 2);
const large: Draw = (generator) => Math.abs(wide(generator));
const read = (length: number, draw = normal) => ({ length, use: 'read', draw }) as const;
const write = (length: number) => ({ length, use: 'write', draw: normal }) as const;
const update = (length: number) => ({ length, use: 'readAndWrite', draw: normal }) as const;

// Around every vector length, and long enough for several threads.
const lengths = [1, 2, 3, 15, 16, 17, 31, 33, 63, 64, 65, 127, 4095, 4096, 4099, 70_001];
const shapes: readonly (readonly [rows: number, columns: number])[] = [
  [1, 1],
  [2, 3],
  [5, 10],
  [3, 17],
  [7, 64],
  [4, 65],
  [3, 130],
  [33, 257],
  [300, 200],
  [2000, 31],
];

/** Functions of one number, and where a draw from them makes sense. */
const unary = Object.entries(activations).map(([name, { forward, backward, reads }]) => ({
  forward,
  backward,
  draw: /^(log|sqrt|rsqrt)$/.test(name) ? large : name === 'log1p' ? positive : wide,
  // The output of a function that saturates, and that of one that does not.
  at: reads === 'output' ? positive : name === 'log1p' ? positive : wide,
}));
const withScalar = ['addScalar', 'mulScalar'] as const;
const binary = ['add', 'sub', 'mul'] as const;

const elementwise = lengths.flatMap((n): KernelCase[] => [
  ...binary.map((kernel): KernelCase => {
    const args = [n, read(n), read(n), write(n)];
    return {
      kernel,
      args,
      bound: 0,
      relativeTo: 'element',
      inPlace: [
        [1, 3],
        [2, 3],
      ],
    };
  }),
  {
    kernel: 'pow',
    args: [n, read(n, large), read(n), write(n)],
    bound: 4,
    relativeTo: 'element',
    inPlace: [
      [1, 3],
      [2, 3],
    ],
  },
  ...withScalar.map((kernel): KernelCase => {
    const args = [n, 0.1, read(n), write(n)];
    return { kernel, args, bound: 0, relativeTo: 'element', inPlace: [[2, 3]] };
  }),
  ...unary.flatMap(({ forward, backward, draw, at }): KernelCase[] => [
    {
      kernel: forward,
      args: [n, read(n, draw), write(n)],
      bound: 4,
      relativeTo: 'element',
      inPlace: [[1, 2]],
    },
    {
      kernel: backward,
      args: [n, read(n, at), read(n), write(n)],
      bound: 8,
      relativeTo: 'largest',
      inPlace: [[2, 3]],
    },
  ]),
  { kernel: 'sum', args: [1, n, 1, 1 / n, read(n), write(1)], bound: 1, relativeTo: 'element' },
  { kernel: 'squaredDistance', args: [n, 0.5, read(n), read(n), write(1)], bound: 2, relativeTo: 'element' },
]);

const matrices = shapes.flatMap(([rows, columns]): KernelCase[] => {
  const size = rows * columns;
  const x = read(size);
  const row = read(columns);
  const column = (draw = normal) => read(rows, draw);
  return [
    {
      kernel: 'addRow',
      args: [rows, columns, x, row, write(size)],
      bound: 0,
      relativeTo: 'element',
      inPlace: [[2, 4]],
    },
    { kernel: 'sumRows', args: [columns, rows, 0, x, write(columns)], bound: 0, relativeTo: 'element' },
    { kernel: 'sumRows', args: [columns, rows, 1, x, update(columns)], bound: 0, relativeTo: 'element' },
    {
      kernel: 'gatherRows',
      args: [2 * rows, columns, rows, x, { length: 2 * rows, below: rows }, write(2 * size)],
      bound: 0,
      relativeTo: 'element',
    },
    {
      kernel: 'crossEntropy',
      args: [rows, columns, 0, read(size, wide), { length: rows, below: columns }, write(rows), write(size)],
      bound: 8,
      relativeTo: 'largest',
    },
    {
      kernel: 'crossEntropy',
      args: [rows, columns, 0.1, x, { length: rows, from: -1, below: columns }, write(rows), write(size)],
      bound: 8,
      relativeTo: 'largest',
    },
    {
      kernel: 'layerNormForward',
      args: [rows, columns, 1e-5, x, row, row, write(rows), write(rows), write(size)],
      bound: 8,
      relativeTo: 'largest',
      inPlace: [[3, 8]],
    },
    ...([0, 1] as const).map((accumulate): KernelCase => {
      const dx = accumulate ? update(size) : write(size);
      const outputs = [dx, write(columns), write(columns)];
      const args = [rows, columns, accumulate, x, row, column(), column(positive), x, ...outputs];
      const inPlace = accumulate ? [] : ([[7, 8]] as const);
      return { kernel: 'layerNormBackward', args, bound: 8, relativeTo: 'largest', inPlace };
    }),
    {
      kernel: 'rmsNormForward',
      args: [rows, columns, 1e-5, x, row, write(rows), write(size)],
      bound: 8,
      relativeTo: 'largest',
      inPlace: [[3, 6]],
    },
    ...([0, 1] as const).map((accumulate): KernelCase => {
      const dx = accumulate ? update(size) : write(size);
      const args = [rows, columns, accumulate, x, row, column(positive), x, dx, write(columns)];
      const inPlace = accumulate ? [] : ([[6, 7]] as const);
      return { kernel: 'rmsNormBackward', args, bound: 8, relativeTo: 'largest', inPlace };
    }),
    {
      kernel: 'batchNormStatistics',
      args: [columns, rows, x, write(columns), write(columns)],
      bound: 2,
      relativeTo: 'largest',
    },
    {
      kernel: 'batchNormForward',
      args: [columns, rows, 1e-5, x, row, read(columns, positive), row, row, write(size)],
      bound: 8,
      relativeTo: 'largest',
      inPlace: [[3, 8]],
    },
    ...([0, 1] as const).map((training): KernelCase => {
      const inputs = [x, row, read(columns, positive), row, x];
      const args = [columns, rows, training, 1e-5, ...inputs, write(size), write(columns), write(columns)];
      return { kernel: 'batchNormBackward', args, bound: 8, relativeTo: 'largest', inPlace: [[8, 9]] };
    }),
  ];
});

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

const multiplications = products.flatMap(([m, n, k], i): KernelCase[] =>
  [0, 1, 2, 3].flatMap((trans): KernelCase[] => {
    const [transA, transB] = [trans & 1, trans >> 1];
    const [lda, ldb, ldc] = [(transA ? m : k) + (i % 3), (transB ? k : n) + (i % 2), n];
    const [sizeA, sizeB] = [(transA ? k : m) * lda, (transB ? n : k) * ldb];
    const shape = [transA, transB, m, n, k, lda, ldb, ldc, 0.75];
    const strides = [sizeA, trans === 0 ? 0 : sizeB, m * n];
    const activation = (i + trans) % 5;
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

// Along the first, a middle and the last axis; more than one chunk of rows, and of a row.
const axes: readonly (readonly [outer: number, count: number, inner: number])[] = [
  [1, 1, 1],
  [3, 1, 2],
  [2, 5, 1],
  [5, 3, 7],
  [2, 64, 1],
  [3, 130, 1],
  [1, 37, 65],
  [2, 33, 130],
  [70, 300, 1],
  [3, 9000, 1],
  [1, 70_001, 1],
  [2, 5000, 3],
  [1, 300, 257],
  [3, 40, 1100],
];

const reductions = ['sum', 'prod', 'amax', 'amin', 'norm1', 'norm2', 'normInf'] as const;
const positions = ['argmax', 'argmin'] as const;
const reductionSlopes = [
  'extremeBackward',
  'norm1Backward',
  'norm2Backward',
  'normInfBackward',
  'prodBackward',
] as const;
/** Around 1, so that products of many stay in range. */
const nearOne: Draw = (generator) => 1 + 0.01 * generator.normal();
/** Few different numbers: many elements are equal, and zero. */
const few: Draw = (generator) => generator.integer(5) - 2;

const overAxes = axes.flatMap(([outer, count, inner]): KernelCase[] => {
  const size = outer * count * inner;
  const lines = outer * inner;
  const shape = [outer, count, inner];
  return [
    ...reductions.map((kernel): KernelCase => {
      const draw = kernel === 'prod' ? nearOne : normal;
      const args = [...shape, 0.7, read(size, draw), write(lines)];
      return { kernel, args, bound: 2, relativeTo: 'element' };
    }),
    ...positions.flatMap((kernel): KernelCase[] =>
      [normal, few].map((draw) => {
        const args = [...shape, read(size, draw), { length: lines, use: 'writeIntegers' } as const];
        return { kernel, args, bound: 0, relativeTo: 'element' };
      }),
    ),
    ...([0, 1] as const).flatMap((accumulate): KernelCase[] => {
      const dx = accumulate ? update(size) : write(size);
      return [
        {
          kernel: 'sumBackward',
          args: [...shape, accumulate, 0.3, read(lines), dx],
          bound: 2,
          relativeTo: 'largest',
        },
        ...reductionSlopes.map((kernel): KernelCase => {
          const draw = kernel === 'prodBackward' ? nearOne : few;
          const args = [...shape, accumulate, read(size, draw), read(lines, few), read(lines), dx];
          return { kernel, args, bound: 8, relativeTo: 'largest' };
        }),
      ];
    }),
    ...(['softmaxForward', 'logSoftmaxForward'] as const).map((kernel): KernelCase => {
      const args = [...shape, read(size, wide), write(size)];
      return { kernel, args, bound: 8, relativeTo: 'largest', inPlace: [[3, 4]] };
    }),
    ...(['softmaxBackward', 'logSoftmaxBackward'] as const).map((kernel): KernelCase => {
      const args = [...shape, read(size), read(size), write(size)];
      return { kernel, args, bound: 8, relativeTo: 'largest', inPlace: [[4, 5]] };
    }),
  ];
});

/** Every matrix kernel with sizes around the vector lengths, and sizes that make work for several threads. */
export const cases: readonly KernelCase[] = [...elementwise, ...matrices, ...multiplications, ...overAxes];
