import type {
  ConcatAttrs,
  MirrorPadAttrs,
  PackAttrs,
  PadV2Attrs,
  ReverseAttrs,
  SliceAttrs,
  SplitVAttrs,
  StridedSliceAttrs,
  TensorInfo,
  TileAttrs,
  UnpackAttrs,
} from '@tensorflow/tfjs-core';
import { copyRegion, type Region, stepsOf } from '../../array/strided.js';
import { lineOf } from '../../core/axes.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import { define, elementTypeOf, type Inputs, type Kernel, numbers } from './define.js';

// What moves elements without computing: each is a few regions of the input and of the result, between which one kernel copies.

const { backend_util, slice_util, util } = tf;

type Any = Result<'float32' | 'int32' | 'bool'>;

function emptyLike(backend: LockstepBackend, x: TensorInfo, shape: number[]): Any {
  return backend.create(shape, elementTypeOf(x));
}

function regionOf(backend: LockstepBackend, x: TensorInfo, start = 0, steps = stepsOf(x.shape)): Region {
  return { array: backend.valuesOf(elementTypeOf(x), x), start, steps };
}

const whole = ({ values, shape }: Any): Region => ({ array: values, start: 0, steps: stepsOf(shape) });

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, one, d) => sum + one * b[d], 0);

/** Indices `begin`, `begin + stride`, ... of every dimension. */
function slice(
  backend: LockstepBackend,
  x: TensorInfo,
  begin: readonly number[],
  size: number[],
  strides: readonly number[] = size.map(() => 1),
): Any {
  const out = emptyLike(backend, x, size);
  const steps = stepsOf(x.shape);
  const region = regionOf(
    backend,
    x,
    dot(begin, steps),
    steps.map((step, d) => step * strides[d]),
  );
  copyRegion(size, region, whole(out));
  return out;
}

