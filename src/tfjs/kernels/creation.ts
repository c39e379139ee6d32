import type { FillAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import { cpuKernel, define, type Inputs, type Kernel, numbers } from './define.js';

const { util } = tf;

function filled(backend: LockstepBackend, shape: number[], dtype: string, value: number) {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return undefined;
  const out = backend.create(shape, dtype);
  out.values.fill(value);
  return out;
}

/** What makes tensors without reading their elements. What only gives another name to one is the cpu backend's. */
export const creation: readonly Kernel[] = [
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
