import { fill, kernels } from '../../backend/stream.js';
import type { Line } from '../../core/axes.js';
import type { Shape } from '../../core/shapes.js';
import { contribute, record, takeElements } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { elementsOf, type Tensor } from '../engine/tensor.js';

/** See {@link pickAlong}. */
interface PickAlongOptions {
  readonly name: string;
  /** Of the result. */
  readonly shape: Shape;
  /** Whether the indices are the same for all lines: one for each element of a line of the result. Default false. */
  readonly shared?: boolean;
  /** Arrays of the pool that hold the indices. Default: none. */
  readonly saved?: readonly Int32Array[];
  /** Indices that were not checked are checked by the kernel; this is called where it refuses them, and names the wrong one. */
  readonly refused?: (() => unknown) | undefined;
}

/**
 * Elements of x at indices along an axis, in their order. Gradients are added up where an index is there twice.
 * @param indices each checked to be below the length of the axis, or by `refused`; nobody writes to them any more.
 */
export function pickAlong(
  x: Tensor,
  { outer, count, inner }: Line,
  indices: Int32Array,
  { name, shape, shared = false, saved = [], refused }: PickAlongOptions,
): Tensor {
  const picked = shared ? indices.length : indices.length / (outer * inner);
  const flag = Number(shared);
  const out = takeElements(x, outer * picked * inner);
  try {
    kernels().gatherAlong(outer, count, picked, inner, flag, elementsOf(x), indices, out);
  } catch (error) {
    refused?.();
    throw error;
  }
  return record({ name, shape, out, inputs: [x], saved }, (gradient) => {
    contribute(x, (into, accumulate) => {
      if (!accumulate) fill(into, 0);
      kernels().scatterAddAlong(outer, count, picked, inner, flag, gradient, indices, into);
    });
    pool.release(gradient);
  });
}
