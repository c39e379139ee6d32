import type { TensorInfo } from '@tensorflow/tfjs-core';
import { kernels } from '../../backend/select.js';
import type { LockstepBackend } from '../backend.js';

// TensorFlow.js has the outputs of a filter last, [height, width, inputs, outputs], kernels have them first. To either side it
// is the transposition of a matrix; of a depthwise filter, whose outputs are [inputs, multiplier], as well.

/** The order 0, 1, 3, 2 among those of four dimensions: see Permute in backend/contract/arguments.ts. */
const LAST_SWAPPED = 1;

/**
 * A filter of so many outputs with these first. It is kept with the tensor: variables get a new one when they change, so it is
 * transposed once for each version.
 */
export function filterOf(backend: LockstepBackend, filter: TensorInfo, outputs: number): Float32Array {
  const data = backend.data.get(filter.dataId);
  if (data.filter?.outputs === outputs) return data.filter.values;
  const from = backend.valuesOf('float32', filter);
  const values = backend.arrays.take('float32', from.length);
  kernels().permute(LAST_SWAPPED, 1, 1, from.length / outputs, outputs, from, values);
  backend.forgetFilter(data);
  data.filter = { outputs, values };
  return values;
}

/** What the kernels give back, with its outputs last. */
export function outputsLast(outputs: number, from: Float32Array, to: Float32Array): void {
  kernels().permute(LAST_SWAPPED, 1, 1, outputs, from.length / outputs, from, to);
}
