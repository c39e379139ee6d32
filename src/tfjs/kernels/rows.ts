import type {
  GatherV2Attrs,
  OneHotAttrs,
  TensorInfo,
  TransposeAttrs,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { permuteInto } from '../../array/transpose.js';
import { kernels } from '../../backend/select.js';
import { isNumberType, type NumberArray, type NumberType } from '../arrays.js';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import {
  cpuKernel,
  define,
  elementTypeOf,
  type Inputs,
  isFloat,
  isNumber,
  type Kernel,
  numbers,
} from './define.js';

const takesRows = ({ x, indices }: Inputs<'x' | 'indices'>) => isNumber(x) && isNumber(indices);
const areIndices = ({ indices }: Inputs<'indices'>) => isNumber(indices);
const takesSegments = ({ x, segmentIds }: Inputs<'x' | 'segmentIds'>) => isFloat(x) && isNumber(segmentIds);

function gather(backend: LockstepBackend, x: TensorInfo, indices: TensorInfo, attrs: GatherV2Attrs) {
  const [axis] = tf.util.parseAxisParam(attrs.axis, x.shape);
  const info = tf.backend_util.segment_util.collectGatherOpShapeInfo(
    // Shapes are all that is read of them.
    x as never,
    indices as never,
    axis,
    attrs.batchDims ?? 0,
  );
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info;
  const places = backend.valuesOf('int32', indices);
  for (const place of places) {
    tf.util.assert(
      place >= 0 && place < dimSize,
      () => `GatherV2: the index value ${place} is not in [0, ${dimSize - 1}]`,
    );
  }
  const dtype = elementTypeOf(x);
  const out = backend.create<NumberType>(outputShape, dtype);
  if (out.values.length === 0) return out;
  const source = backend.valuesOf<NumberType>(dtype, x);
  const count = places.length / batchSize;
  const [from, to] = [dimSize * sliceSize, count * sliceSize];
  if (batchSize * outerSize === 1) {
    kernels().gatherRows(count, sliceSize, dimSize, source, places, out.values);
    return out;
  }
  for (let table = 0; table < batchSize * outerSize; table++) {
    const batch = Math.floor(table / outerSize);
    kernels().gatherRows(
      count,
      sliceSize,
      dimSize,
      source.subarray(table * from, (table + 1) * from),
      places.subarray(batch * count, (batch + 1) * count),
      out.values.subarray(table * to, (table + 1) * to),
    );
  }
  return out;
}

/** x with its dimensions in this order. */
export function transposed(backend: LockstepBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const dtype = elementTypeOf(x);
  const shape = perm.map((axis) => x.shape[axis]);
  const out = backend.create(shape, dtype);
  const { length } = out.values;
  if (length === 0) return out;
  let between: NumberArray | null = null;
  const borrow = () => {
    between = backend.arrays.take(dtype, length);
    return between;
  };
  permuteInto(kernels(), x.shape, perm, backend.valuesOf(dtype, x), out.values, borrow);
  if (between !== null) backend.arrays.release(dtype, between);
  return out;
}

export const rows: readonly Kernel[] = [
  define<Inputs<'x' | 'indices'>, GatherV2Attrs>('GatherV2', takesRows, (backend, { x, indices }, attrs) =>
    gather(backend, x, indices, attrs),
  ),
  define<Inputs<'x' | 'segmentIds'>, UnsortedSegmentSumAttrs>(
    'UnsortedSegmentSum',
    takesSegments,
    (backend, inputs, attrs) => {
      const { x, segmentIds } = inputs;
      const { numSegments } = attrs;
      const places = backend.valuesOf('int32', segmentIds);
      // Rows of no segment are left out; there are none as a rule.
      if (places.some((place) => place < 0 || place >= numSegments)) {
        return cpuKernel('UnsortedSegmentSum')({ inputs, backend, attrs: { numSegments } });
      }
      const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
      const out = backend.create(shape, 'float32');
      out.values.fill(0);
      const columns = tf.util.sizeFromShape(shape.slice(1));
      kernels().scatterAddRows(
        columns,
        places.length,
        numSegments,
        backend.valuesOf('float32', x),
        places,
        out.values,
      );
      return out;
    },
  ),
  define<Inputs<'indices'>, OneHotAttrs>('OneHot', areIndices, (backend, { indices }, attrs) => {
    const { depth, onValue, offValue } = attrs;
    // Core leaves it out for whole numbers.
    const dtype = isNumberType(attrs.dtype) ? attrs.dtype : 'int32';
    const out = backend.create<NumberType>([...indices.shape, depth], dtype);
    const places = backend.valuesOf('int32', indices);
    kernels().oneHot(places.length, depth, onValue, offValue, places, out.values);
    return out;
  }),
  define<Inputs<'x'>, TransposeAttrs>('Transpose', numbers, (backend, { x }, { perm }) =>
    transposed(backend, x, perm),
  ),
];
