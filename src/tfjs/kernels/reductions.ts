import type {
  ArgMaxAttrs,
  CumsumAttrs,
  MaxAttrs,
  SoftmaxAttrs,
  SumAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { kernels } from '../../backend/select.js';
import { type Line, lineOf, linesOf, reducedShape } from '../../core/axes.js';
import type { ArrayFor, NumberArray, NumberType } from '../arrays.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import {
  cpuKernel,
  define,
  elementTypeOf,
  entries,
  floats,
  type Inputs,
  isNumber,
  type Kernel,
} from './define.js';

const SUMS = { Prod: 'prod', Sum: 'sum' } as const;
const EXTREMES = { Max: 'amax', Min: 'amin' } as const;
const POSITIONS = { ArgMax: 'argmax', ArgMin: 'argmin' } as const;
const QUANTIFIERS = { All: 'all', Any: 'any' } as const;
const CUMULATIVE = { Cumprod: 'cumprod', Cumsum: 'cumsum' } as const;

type Axis = number | number[] | null | undefined;

/** Axes in their order, from 0 on. */
function axesOf({ shape }: TensorInfo, axis: Axis): readonly number[] {
  // TensorFlow.js takes none for all, which its types do not say.
  if (axis == null) return [...shape.keys()];
  const axes = tf.util.parseAxisParam(axis, shape);
  return axes.length < 2 ? axes : [...new Set(axes)].sort((a, b) => a - b);
}

type Reduce<T extends NumberType> = (
  outer: number,
  count: number,
  inner: number,
  x: ArrayFor<T>,
  out: ArrayFor<T>,
  isLast: boolean,
) => void;

/** x reduced along its axes: those that are not neighbours one after the other, whose results come in between. */
function reduceBy<T extends NumberType>(
  backend: LockstepBackend,
  x: ArrayFor<T>,
  shape: number[],
  dtype: T,
  axes: readonly number[],
  keepDims: boolean,
  kernel: Reduce<T>,
): Result<T> {
  if (axes.length === shape.length) {
    const whole = backend.create(keepDims ? shape.map(() => 1) : [], dtype, 1);
    kernel(1, x.length, 1, x, whole.values, true);
    return whole;
  }
  const out = backend.create(reducedShape(shape, axes, keepDims), dtype);
  if (axes.length === 1) {
    const { outer, count, inner } = lineOf(shape, axes[0]);
    kernel(outer, count, inner, x, out.values, true);
    return out;
  }
  const lines = linesOf(shape, axes);
  const last = lines.length - 1;
  let from = x;
  lines.forEach(({ outer, count, inner }, i) => {
    const to = i === last ? out.values : backend.arrays.take(dtype, outer * inner);
    kernel(outer, count, inner, from, to, i === last);
    if (i > 0) backend.arrays.release(dtype, from);
    from = to;
  });
  return out;
}

type Reducing = (typeof SUMS)[keyof typeof SUMS] | (typeof EXTREMES)[keyof typeof EXTREMES];

/** alpha times the reduction of x, in the element type of x, that of truth values being int32. */
export function reduce(
  name: Reducing,
  backend: LockstepBackend,
  x: TensorInfo,
  axes: readonly number[],
  keepDims: boolean,
  alpha = 1,
): Result<NumberType> {
  const dtype = elementTypeOf(x) === 'float32' ? 'float32' : 'int32';
  const cast = x.dtype === dtype ? null : castTo(backend, x, dtype);
  const values = cast?.values ?? backend.valuesOf<'float32' | 'int32'>(dtype, x);
  const out = reduceBy<'float32' | 'int32'>(
    backend,
    values,
    x.shape,
    dtype,
    axes,
    keepDims,
    (outer, count, inner, from, to, isLast) =>
      kernels()[name](outer, count, inner, isLast ? alpha : 1, from, to),
  );
  if (cast !== null) backend.disposeIntermediateTensorInfo(cast);
  return out;
}

/** A copy in another element type. */
export function castTo<T extends NumberType>(backend: LockstepBackend, x: TensorInfo, dtype: T): Result<T> {
  const y = backend.create(x.shape, dtype);
  kernels().cast(y.values.length, backend.valuesOf<NumberType>(elementTypeOf(x), x), y.values);
  return y;
}

