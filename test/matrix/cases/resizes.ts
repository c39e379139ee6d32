import { type KernelCase, read, update, write } from './case.js';

// Larger and smaller, one pixel, whole multiples and not; channels around the vector lengths, more of them and more outputs
// than are worked on at once, and work for several threads.
const resizes: readonly (readonly number[])[] = [
  // batch, inHeight, inWidth, outHeight, outWidth, channels
  [1, 1, 1, 1, 1, 1],
  [2, 1, 1, 4, 5, 3],
  [2, 6, 5, 1, 1, 3],
  [3, 4, 5, 8, 10, 1],
  [2, 5, 7, 13, 11, 3],
  [2, 5, 4, 12, 9, 17],
  [1, 9, 8, 3, 3, 33],
  [1, 3, 2, 2, 5, 1100],
  [1, 2, 3, 4, 2, 600],
  [1, 3, 200, 5, 700, 1],
  [1, 4, 700, 3, 100, 3],
  [4, 32, 32, 64, 64, 8],
];

export const resized = resizes.flatMap((sizes): KernelCase[] => {
  const [batch, inHeight, inWidth, outHeight, outWidth, channels] = sizes;
  const sizeX = batch * inHeight * inWidth * channels;
  const sizeY = batch * outHeight * outWidth * channels;
  const rest = { bound: 0, relativeTo: 'element' } as const;
  return [0, 1, 2, 3].flatMap((flags) => {
    const shape = [...sizes, flags & 1, flags >> 1];
    return [
      { kernel: 'resizeBilinearForward', args: [...shape, read(sizeX), write(sizeY)], ...rest },
      { kernel: 'resizeNearestForward', args: [...shape, read(sizeX), write(sizeY)], ...rest },
      ...[0, 1].flatMap((accumulate): KernelCase[] => {
        const args = [...shape, accumulate, read(sizeY), accumulate ? update(sizeX) : write(sizeX)];
        return [
          { kernel: 'resizeBilinearBackward', args, ...rest },
          { kernel: 'resizeNearestBackward', args, ...rest },
        ];
      }),
    ] satisfies KernelCase[];
  });
});
