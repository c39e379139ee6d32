import { few, type KernelCase, read, update, write } from './case.js';

interface Geometry {
  readonly image: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly stride?: readonly [height: number, width: number];
  readonly dilation?: readonly [height: number, width: number];
  /** Above and to the left, and as much below and to the right. */
  readonly pad?: readonly [height: number, width: number];
  readonly batch: number;
}

interface Channels {
  readonly groups?: number;
  readonly channels: number;
  readonly outChannels: number;
}

/** The twelve sizes of a window, and how many outputs there are. */
function sizesOf({ image, kernel, stride = [1, 1], dilation = [1, 1], pad = [0, 0], batch }: Geometry) {
  const out = image.map((size, d) =>
    Math.floor((size + 2 * pad[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d] + 1),
  );
  const sizes = [...image, ...out, ...kernel, ...stride, ...dilation, ...pad];
  return { sizes, inputs: batch * image[0] * image[1], outputs: batch * out[0] * out[1] };
}

// Around the tiles, with and without padding, in groups, channel by channel, and with work for several threads.
const convolved: readonly (Geometry & Channels)[] = [
  { image: [1, 1], kernel: [1, 1], batch: 1, channels: 1, outChannels: 1 },
  { image: [5, 4], kernel: [1, 1], batch: 2, channels: 19, outChannels: 18 },
  { image: [9, 7], kernel: [3, 3], pad: [1, 1], batch: 3, channels: 1, outChannels: 17 },
  { image: [8, 9], kernel: [3, 2], stride: [2, 3], pad: [1, 0], batch: 2, channels: 3, outChannels: 5 },
  { image: [7, 9], kernel: [3, 3], dilation: [2, 3], pad: [2, 3], batch: 2, channels: 4, outChannels: 33 },
  { image: [6, 5], kernel: [3, 3], pad: [1, 2], batch: 2, groups: 3, channels: 2, outChannels: 4 },
  { image: [6, 5], kernel: [1, 1], batch: 2, groups: 2, channels: 9, outChannels: 3 },
  {
    image: [5, 5],
    kernel: [3, 3],
    dilation: [1, 2],
    pad: [4, 4],
    batch: 1,
    groups: 2,
    channels: 1,
    outChannels: 2,
  },
  {
    image: [9, 8],
    kernel: [3, 3],
    stride: [2, 2],
    pad: [1, 1],
    batch: 2,
    groups: 35,
    channels: 1,
    outChannels: 1,
  },
  { image: [16, 17], kernel: [5, 3], pad: [2, 1], batch: 5, groups: 67, channels: 1, outChannels: 1 },
  { image: [17, 19], kernel: [3, 3], pad: [1, 1], batch: 7, channels: 32, outChannels: 34 },
  { image: [20, 20], kernel: [3, 3], pad: [1, 1], batch: 9, channels: 3, outChannels: 40 },
  { image: [6, 6], kernel: [2, 2], batch: 5, channels: 128, outChannels: 70 },
  // More terms in a row of the window, more in a pixel, and more outputs in a row than a block has.
  { image: [3, 300], kernel: [3, 3], pad: [1, 1], batch: 1, channels: 110, outChannels: 5 },
  { image: [4, 3], kernel: [2, 2], batch: 2, groups: 2, channels: 330, outChannels: 3 },
  ...everyStep(),
];

/** Every stride with every dilation: taps that meet no output, outputs that meet no pixel, kernels smaller than the stride. */
function everyStep(): (Geometry & Channels)[] {
  const dimensions = [1, 2, 3, 4].flatMap((kernel) =>
    [1, 2, 3, 4].flatMap((stride) =>
      [1, 2, 3].flatMap((dilation) => [0, 1, 5].map((pad) => ({ kernel, stride, dilation, pad }))),
    ),
  );
  return dimensions.map((down, i) => {
    // Coprime to their number: every one meets another.
    const across = dimensions[(i * 35 + 7) % dimensions.length];
    return {
      image: [11, 10],
      kernel: [down.kernel, across.kernel],
      stride: [down.stride, across.stride],
      dilation: [down.dilation, across.dilation],
      pad: [down.pad, across.pad],
      batch: 2,
      groups: 1 + (i % 2),
      channels: 2,
      outChannels: 3,
    };
  });
}

export const convolutions = convolved.flatMap((geometry, i): KernelCase[] => {
  const { batch, groups = 1, channels, outChannels } = geometry;
  const { sizes, inputs, outputs } = sizesOf(geometry);
  const [sizeX, sizeY] = [inputs * groups * channels, outputs * groups * outChannels];
  const terms = geometry.kernel[0] * geometry.kernel[1] * channels;
  const weight = groups * outChannels * terms;
  const shape = [...sizes, groups, batch, channels, outChannels];
  const rest = { relativeTo: 'largest' } as const;
  return [
    ...[0, 1].map((biased): KernelCase => {
      const bias = read(groups * outChannels);
      const args = [...shape, (i + biased) % 7, biased, read(sizeX), read(weight), bias, write(sizeY)];
      return { kernel: 'conv2dForward', args, bound: terms + 8, ...rest };
    }),
    ...[0, 1].flatMap((accumulate): KernelCase[] => {
      const into = accumulate ? update : write;
      const input = [...shape, accumulate, read(weight), read(sizeY), into(sizeX)];
      const weights = [...shape, accumulate, read(sizeX), read(sizeY), into(weight)];
      return [
        { kernel: 'conv2dBackwardInput', args: input, bound: (terms * outChannels) / channels + 8, ...rest },
        { kernel: 'conv2dBackwardWeight', args: weights, bound: outputs + 8, ...rest },
      ];
    }),
  ];
});

const pooled: readonly (Geometry & { readonly channels: number })[] = [
  { image: [1, 1], kernel: [1, 1], batch: 1, channels: 1 },
  { image: [6, 7], kernel: [2, 2], stride: [2, 2], batch: 3, channels: 5 },
  { image: [7, 6], kernel: [3, 2], stride: [2, 1], pad: [1, 1], batch: 2, channels: 17 },
  { image: [9, 9], kernel: [3, 3], dilation: [2, 3], pad: [1, 1], batch: 2, channels: 33 },
  { image: [28, 28], kernel: [2, 2], stride: [2, 2], batch: 9, channels: 32 },
];

export const pools = pooled.flatMap((geometry): KernelCase[] => {
  const { batch, channels } = geometry;
  const { sizes, inputs, outputs } = sizesOf(geometry);
  const [sizeX, sizeY] = [inputs * channels, outputs * channels];
  const shape = [...sizes, batch, channels];
  const positions = { length: sizeY, use: 'writeIntegers' } as const;
  const bound = geometry.kernel[0] * geometry.kernel[1] + 2;
  return [
    {
      kernel: 'maxPool2d',
      args: [...shape, read(sizeX, few), write(sizeY)],
      bound: 0,
      relativeTo: 'element',
    },
    {
      kernel: 'maxPool2dForward',
      args: [...shape, read(sizeX, few), positions, write(sizeY)],
      bound: 0,
      relativeTo: 'element',
    },
    ...[0, 1].flatMap((flag): KernelCase[] => {
      const into = flag ? update : write;
      const drawn = { length: sizeY, from: -1, below: sizes[0] * sizes[1] };
      return [
        {
          kernel: 'maxPool2dBackward',
          args: [...shape, flag, drawn, read(sizeY), into(sizeX)],
          bound: 0,
          relativeTo: 'element',
        },
        {
          kernel: 'avgPool2dForward',
          args: [...shape, flag, read(sizeX), write(sizeY)],
          bound,
          relativeTo: 'largest',
        },
        ...[0, 1].map((countIncludePad): KernelCase => {
          const args = [...shape, countIncludePad, flag, read(sizeY), into(sizeX)];
          return { kernel: 'avgPool2dBackward', args, bound, relativeTo: 'largest' };
        }),
      ];
    }),
  ];
});
