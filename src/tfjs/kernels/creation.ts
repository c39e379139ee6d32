import type { ExpandDimsAttrs, FillAttrs, ReshapeAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import { anything, cpuKernel, define, type Inputs, type Kernel, numbers } from './define.js';

const { util } = tf;

function filled(backend: LockstepBackend, shape: number[], dtype: string, value: number) {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return undefined;
  const out = backend.create(shape, dtype);
  out.values.fill(value);
  return out;
}

/** What makes tensors without reading their elements. */
export const creation: readonly Kernel[] = [
  define<Inputs<'x'>>('Identity', anything, (backend, { x }) => backend.share(x, x.shape)),
  define<Inputs<'x'>, ReshapeAttrs>('Reshape', numbers, (backend, { x }, { shape }) => {
    const size = util.sizeFromShape(x.shape);
    const lengths = util.inferFromImplicitShape(shape, size);
    const wanted = util.sizeFromShape(lengths);
    util.assert(
      size === wanted,
      () => `The new shape (${lengths}) has ${wanted} elements and the old shape (${x.shape}) has ${size}.`,
    );
    return backend.share(x, lengths);
  }),
  define<Inputs<'input'>, ExpandDimsAttrs>('ExpandDims', numbers, (backend, { input }, { dim }) => {
    const rank = input.shape.length;
    util.assert(-(rank + 1) <= dim, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
    const shape = [...input.shape];
    shape.splice(dim < 0 ? rank + dim + 1 : dim, 0, 1);
    return backend.share(input, shape);
  }),
  define<object, FillAttrs>('Fill', numbers, (backend, _, attrs) => {
    const { shape, value } = attrs;
    const dtype = attrs.dtype || util.inferDtype(value);
    const out = typeof value === 'number' ? filled(backend, shape, dtype, value) : undefined;
    return out ?? cpuKernel('Fill')({ inputs: {}, backend, attrs: { shape, value, dtype } });
  }),
  define<Inputs<'x'>>('ZerosLike', numbers, (backend, { x }) => like(backend, x, 0)),
  define<Inputs<'x'>>('OnesLike', numbers, (backend, { x }) => like(backend, x, 1)),
];

function like(backend: LockstepBackend, { shape, dtype }: TensorInfo, value: number) {
  const out = filled(backend, shape, dtype, value);
  if (out === undefined) throw new Error(`tensors of ${dtype} are not made of numbers`);
  return out;
}
