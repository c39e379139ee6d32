import type { Kernels } from '../../src/backend/kernels.js';
import { Generator } from '../../src/nn/random.js';

export type Draw = (generator: Generator) => number;

/** A number, a float array, or an array of integers in [0, below). */
export type Argument =
  | number
  | {
      readonly length: number;
      readonly use: 'read' | 'write' | 'readAndWrite';
      readonly draw: Draw;
    }
  | { readonly length: number; readonly below: number };

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
// Of its own: the numbers that the other draws give do not depend on it.
const fewGenerator = new Generator(1);
/** Zeros, equal numbers, both signs. */
const few: Draw = () => Math.round(2 * fewGenerator.normal()) / 2;
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

const unary = ['reluForward', 'tanhForward', 'sigmoidForward', 'siluForward'] as const;
const slopes = ['reluBackward', 'tanhBackward', 'sigmoidBackward', 'siluBackward'] as const;
const withScalar = ['addScalar', 'mulScalar'] as const;
const arithmetic = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const;
const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
const binary = [...arithmetic, ...comparisons] as const;

const elementwise = lengths.flatMap((n): KernelCase[] => [
  ...binary.map((kernel): KernelCase => {
    const draw = kernel === 'div' ? normal : few;
    const args = [0, 1, 1, n, read(n, draw), read(n, draw), write(n)];
    return {
      kernel,
      args,
      bound: 0,
      relativeTo: 'element',
      inPlace: [
        [4, 6],
        [5, 6],
      ],
    };
  }),
  ...withScalar.map((kernel): KernelCase => {
    const args = [n, 0.1, read(n), write(n)];
    return { kernel, args, bound: 0, relativeTo: 'element', inPlace: [[2, 3]] };
  }),
  ...unary.map((kernel): KernelCase => {
    return { kernel, args: [n, read(n, wide), write(n)], bound: 8, relativeTo: 'element', inPlace: [[1, 2]] };
  }),
  ...slopes.map((kernel): KernelCase => {
    const at = kernel === 'tanhBackward' || kernel === 'sigmoidBackward' ? positive : wide;
    return {
      kernel,
      args: [n, read(n, at), read(n), write(n)],
      bound: 8,
      relativeTo: 'largest',
      inPlace: [[2, 3]],
    };
  }),
  {
    kernel: 'clampForward',
    args: [n, -0.5, 0.7, read(n), write(n)],
    bound: 0,
    relativeTo: 'element',
    inPlace: [[3, 4]],
  },
  {
    kernel: 'clampBackward',
    args: [n, -0.5, 0.7, read(n), read(n), write(n)],
    bound: 0,
    relativeTo: 'element',
    inPlace: [[4, 5]],
  },
  // Seeds and offsets of more than 32 bits, and a first word in the middle of a block.
  ...[n % 5, 2 ** 40 + 4099].flatMap((offset): KernelCase[] => {
    const place = [n, 2 ** 52 + 12_345, offset];
    const rest = { bound: 0, relativeTo: 'element' } as const;
    return [
      { kernel: 'uniform', args: [...place, -0.25, 3.5, write(n)], ...rest },
      { kernel: 'normal', args: [...place, 0.5, 2, write(n)], ...rest },
      { kernel: 'bernoulli', args: [...place, 0.3, write(n)], ...rest },
      { kernel: 'dropout', args: [...place, 0.3, read(n), write(n)], ...rest, inPlace: [[4, 5]] },
    ];
  }),
  { kernel: 'sum', args: [n, 1 / n, read(n), write(1)], bound: 1, relativeTo: 'element' },
  { kernel: 'squaredDistance', args: [n, 0.5, read(n), read(n), write(1)], bound: 2, relativeTo: 'element' },
]);

