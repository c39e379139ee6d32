import { few, type KernelCase, normal, read, write } from './case.js';
import { binary } from './elementwise.js';

/** The length of an operand that the layout repeats: see native/matrix/layout.h. */
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

export const repeated = blocks.flatMap((sizes): KernelCase[] => {
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
  ];
});

export const permutations = (
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
