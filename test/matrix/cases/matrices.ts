import { type Draw, far, type KernelCase, normal, positive, read, update, wide, write } from './case.js';

// More rows than a chunk of sums, and columns around the lanes of one.
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

/** In (0, 1), as a gate is. */
const share: Draw = (generator) => generator.uniform();

/** Sequences of 1 to `columns` steps, some too short for their targets. */
function ctc(rows: number, columns: number): KernelCase {
  const [batch, steps, classes, longest] = [
    Math.min(rows, 7),
    Math.min(columns, 40),
    5,
    Math.min(columns, 11),
  ];
  const size = steps * batch * classes;
  const integers = { length: batch, from: 1, below: steps + 1 };
  const targets = { length: batch * longest, from: rows % 2 === 0 ? 1 : -1, below: classes };
  const flags = [rows % 2, 1, 1];
  return {
    kernel: 'ctcLosses',
    args: [
      batch,
      steps,
      classes,
      longest,
      0,
      ...flags,
      read(size),
      integers,
      targets,
      write(batch),
      write(size),
    ],
    bound: 64,
    relativeTo: 'largest',
  };
}

/** The gates of recurrent layers: their sums, which may cancel where there are two, and their values, all above 0 here. */
function recurrent(rows: number, columns: number): KernelCase[] {
  const size = rows * columns;
  const x = read(size);
  const sums = (gates: number, draw = wide) => ({ ...update(gates * size), draw });
  const values = (gates: number) => ({ ...update(gates * size), draw: share });
  const cases: Pick<KernelCase, 'kernel' | 'args'>[] = [
    { kernel: 'lstmForward', args: [rows, columns, x, sums(4), write(size), write(size)] },
    { kernel: 'lstmBackward', args: [rows, columns, x, x, x, x, values(4), update(size)] },
    { kernel: 'gruForward', args: [rows, columns, x, read(3 * size), sums(3, normal), write(size)] },
    { kernel: 'gruBackward', args: [rows, columns, x, x, values(3), update(3 * size), update(size)] },
  ];
  return cases.map((one) => ({ ...one, bound: 8, relativeTo: 'largest' }));
}

/** Kernels that go over the rows, or down the columns, of a matrix. */
export const matrices = shapes.flatMap(([rows, columns]): KernelCase[] => {
  const size = rows * columns;
  const x = read(size);
  const row = read(columns);
  const column = (draw = normal) => read(rows, draw);
  return [
    {
      kernel: 'gatherRows',
      args: [2 * rows, columns, rows, x, { length: 2 * rows, below: rows }, write(2 * size)],
      bound: 0,
      relativeTo: 'element',
    },
    ...[0, 1].flatMap((shared): KernelCase[] => {
      // The axis is the rows of one matrix, or the columns.
      const sides = [
        [1, rows, 2 * rows, columns],
        [rows, columns, 3, 1],
      ] as const;
      return sides.flatMap(([outer, count, picked, inner]): KernelCase[] => {
        const many = outer * picked * inner;
        const indices = { length: shared ? picked : many, below: count };
        const sizes = [outer, count, picked, inner, shared];
        return [
          {
            kernel: 'gatherAlong',
            args: [...sizes, x, indices, write(many)],
            bound: 0,
            relativeTo: 'element',
          },
          {
            kernel: 'scatterAddAlong',
            args: [...sizes, read(many), indices, update(size)],
            bound: 0,
            relativeTo: 'element',
          },
        ];
      });
    }),
    ...[-2, 0, 3].flatMap((diagonal) =>
      [0, 1].map((upper): KernelCase => {
        return {
          kernel: 'triangle',
          args: [1, rows, columns, upper, diagonal, x, write(size)],
          bound: 0,
          relativeTo: 'element',
          inPlace: [[5, 6]],
        };
      }),
    ),
    {
      kernel: 'scatterAddRows',
      args: [columns, 2 * rows, rows, read(2 * size), { length: 2 * rows, below: rows }, update(size)],
      bound: 0,
      relativeTo: 'element',
    },
    {
      kernel: 'scatterRows',
      args: [columns, 2 * rows, rows, read(2 * size), { length: 2 * rows, below: rows }, update(size)],
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
    ctc(rows, columns),
    ...recurrent(rows, columns),
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
      const args = [rows, columns, accumulate, x, row, column(far), column(positive), x, ...outputs];
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