/** The same elements under another shape, which is the only name left. */
const reshaped = ({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo => ({ dataId, dtype, shape });

/** Tensors one after the other along an axis, where their shapes differ at most. */
function concat(backend: LockstepBackend, inputs: readonly TensorInfo[], axis: number): TensorInfo {
  const shape = backend_util.computeOutShape(
    inputs.map((input) => input.shape),
    axis,
  );
  const filled = inputs.filter((input) => !input.shape.includes(0));
  if (filled.length === 1) return backend.share(filled[0], filled[0].shape);
  const out = emptyLike(backend, inputs[0], shape);
  const to = whole(out);
  let start = 0;
  for (const input of filled) {
    copyRegion(input.shape, regionOf(backend, input), { ...to, start });
    start += input.shape[axis] * to.steps[axis];
  }
  return out;
}

/** Where a dimension of a mirrored padding comes from: what is before, the dimension itself, what is behind. */
function mirrored(size: number, [before, after]: readonly [number, number], mode: 'reflect' | 'symmetric') {
  const edge = mode === 'reflect' ? 1 : 0;
  return [
    { size: before, from: before - 1 + edge, sign: -1, to: 0 },
    { size, from: 0, sign: 1, to: before },
    { size: after, from: size - 1 - edge, sign: -1, to: before + size },
  ];
}

type Parts = ReturnType<typeof mirrored>;

/** Copies each part of each dimension from `axis` on: `sizes` and starts so far are those of the dimensions before. */
function copyParts(dimensions: readonly Parts[], sizes: number[], from: Region, to: Region, axis = 0): void {
  if (axis === dimensions.length) {
    copyRegion(sizes, from, to);
    return;
  }
  const step = from.steps[axis];
  for (const part of dimensions[axis]) {
    if (part.size === 0) continue;
    sizes[axis] = part.size;
    const steps = part.sign === 1 ? from.steps : from.steps.with(axis, -step);
    copyParts(
      dimensions,
      sizes,
      { array: from.array, start: from.start + part.from * step, steps },
      { ...to, start: to.start + part.to * to.steps[axis] },
      axis + 1,
    );
  }
}

const paddedShape = (x: TensorInfo, paddings: readonly (readonly [number, number])[]) =>
  paddings.map(([before, after], d) => before + x.shape[d] + after);

export const moves: readonly Kernel[] = [
  define<Inputs<'x'>, SliceAttrs>('Slice', numbers, (backend, { x }, attrs) => {
    const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size);
    slice_util.assertParamsValid(x, begin, size);
    // As predict() takes of its input where one batch has it all.
    return util.arraysEqual(size, x.shape) ? backend.share(x, x.shape) : slice(backend, x, begin, size);
  }),
  define<Inputs<'x'>, StridedSliceAttrs>('StridedSlice', numbers, (backend, { x }, attrs) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
    const info = slice_util.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    if (info.isIdentity) return backend.share(x, info.finalShape);
    const size = slice_util.computeOutShape(info.begin, info.end, info.strides);
    return reshaped(slice(backend, x, info.begin, size, info.strides), info.finalShape);
  }),
  define<TensorInfo[], ConcatAttrs>('Concat', numbers, (backend, inputs, attrs) => {
    const [axis] = util.parseAxisParam(attrs.axis, inputs[0].shape);
    backend_util.assertParamsConsistent(
      inputs.map(({ shape }) => shape),
      axis,
    );
    return concat(backend, inputs, axis);
  }),
  define<TensorInfo[], PackAttrs>('Pack', numbers, (backend, inputs, { axis }) => {
    const [{ shape, dtype }] = inputs;
    for (const input of inputs) {
      util.assertShapesMatch(shape, input.shape, 'All tensors passed to stack must have matching shapes');
      util.assert(input.dtype === dtype, () => 'All tensors passed to stack must have matching dtypes');
    }
    const place = axis < 0 ? axis + shape.length + 1 : axis;
    const single = [...shape.slice(0, place), 1, ...shape.slice(place)];
    return concat(
      backend,
      inputs.map((input) => reshaped(input, single)),
      place,
    );
  }),
  define<Inputs<'x'>, SplitVAttrs>('SplitV', numbers, (backend, { x }, attrs) => {
    const [axis] = util.parseAxisParam(attrs.axis, x.shape);
    const sizes = backend_util.prepareSplitSize(x as never, attrs.numOrSizeSplits, axis);
    const begin = x.shape.map(() => 0);
    return sizes.map((size) => {
      const part = slice(backend, x, begin, x.shape.with(axis, size));
      begin[axis] += size;
      return part;
    });
  }),
  define<Inputs<'value'>, UnpackAttrs>('Unpack', numbers, (backend, { value }, attrs) => {
    const { shape } = value;
    const axis = attrs.axis < 0 ? attrs.axis + shape.length : attrs.axis;
    const { outer, count, inner } = lineOf(shape, axis);
    const from = regionOf(backend, value, 0, [count * inner, 1]);
    const partShape = shape.filter((_, d) => d !== axis);
    const parts: Any[] = [];
    for (let i = 0; i < count; i++) {
      const part = emptyLike(backend, value, partShape);
      copyRegion(
        [outer, inner],
        { ...from, start: i * inner },
        { array: part.values, start: 0, steps: [inner, 1] },
      );
      parts.push(part);
    }
    return parts;
  }),
  define<Inputs<'x'>, PadV2Attrs>('PadV2', numbers, (backend, { x }, { paddings, constantValue }) => {
    const out = emptyLike(backend, x, paddedShape(x, paddings));
    out.values.fill(constantValue);
    const to = whole(out);
    const start = dot(
      paddings.map(([before]) => before),
      to.steps,
    );
    copyRegion(x.shape, regionOf(backend, x), { ...to, start });
    return out;
  }),
  define<Inputs<'x'>, MirrorPadAttrs>('MirrorPad', numbers, (backend, { x }, { paddings, mode }) => {
    const out = emptyLike(backend, x, paddedShape(x, paddings));
    const parts = paddings.map((padding, d) => mirrored(x.shape[d], padding, mode));
    copyParts(parts, [...x.shape], regionOf(backend, x), whole(out));
    return out;
  }),
  define<Inputs<'x'>, TileAttrs>('Tile', numbers, (backend, { x }, { reps }) => {
    const out = emptyLike(
      backend,
      x,
      x.shape.map((size, d) => size * reps[d]),
    );
    const sizes = x.shape.flatMap((size, d) => [reps[d], size]);
    const from = regionOf(backend, x);
    const steps = from.steps.flatMap((step) => [0, step]);
    copyRegion(sizes, { ...from, steps }, { array: out.values, start: 0, steps: stepsOf(sizes) });
    return out;
  }),
  define<Inputs<'x'>, ReverseAttrs>('Reverse', numbers, (backend, { x }, { dims }) => {
    const axes = util.parseAxisParam(dims, x.shape);
    const begin = x.shape.map((size, d) => (axes.includes(d) ? size - 1 : 0));
    return slice(
      backend,
      x,
      begin,
      [...x.shape],
      x.shape.map((_, d) => (axes.includes(d) ? -1 : 1)),
    );
  }),
];