/** Whether one of the places along a line of x is that of a NaN. */
function pointsAtNaN(x: NumberArray, { outer, count, inner }: Line, places: Int32Array): boolean {
  for (let o = 0, at = 0; o < outer; o++) {
    for (let c = 0; c < inner; c++, at++) {
      if (Number.isNaN(x[(o * count + places[at]) * inner + c])) return true;
    }
  }
  return false;
}

type Single = Inputs<'x'>;

const takesNumbers = ({ x }: Single) => isNumber(x);
const isMask = ({ x }: Single) => x.dtype === 'bool';
/** Not truth values, and something to find the largest of. */
const isFilled = ({ x }: Single) => isNumber(x) && x.dtype !== 'bool' && !x.shape.includes(0);

export const reductions: readonly Kernel[] = [
  ...entries(SUMS).map(([name, own]) =>
    define<Single, SumAttrs>(name, takesNumbers, (backend, { x }, { axis, keepDims }) =>
      reduce(own, backend, x, axesOf(x, axis), keepDims),
    ),
  ),
  ...entries(EXTREMES).map(([name, own]) =>
    // The one calls its axes by another name than the other.
    define<Single, Partial<MaxAttrs & SumAttrs>>(name, isFilled, (backend, { x }, attrs) =>
      reduce(own, backend, x, axesOf(x, attrs.reductionIndices ?? attrs.axis), attrs.keepDims ?? false),
    ),
  ),
  ...entries(QUANTIFIERS).map(([name, own]) =>
    define<Single, SumAttrs>(name, isMask, (backend, { x }, { axis, keepDims }) => {
      const values = backend.valuesOf('bool', x);
      return reduceBy(backend, values, x.shape, 'bool', axesOf(x, axis), keepDims, kernels()[own]);
    }),
  ),
  define<Single, SumAttrs>('Mean', takesNumbers, (backend, { x }, { axis, keepDims }) => {
    const axes = axesOf(x, axis);
    const count = axes.reduce((product, d) => product * x.shape[d], 1);
    if (x.dtype === 'float32') return reduce('sum', backend, x, axes, keepDims, 1 / count);
    const cast = castTo(backend, x, 'float32');
    const mean = reduce('sum', backend, cast, axes, keepDims, 1 / count);
    backend.disposeIntermediateTensorInfo(cast);
    return mean;
  }),
  ...entries(POSITIONS).map(([name, own]) =>
    define<Single, ArgMaxAttrs>(name, isFilled, (backend, { x }, { axis }) => {
      const [first] = tf.util.parseAxisParam(axis, x.shape);
      const { outer, count, inner } = lineOf(x.shape, first);
      const out = backend.create(reducedShape(x.shape, [first], false), 'int32');
      const values = backend.valuesOf<'float32' | 'int32'>(x.dtype === 'float32' ? 'float32' : 'int32', x);
      kernels()[own](outer, count, inner, values, out.values);
      // Kernels take a NaN for the largest and the smallest, TensorFlow.js for neither.
      if (!pointsAtNaN(values, { outer, count, inner }, out.values)) return out;
      backend.disposeIntermediateTensorInfo(out);
      return cpuKernel(name)({ inputs: { x }, backend, attrs: { axis } });
    }),
  ),
  ...entries(CUMULATIVE).map(([name, own]) =>
    define<Single, CumsumAttrs>(name, floats, (backend, { x }, { axis, exclusive, reverse }) => {
      const [first] = tf.util.parseAxisParam(axis, x.shape);
      const { outer, count, inner } = lineOf(x.shape, first);
      const out = backend.create(x.shape, 'float32');
      const values = backend.valuesOf('float32', x);
      kernels()[own](outer, count, inner, Number(exclusive), Number(reverse), values, out.values);
      return out;
    }),
  ),
  define<Inputs<'logits'>, SoftmaxAttrs>('Softmax', floats, (backend, { logits }, { dim }) => {
    const { shape } = logits;
    const { outer, count, inner } = lineOf(shape, dim === -1 ? shape.length - 1 : dim);
    const out = backend.create(shape, 'float32');
    kernels().softmaxForward(outer, count, inner, backend.valuesOf('float32', logits), out.values);
    return out;
  }),
];
