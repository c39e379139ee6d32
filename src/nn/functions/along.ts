import { fill, kernels } from '../../backend/stream.js';
import type { Line } from '../../core/axes.js';
import type { Shape } from '../../core/shapes.js';
import type { ElementArray } from '../../core/types.js';
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
export function pickAlong(x: Tensor, line: Line, indices: Int32Array, options: PickAlongOptions): Tensor {
  const { outer, count, inner } = line;
  const picked = pickedOf(line, indices, options);
  const out = takeElements(x, outer * picked * inner);
  const flag = Number(options.shared === true);
  try {
    kernels().gatherAlong(outer, count, picked, inner, flag, elementsOf(x), indices, out);
  } catch (error) {
    pool.release(out);
    options.refused?.();
    throw error;
  }
  return recordPicked(x, line, indices, out, options);
}

/** The tensor of what {@link pickAlong} gives, which is in `out`. */
export function recordPicked(
  x: Tensor,
  line: Line,
  indices: Int32Array,
  out: ElementArray,
  options: PickAlongOptions,
): Tensor {
  const { outer, count, inner } = line;
  const { name, shape, shared = false, saved = [] } = options;
  return record({ name, shape, out, inputs: [x], saved }, (gradient) => {
    contribute(x, (into, accumulate) => {
      if (!accumulate) fill(into, 0);
      const picked = pickedOf(line, indices, options);
      kernels().scatterAddAlong(outer, count, picked, inner, Number(shared), gradient, indices, into);
    });
    pool.release(gradient);
  });
}

/** How many of each line. */
function pickedOf({ outer, inner }: Line, indices: Int32Array, { shared = false }: PickAlongOptions): number {
  return shared ? indices.length : indices.length / (outer * inner);
}
