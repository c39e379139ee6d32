import type {
  AvgPoolAttrs,
  AvgPoolGradAttrs,
  backend_util,
  MaxPoolAttrs,
  MaxPoolGradAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { kernels } from '../../backend/select.js';
import type { WindowSizes } from '../../core/window-geometry.js';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import { four, windowOf } from './convolutions.js';
import { cpuKernel, define, floats, type Inputs, type Kernel } from './define.js';

function infoOf(
  x: TensorInfo,
  { filterSize, strides, pad, dimRoundingMode }: MaxPoolAttrs,
): backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(four(x.shape), filterSize, strides, 1, pad, dimRoundingMode);
}

const layoutOf = (info: backend_util.Conv2DInfo) =>
  [...windowOf(info), info.batchSize, info.inChannels] as const;

/** Whether every window is its pixel. */
const isIdentity = (info: backend_util.Conv2DInfo) =>
  info.filterWidth === 1 && info.filterHeight === 1 && tf.util.arraysEqual(info.inShape, info.outShape);

/** Up to so many elements a loop here takes less than the call of a kernel. */
const SMALL = 256;
const largest = new Float32Array(1);

/** Whether one of the largest is a NaN: then the largest of them all is one. */
function hasNaN(values: Float32Array): boolean {
  if (values.length > SMALL) {
    kernels().amax(1, values.length, 1, 1, values, largest);
    return Number.isNaN(largest[0]);
  }
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

/** The largest of each window. Where they were stays with the result, which the gradient is asked with. */
function maxPool(backend: LockstepBackend, x: TensorInfo, info: backend_util.Conv2DInfo) {
  const y = backend.create(info.outShape, 'float32');
  const positions = backend.arrays.take('int32', y.values.length);
  const layout = layoutOf(info);
  if (y.values.length > 0) {
    kernels().maxPool2dForward(...layout, backend.valuesOf('float32', x), positions, y.values);
  }
  backend.data.get(y.dataId).maxima = { window: windowOf(info), positions };
  return y;
}

/** Where the largest were, if the forward pass with these windows has left it. */
function positionsOf(backend: LockstepBackend, output: TensorInfo, window: WindowSizes): Int32Array | null {
  const { maxima } = backend.data.get(output.dataId);
  const isSame = maxima?.window.every((size, i) => size === window[i]) === true;
  return isSame ? maxima.positions : null;
}

/** The gradient of the mean of each window: that of a convolution of each channel by a constant. */
function spread(backend: LockstepBackend, dy: Float32Array, info: backend_util.Conv2DInfo, dx: Float32Array) {
  const { filterHeight, filterWidth, inChannels, batchSize } = info;
  const taps = filterHeight * filterWidth;
  const weight = backend.arrays.take('float32', inChannels * taps).fill(1 / taps);
  kernels().conv2dBackwardInput(...windowOf(info), inChannels, batchSize, 1, 1, 0, weight, dy, dx);
  backend.arrays.release('float32', weight);
}

export const pooling: readonly Kernel[] = [
  define<Inputs<'x'>, MaxPoolAttrs>('MaxPool', floats, (backend, { x }, attrs) => {
    const info = infoOf(x, attrs);
    if (isIdentity(info)) return backend.share(x, x.shape);
    const y = maxPool(backend, x, info);
    // Kernels take a NaN for the largest, TensorFlow.js does not.
    if (!hasNaN(y.values)) return y;
    backend.disposeIntermediateTensorInfo(y);
    return cpuKernel('MaxPool')({ inputs: { x }, backend, attrs: { ...attrs } });
  }),
  define<Inputs<'dy' | 'input' | 'output'>, MaxPoolGradAttrs>(
    'MaxPoolGrad',
    floats,
    (backend, inputs, attrs) => {
      const { dy, input, output } = inputs;
      const info = infoOf(input, attrs);
      const positions = positionsOf(backend, output, windowOf(info));
      if (positions === null) return cpuKernel('MaxPoolGrad')({ inputs, backend, attrs: { ...attrs } });
      const dx = backend.create(input.shape, 'float32');
      kernels().maxPool2dBackward(
        ...layoutOf(info),
        0,
        positions,
        backend.valuesOf('float32', dy),
        dx.values,
      );
      return dx;
    },
  ),
  define<Inputs<'x'>, AvgPoolAttrs>('AvgPool', floats, (backend, { x }, attrs) => {
    const info = infoOf(x, attrs);
    if (isIdentity(info)) return backend.share(x, x.shape);
    const y = backend.create(info.outShape, 'float32');
    if (y.values.length > 0) {
      kernels().avgPool2dForward(...layoutOf(info), 0, backend.valuesOf('float32', x), y.values);
    }
    return y;
  }),
  define<Inputs<'dy' | 'input'>, AvgPoolGradAttrs>('AvgPoolGrad', floats, (backend, { dy, input }, attrs) => {
    const info = infoOf(input, attrs);
    const dx = backend.create(input.shape, 'float32');
    // Forward, TensorFlow.js divides by the pixels inside of the image, going back by the size of the window.
    if (dx.values.length > 0) spread(backend, backend.valuesOf('float32', dy), info, dx.values);
    return dx;
  }),
];
