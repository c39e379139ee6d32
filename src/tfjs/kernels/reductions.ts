import type { ArgMaxAttrs, MaxAttrs, SoftmaxAttrs, SumAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import type { Kernels } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import { lineOf, linesOf, reducedShape } from '../../core/axes.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import { cpuKernel, define, floats, type Inputs, isFloat, type Kernel } from './define.js';

type Reducing = Extract<keyof Kernels, 'sum' | 'prod' | 'amax' | 'amin'>;

const SUMS: Readonly<Record<string, Reducing>> = { Prod: 'prod', Sum: 'sum' };
const EXTREMES: Readonly<Record<string, Reducing>> = { Max: 'amax', Min: 'amin' };
const POSITIONS = { ArgMax: 'argmax', ArgMin: 'argmin' } as const;

type Axis = number | number[] | null | undefined;

function axesOf(x: TensorInfo, axis: Axis): number[] {
  // TensorFlow.js takes none for all, which its types do not say.
  const axes = tf.util.parseAxisParam(axis ?? x.shape.map((_, d) => d), x.shape);
  return [...new Set(axes)].sort((a, b) => a - b);
}

/** alpha times the reduction of x. Axes that are not neighbours are done one after the other. */
export function reduce(
  name: Reducing,
  backend: LockstepBackend,
  x: TensorInfo,
  axes: readonly number[],
  keepDims: boolean,
  alpha = 1,
): Result<'float32'> {
  const out = backend.create(reducedShape(x.shape, axes, keepDims), 'float32');
  const lines = linesOf(x.shape, axes);
  const last = lines.length - 1;
  let from = backend.valuesOf('float32', x);
  lines.forEach(({ outer, count, inner }, i) => {
    const to = i === last ? out.values : backend.arrays.take('float32', outer * inner);
    kernels()[name](outer, count, inner, i === last ? alpha : 1, from, to);
    if (i > 0) backend.arrays.release('float32', from);
    from = to;
  });
  return out;
}

const isFilledFloat = ({ x }: Inputs<'x'>) => isFloat(x) && !x.shape.includes(0);

export const reductions: readonly Kernel[] = [
  ...Object.entries(SUMS).map(([name, own]) =>
    define<Inputs<'x'>, SumAttrs>(name, floats, (backend, { x }, { axis, keepDims }) =>
      reduce(own, backend, x, axesOf(x, axis), keepDims),
    ),
  ),
  ...Object.entries(EXTREMES).map(([name, own]) =>
    // The one calls its axes by another name than the other.
    define<Inputs<'x'>, Partial<MaxAttrs & SumAttrs>>(name, isFilledFloat, (backend, { x }, attrs) =>
      reduce(own, backend, x, axesOf(x, attrs.reductionIndices ?? attrs.axis), attrs.keepDims ?? false),
    ),
  ),
  define<Inputs<'x'>, SumAttrs>('Mean', floats, (backend, { x }, { axis, keepDims }) => {
    const axes = axesOf(x, axis);
    const count = axes.reduce((product, d) => product * x.shape[d], 1);
    return reduce('sum', backend, x, axes, keepDims, 1 / count);
  }),
  ...Object.entries(POSITIONS).map(([name, own]) =>
    define<Inputs<'x'>, ArgMaxAttrs>(name, isFilledFloat, (backend, { x }, { axis }) => {
      const [first] = tf.util.parseAxisParam(axis, x.shape);
      const { outer, count, inner } = lineOf(x.shape, first);
      const out = backend.create(reducedShape(x.shape, [first], false), 'int32');
      const values = backend.valuesOf('float32', x);
      kernels()[own](outer, count, inner, values, out.values);
      // Kernels take a NaN for the largest and the smallest, TensorFlow.js for neither.
      const isNaNAt = (place: number, i: number) => {
        const o = Math.floor(i / inner);
        return Number.isNaN(values[(o * count + place) * inner + (i - o * inner)]);
      };
      if (!out.values.some(isNaNAt)) return out;
      backend.disposeIntermediateTensorInfo(out);
      return cpuKernel(name)({ inputs: { x }, backend, attrs: { axis } });
    }),
  ),
  define<Inputs<'logits'>, SoftmaxAttrs>('Softmax', floats, (backend, { logits }, { dim }) => {
    const { shape } = logits;
    const axis = dim === -1 ? shape.length - 1 : dim;
    const { outer, count, inner } = lineOf(shape, axis);
    const out = backend.create(shape, 'float32');
    kernels().softmaxForward(outer, count, inner, backend.valuesOf('float32', logits), out.values);
    return out;
  }),
];
