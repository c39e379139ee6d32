import { type Draw, few, type KernelCase, normal, read, update, wide, write } from './case.js';

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

/** Reductions, their gradients and softmax. */
export const overAxes = axes.flatMap(([outer, count, inner]): KernelCase[] => {
  const size = outer * count * inner;
  const lines = outer * inner;
  const shape = [outer, count, inner];
  return [
    ...reductions.map((kernel): KernelCase => {
      const draw = kernel === 'prod' ? nearOne : normal;
      const args = [...shape, 0.7, read(size, draw), write(lines)];
      return { kernel, args, bound: 2, relativeTo: 'element' };
    }),
    ...(['cumsum', 'cumprod'] as const).flatMap((kernel): KernelCase[] =>
      [0, 1, 2, 3].map((flags) => {
        const draw = kernel === 'cumprod' ? nearOne : normal;
        const args = [...shape, flags & 1, flags >> 1, read(size, draw), write(size)];
        return { kernel, args, bound: 0, relativeTo: 'element', inPlace: [[5, 6]] };
      }),
    ),
    ...positions.flatMap((kernel): KernelCase[] =>
      [normal, few].map((draw) => {
        const args = [...shape, read(size, draw), { length: lines, use: 'writeIntegers' } as const];
        return { kernel, args, bound: 0, relativeTo: 'element' };
      }),
    ),
    ...[1, Math.ceil(count / 3), count].flatMap((picked): KernelCase[] =>
      [0, 1].map((descending) => {
        const sizes = [outer, count, picked, inner, descending];
        const found = lines * picked;
        const args = [
          ...sizes,
          read(size, few),
          write(found),
          { length: found, use: 'writeIntegers' } as const,
        ];
        return { kernel: 'sortAlong', args, bound: 0, relativeTo: 'element' };
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
