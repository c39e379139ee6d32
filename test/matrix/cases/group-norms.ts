import { far, type KernelCase, positive, read, update, write } from './case.js';

type Sizes = readonly [batch: number, places: number, groups: number, channels: number];

// Of one chunk and of several, in groups around a vector, and more columns than a block.
const sizes: readonly Sizes[] = [
  [1, 1, 1, 1],
  [2, 3, 1, 5],
  [3, 7, 17, 1],
  [2, 65, 3, 8],
  [1, 700, 4, 16],
  [9, 600, 8, 9],
  [1, 5000, 1, 4],
  [5, 64, 3, 1],
  [2, 40, 3, 450],
  [70, 6, 2, 65],
];

export const groupNorms = sizes.flatMap((grouped): KernelCase[] => {
  const [batch, places, groups, channels] = grouped;
  const [columns, lines] = [groups * channels, batch * groups];
  const size = batch * places * columns;
  const [x, row] = [read(size), read(columns)];
  const close = { bound: 8, relativeTo: 'largest' } as const;
  // Around 10, where sums of squares would cancel.
  const away = read(size, (generator) => 10 + generator.normal());
  return [
    ...[x, away].map((input): KernelCase => {
      const outputs = [write(lines), write(lines), write(size)];
      const args = [...grouped, 1e-5, input, row, row, ...outputs];
      return { kernel: 'groupNormForward', args, ...close, inPlace: [[5, 10]] };
    }),
    ...([0, 1] as const).map((accumulate): KernelCase => {
      const dx = accumulate ? update(size) : write(size);
      const inputs = [x, row, read(lines, far), read(lines, positive), x];
      const args = [...grouped, accumulate, ...inputs, dx, write(columns), write(columns)];
      const inPlace = accumulate ? [] : ([[9, 10]] as const);
      return { kernel: 'groupNormBackward', args, ...close, inPlace };
    }),
  ];
});
