import type {
  backend_util,
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  DepthwiseConv2dNativeAttrs,
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInputAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { ACTIVATIONS } from '../../backend/contract/activations.js';
import { kernels } from '../../backend/select.js';
import type { WindowSizes } from '../../core/window-geometry.js';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import { cpuKernel, define, floats, type Inputs, type Kernel } from './define.js';
import { filterOf, outputsLast } from './filters.js';
import { type FusedAttrs, type FusedInputs, finish, planOf } from './fused.js';

const { computeConv2DInfo } = tf.backend_util;

type Info = backend_util.Conv2DInfo;
type Shape4 = [number, number, number, number];

/** A shape that the operation has checked to be of four dimensions. */
export const four = ([a, b, c, d]: readonly number[]): Shape4 => [a, b, c, d];

/** Where the windows lie, as kernels take it. */
export function windowOf(info: Info): WindowSizes {
  // biome-ignore format: in pairs
  return [
    info.inHeight, info.inWidth, info.outHeight, info.outWidth, info.filterHeight, info.filterWidth,
    info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth, info.padInfo.top,
    info.padInfo.left,
  ];
}

/** The arguments that all convolutions begin with: one convolution for each channel where it is depthwise. */
function layoutOf(info: Info, isDepthwise: boolean) {
  const { batchSize, inChannels, outChannels } = info;
  const groups = isDepthwise ? inChannels : 1;
  return [...windowOf(info), groups, batchSize, inChannels / groups, outChannels / groups] as const;
}

interface Format {
  readonly dataFormat?: string | null;
}

/** Images with their channels last: kernels know no others. */
const takesImages = (inputs: object, { dataFormat }: Format) => floats(inputs) && dataFormat !== 'NCHW';

function convolve(
  backend: LockstepBackend,
  inputs: FusedInputs<'x' | 'filter'>,
  info: Info,
  isDepthwise: boolean,
  attrs: FusedAttrs,
): TensorInfo {
  const y = backend.create(info.outShape, 'float32');
  const plan = planOf(backend, info.outChannels, inputs, attrs);
  const { bias, activation } = plan;
  if (y.values.length > 0) {
    kernels().conv2dForward(
      ...layoutOf(info, isDepthwise),
      ACTIVATIONS.indexOf(activation),
      bias === null ? 0 : 1,
      backend.valuesOf('float32', inputs.x),
      filterOf(backend, inputs.filter, info.outChannels),
      bias,
      y.values,
    );
  }
  return finish(backend, y, plan, inputs, attrs);
}

function convolutionInfo(x: TensorInfo, filter: TensorInfo, attrs: Conv2DAttrs): Info {
  const { strides, pad, dilations, dimRoundingMode } = attrs;
  return computeConv2DInfo(four(x.shape), four(filter.shape), strides, dilations, pad, dimRoundingMode);
}

function depthwiseInfo(x: TensorInfo, filter: TensorInfo, attrs: DepthwiseConv2dNativeAttrs): Info {
  const { strides, pad, dimRoundingMode } = attrs;
  // Core leaves them out where they are 1.
  const dilations = attrs.dilations ?? [1, 1];
  tf.util.assert(
    tf.backend_util.eitherStridesOrDilationsAreOne(strides, dilations),
    () =>
      'Error in depthwiseConv2d: Either strides or dilations must be 1. ' +
      `Got strides ${strides} and dilations '${dilations}'`,
  );
  return computeConv2DInfo(four(x.shape), four(filter.shape), strides, dilations, pad, dimRoundingMode, true);
}

function backwardInput(
  backend: LockstepBackend,
  { dy, filter }: Inputs<'dy' | 'filter'>,
  info: Info,
  isDepthwise: boolean,
) {
  const dx = backend.create(info.inShape, 'float32');
  if (dx.values.length > 0) {
    kernels().conv2dBackwardInput(
      ...layoutOf(info, isDepthwise),
      0,
      filterOf(backend, filter, info.outChannels),
      backend.valuesOf('float32', dy),
      dx.values,
    );
  }
  return dx;
}

function backwardFilter(
  backend: LockstepBackend,
  { x, dy }: Inputs<'x' | 'dy'>,
  info: Info,
  isDepthwise: boolean,
) {
  const dFilter = backend.create(info.filterShape, 'float32');
  const own = backend.arrays.take('float32', dFilter.values.length);
  if (own.length > 0) {
    kernels().conv2dBackwardWeight(
      ...layoutOf(info, isDepthwise),
      0,
      backend.valuesOf('float32', x),
      backend.valuesOf('float32', dy),
      own,
    );
    outputsLast(info.outChannels, own, dFilter.values);
  }
  backend.arrays.release('float32', own);
  return dFilter;
}

export const convolutions: readonly Kernel[] = [
  define<Inputs<'x' | 'filter'>, Conv2DAttrs>('Conv2D', takesImages, (backend, inputs, attrs) =>
    convolve(backend, inputs, convolutionInfo(inputs.x, inputs.filter, attrs), false, {}),
  ),
  define<FusedInputs<'x' | 'filter'>, Conv2DAttrs & FusedAttrs>(
    'FusedConv2D',
    takesImages,
    (backend, inputs, attrs) =>
      convolve(backend, inputs, convolutionInfo(inputs.x, inputs.filter, attrs), false, attrs),
  ),
  define<Inputs<'dy' | 'filter'>, Conv2DBackpropInputAttrs>(
    'Conv2DBackpropInput',
    takesImages,
    (backend, inputs, attrs) => {
      const { inputShape, strides, pad, dimRoundingMode } = attrs;
      const filterShape = four(inputs.filter.shape);
      const info = computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, false);
      // A transposed convolution may be asked for fewer outputs than its input has windows.
      if (!tf.util.arraysEqual(inputs.dy.shape, info.outShape)) {
        return cpuKernel('Conv2DBackpropInput')({ inputs, backend, attrs: { ...attrs } });
      }
      return backwardInput(backend, inputs, info, false);
    },
  ),
  define<Inputs<'x' | 'dy'>, Conv2DBackpropFilterAttrs>(
    'Conv2DBackpropFilter',
    takesImages,
    (backend, inputs, { filterShape, strides, pad, dimRoundingMode }) => {
      const info = computeConv2DInfo(
        four(inputs.x.shape),
        filterShape,
        strides,
        1,
        pad,
        dimRoundingMode,
        false,
      );
      return backwardFilter(backend, inputs, info, false);
    },
  ),
  define<Inputs<'x' | 'filter'>, DepthwiseConv2dNativeAttrs>(
    'DepthwiseConv2dNative',
    takesImages,
    (backend, inputs, attrs) =>
      convolve(backend, inputs, depthwiseInfo(inputs.x, inputs.filter, attrs), true, {}),
  ),
  define<FusedInputs<'x' | 'filter'>, DepthwiseConv2dNativeAttrs & FusedAttrs>(
    'FusedDepthwiseConv2D',
    takesImages,
    (backend, inputs, attrs) =>
      convolve(backend, inputs, depthwiseInfo(inputs.x, inputs.filter, attrs), true, attrs),
  ),
  define<Inputs<'dy' | 'filter'>, DepthwiseConv2dNativeBackpropInputAttrs>(
    'DepthwiseConv2dNativeBackpropInput',
    floats,
    (backend, inputs, { inputShape, strides, dilations, pad, dimRoundingMode }) => {
      const filterShape = four(inputs.filter.shape);
      const info = computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode, true);
      return backwardInput(backend, inputs, info, true);
    },
  ),
  define<Inputs<'x' | 'dy'>, DepthwiseConv2dNativeBackpropFilterAttrs>(
    'DepthwiseConv2dNativeBackpropFilter',
    floats,
    (backend, inputs, { filterShape, strides, dilations, pad, dimRoundingMode }) => {
      const shape = four(inputs.x.shape);
      const info = computeConv2DInfo(shape, filterShape, strides, dilations, pad, dimRoundingMode, true);
      return backwardFilter(backend, inputs, info, true);
    },
  ),
];
