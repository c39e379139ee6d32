import { subarray } from '../../../core/float-arrays.js';
import type { FloatArray } from '../../../core/types.js';
import type { Conv2dBackwardInput, Conv2dBackwardWeight, Conv2dForward } from '../../contract/arguments.js';
import { gemm } from './gemm.js';
import { Window } from './window.js';

// Convolutions as products of patches and weights (im2col): a patch has what the window of an output sees, tap by tap, the
// channels of a group for each. Mirror: native/matrix/convolution.h, convolution-weight.h and depthwise.h, which copy no
// patches. The two agree to as many units in the last place of the largest element as there are terms, plus 8.

/** Elements of a block of patches: as many outputs as fit, at most 256. */
const BLOCK = 1 << 15;
let memory = new Float64Array(BLOCK);

/** Memory for patches, which stays for the next call. */
function room(elements: number): Float64Array {
  if (memory.length < elements) memory = new Float64Array(elements);
  return memory;
}

const blockOutputs = (patch: number) => Math.max(1, Math.min(256, Math.floor(BLOCK / patch)));

/** patches = the patches of outputs [first, last) for the channels of a group: 0 where a tap meets no pixel. */
function layOut(
  window: Window,
  images: FloatArray,
  groups: number,
  channels: number,
  group: number,
  first: number,
  last: number,
  patches: Float64Array,
): void {
  const patch = window.kernelHeight * window.kernelWidth * channels;
  patches.fill(0, 0, (last - first) * patch);
  for (let output = first; output < last; output++) {
    const image = window.place(output);
    const start = (output - first) * patch;
    window.forTaps((tap, pixel) => {
      const from = ((image + pixel) * groups + group) * channels;
      const to = start + tap * channels;
      for (let c = 0; c < channels; c++) patches[to + c] = images[from + c];
    });
  }
}

/** Adds the patches of outputs [first, last) to the pixels that their taps meet. */
function addBack(
  window: Window,
  images: FloatArray,
  groups: number,
  channels: number,
  group: number,
  first: number,
  last: number,
  patches: Float64Array,
): void {
  const patch = window.kernelHeight * window.kernelWidth * channels;
  for (let output = first; output < last; output++) {
    const image = window.place(output);
    const start = (output - first) * patch;
    window.forTaps((tap, pixel) => {
      const to = ((image + pixel) * groups + group) * channels;
      const from = start + tap * channels;
      for (let c = 0; c < channels; c++) images[to + c] += patches[from + c];
    });
  }
}

/**
 * y = activation(convolution of x + bias): y[n][r][s][o] = the sum of x[n][r strideHeight + i dilationHeight - padTop]
 * [s strideWidth + j dilationWidth - padLeft][c] weight[o][i][j][c] over i, j and the `channels` of o's group, where x is 0
 * outside. x [batch, height, width, groups channels], weight [groups outChannels, kernelHeight, kernelWidth, channels],
 * y [batch, outHeight, outWidth, groups outChannels]. Activation and bias as in gemm.
 */
export const conv2dForward: Conv2dForward = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  groups,
  batch,
  channels,
  outChannels,
  activation,
  biased,
  x,
  weight,
  bias,
  y,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  const patch = kernelHeight * kernelWidth * channels;
  const outputs = batch * outHeight * outWidth;
  const rows = blockOutputs(patch);
  const patches = room(rows * patch);
  const ldy = groups * outChannels;
  for (let first = 0; first < outputs; first += rows) {
    const last = Math.min(outputs, first + rows);
    for (let group = 0; group < groups; group++) {
      const start = group * outChannels;
      layOut(window, x, groups, channels, group, first, last, patches);
      const own = subarray(weight, start * patch, (start + outChannels) * patch);
      const added = biased && bias !== null ? subarray(bias, start, start + outChannels) : null;
      const into = subarray(y, first * ldy + start, last * ldy);
      const count = last - first;
      const shape = [0, 1, count, outChannels, patch, patch, patch, ldy] as const;
      gemm(...shape, 1, 0, activation, added === null ? 0 : 1, patches, own, added, into);
    }
  }
};

/** The gradient of {@link conv2dForward} by x, without bias and activation; added to dx where `accumulate` is 1. */
export const conv2dBackwardInput: Conv2dBackwardInput = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  groups,
  batch,
  channels,
  outChannels,
  accumulate,
  weight,
  dy,
  dx,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  const patch = kernelHeight * kernelWidth * channels;
  const outputs = batch * outHeight * outWidth;
  const rows = blockOutputs(patch);
  const patches = room(rows * patch);
  const ldy = groups * outChannels;
  if (!accumulate) dx.fill(0, 0, batch * height * width * groups * channels);
  for (let first = 0; first < outputs; first += rows) {
    const last = Math.min(outputs, first + rows);
    for (let group = 0; group < groups; group++) {
      const start = group * outChannels;
      const own = subarray(weight, start * patch, (start + outChannels) * patch);
      const from = subarray(dy, first * ldy + start);
      const shape = [0, 0, last - first, patch, outChannels, ldy, patch, patch] as const;
      gemm(...shape, 1, 0, 0, 0, from, own, null, patches);
      addBack(window, dx, groups, channels, group, first, last, patches);
    }
  }
};

/** The gradient of {@link conv2dForward} by the weight, without bias and activation; added where `accumulate` is 1. */
export const conv2dBackwardWeight: Conv2dBackwardWeight = (
  height,
  width,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideHeight,
  strideWidth,
  dilationHeight,
  dilationWidth,
  padTop,
  padLeft,
  groups,
  batch,
  channels,
  outChannels,
  accumulate,
  x,
  dy,
  dWeight,
) => {
  // biome-ignore format: the order of the arguments
  const window = new Window(
    height, width, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
    dilationWidth, padTop, padLeft,
  );
  const patch = kernelHeight * kernelWidth * channels;
  const outputs = batch * outHeight * outWidth;
  const rows = blockOutputs(patch);
  const patches = room(rows * patch);
  const ldy = groups * outChannels;
  if (!accumulate) dWeight.fill(0, 0, groups * outChannels * patch);
  for (let first = 0; first < outputs; first += rows) {
    const last = Math.min(outputs, first + rows);
    for (let group = 0; group < groups; group++) {
      const start = group * outChannels;
      layOut(window, x, groups, channels, group, first, last, patches);
      const into = subarray(dWeight, start * patch, (start + outChannels) * patch);
      const from = subarray(dy, first * ldy + start);
      const shape = [1, 0, outChannels, patch, last - first, ldy, patch, patch] as const;
      gemm(...shape, 1, 1, 0, 0, from, patches, null, into);
    }
  }
};