const matrices = shapes.flatMap(([rows, columns]): KernelCase[] => {
  const size = rows * columns;
  const x = read(size);
  const row = read(columns);
  const column = (draw = normal) => read(rows, draw);
  return [
    { kernel: 'sumRows', args: [columns, rows, 0, x, write(columns)], bound: 0, relativeTo: 'element' },
    { kernel: 'sumRows', args: [columns, rows, 1, x, update(columns)], bound: 0, relativeTo: 'element' },
    {
      kernel: 'gatherRows',
      args: [2 * rows, columns, rows, x, { length: 2 * rows, below: rows }, write(2 * size)],
      bound: 0,
      relativeTo: 'element',
    },
    {
      kernel: 'scatterAddRows',
      args: [columns, 2 * rows, rows, read(2 * size), { length: 2 * rows, below: rows }, update(size)],
      bound: 0,
      relativeTo: 'element',
    },
    {
      kernel: 'crossEntropy',
      args: [rows, columns, read(size, wide), { length: rows, below: columns }, write(rows), write(size)],
      bound: 8,
      relativeTo: 'largest',
    },
    {
      kernel: 'layerNormForward',
      args: [rows, columns, 1e-5, x, row, row, write(rows), write(rows), write(size)],
      bound: 8,
      relativeTo: 'largest',
    },
    ...([0, 1] as const).map((accumulate): KernelCase => {
      const dx = accumulate ? update(size) : write(size);
      const args = [rows, columns, accumulate, x, row, column(), column(positive), x, dx];
      return { kernel: 'layerNormBackward', args, bound: 8, relativeTo: 'largest' };
    }),
    {
      kernel: 'layerNormWeightBackward',
      args: [columns, rows, x, column(), column(positive), x, write(columns), write(columns)],
      bound: 8,
      relativeTo: 'largest',
    },
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
    const strides = [3, sizeA, trans === 0 ? 0 : sizeB, m * n];
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
        args: [...shape, 0, ...strides, read(3 * sizeA), read(3 * sizeB), write(3 * m * n)],
        bound: k + 8,
        relativeTo: 'largest',
      },
    ];
  }),
);

/** The length of an operand that the layout repeats: see native/kernels.h. */
function operandLength(layout: number, operand: number, sizes: readonly number[]): number {
  return sizes.reduce((length, size, d) => ((layout >> (3 * operand + d)) & 1 ? length : length * size), 1);
}

// Around the vector lengths in each dimension; the last one makes work for several threads.
const blocks: readonly (readonly [outer: number, rows: number, columns: number])[] = [
  [1, 1, 1],
  [2, 3, 5],
  [3, 17, 16],
  [5, 2, 65],
  [1, 130, 1],
  [37, 55, 17],
];
/** Of the 512 layouts, each that repeats one operand, and some that repeat several along different dimensions. */
const layouts = [
  0o000, 0o001, 0o002, 0o004, 0o010, 0o020, 0o040, 0o100, 0o200, 0o400, 0o052, 0o525, 0o370, 0o777,
];

const repeated = blocks.flatMap((sizes): KernelCase[] => {
  const size = operandLength(0, 0, sizes);
  const rest = { bound: 0, relativeTo: 'element' } as const;
  const operands = (layout: number, count: number, draw = few) =>
    Array.from({ length: count }, (_, k) => read(operandLength(layout, k, sizes), draw));
  return [
    ...[...new Set(layouts.map((layout) => layout % 64))].flatMap((layout) =>
      binary.map((kernel): KernelCase => {
        const inputs = operands(layout, 2, kernel === 'div' ? normal : few);
        const args = [layout, ...sizes, ...inputs, write(size)];
        return { kernel, args, ...rest, inPlace: layout % 8 === 0 ? [[4, 6]] : [] };
      }),
    ),
    ...layouts.map((layout): KernelCase => {
      return { kernel: 'where', args: [layout, ...sizes, ...operands(layout, 3), write(size)], ...rest };
    }),
    ...Array.from({ length: 16 }, (_, i): KernelCase => {
      const [layout, accumulate] = [i >> 1, i & 1];
      const out = operandLength(layout, 0, sizes);
      return {
        kernel: 'sumRepeats',
        args: [layout, ...sizes, accumulate, read(size), accumulate ? update(out) : write(out)],
        ...rest,
      };
    }),
  ];
});

const permutations = (
  [
    [1, 1, 1, 1],
    [2, 3, 4, 5],
    [1, 2, 37, 65],
    [16, 1, 8, 17],
    [3, 130, 64, 3],
  ] as const
).flatMap((sizes) =>
  Array.from({ length: 24 }, (_, order): KernelCase => {
    const size = operandLength(0, 0, sizes);
    const args = [order, ...sizes, read(size), write(size)];
    return { kernel: 'permute', args, bound: 0, relativeTo: 'element' };
  }),
);

/** Every matrix kernel with sizes around the vector lengths, and sizes that make work for several threads. */
export const cases: readonly KernelCase[] = [
  ...elementwise,
  ...matrices,
  ...multiplications,
  ...repeated,
  ...permutations,
];
