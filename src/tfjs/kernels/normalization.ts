import type { FusedBatchNormAttrs } from '@tensorflow/tfjs-core';
import { kernels } from '../../backend/select.js';
import { tf } from '../peers.js';
import { define, floats, type Inputs, type Kernel } from './define.js';

type BatchNormInputs = Inputs<'x' | 'mean' | 'variance', 'offset' | 'scale'>;

/** Whether the statistics are those of the columns, that is of channels: others are rare. */
function isByColumn(inputs: BatchNormInputs): boolean {
  const { x, mean, variance, offset, scale } = inputs;
  const columns = x.shape.at(-1);
  return (
    floats(inputs) &&
    [mean, variance, offset, scale].every(
      (one) => one == null || (one.shape.length === 1 && one.shape[0] === columns),
    )
  );
}

const DEFAULT_EPSILON = 0.001;

export const normalization: readonly Kernel[] = [
  define<BatchNormInputs, FusedBatchNormAttrs>('FusedBatchNorm', isByColumn, (backend, inputs, attrs) => {
    const { x, mean, variance, offset, scale } = inputs;
    const columns = x.shape[x.shape.length - 1];
    const y = backend.create(x.shape, 'float32');
    const ones = scale == null ? backend.arrays.take('float32', columns).fill(1) : null;
    const zeros = offset == null ? backend.arrays.take('float32', columns).fill(0) : null;
    kernels().batchNormForward(
      columns,
      tf.util.sizeFromShape(x.shape) / Math.max(columns, 1),
      // Core leaves it out where it is the default.
      attrs.varianceEpsilon ?? DEFAULT_EPSILON,
      backend.valuesOf('float32', x),
      backend.valuesOf('float32', mean),
      backend.valuesOf('float32', variance),
      ones ?? (scale == null ? new Float32Array() : backend.valuesOf('float32', scale)),
      zeros ?? (offset == null ? new Float32Array() : backend.valuesOf('float32', offset)),
      y.values,
    );
    if (ones !== null) backend.arrays.release('float32', ones);
    if (zeros !== null) backend.arrays.release('float32', zeros);
    return y;
  }),
];
