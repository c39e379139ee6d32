import { alignedZeros } from '../../backend/memory.js';
import type { DType } from '../../core/dtypes.js';
import { subarray } from '../../core/float-arrays.js';
import type { FloatArray } from '../../core/types.js';
import { floatTypeOf } from '../../nn/engine/tensor.js';
import type { Tensor } from '../../nn/index.js';

/** Elements of a line of the cache: every parameter begins on one. */
const LINE = 16;

/** Where the gradient of a parameter is. */
export interface Slot {
  readonly tensor: Tensor;
  /** Of the parameter among all. */
  readonly index: number;
  readonly begin: number;
  readonly end: number;
}

/** Parameters whose gradients lie one behind the other, and are communicated together. */
export interface Bucket {
  readonly label: string;
  readonly dtype: DType;
  readonly length: number;
  readonly slots: readonly Slot[];
}

/** So that the first is sent long before the last is complete, there are about so many; but not of less than a megabyte. */
const BUCKETS = 8;
const LEAST_BYTES = 2 ** 20;

/**
 * Parameters in buckets of at most so many bytes, or of one parameter. The last one comes first: its gradient is the first that is
 * complete.
 */
export function bucketsOf(tensors: readonly Tensor[], mostBytes: number): Bucket[] {
  const all = tensors.reduce((sum, { size, dtype }) => sum + size * (dtype === 'float32' ? 4 : 8), 0);
  const bytes = Math.min(mostBytes, Math.max(LEAST_BYTES, all / BUCKETS));
  const buckets: (Bucket & { length: number; slots: Slot[] })[] = [];
  for (let index = tensors.length - 1; index >= 0; index--) {
    const tensor = tensors[index];
    const dtype = floatTypeOf(tensor);
    const size = Math.ceil(tensor.size / LINE) * LINE;
    const most = bytes / (dtype === 'float32' ? 4 : 8);
    let bucket = buckets.at(-1);
    if (bucket === undefined || bucket.dtype !== dtype || bucket.length + size > most) {
      bucket = { label: `bucket ${buckets.length} of gradients`, dtype, length: 0, slots: [] };
      buckets.push(bucket);
    }
    bucket.slots.push({ tensor, index, begin: bucket.length, end: bucket.length + tensor.size });
    bucket.length += size;
  }
  return buckets;
}

/** Memory for the gradients of a bucket. */
export interface BucketMemory {
  readonly all: FloatArray;
  /** By the places of its slots. */
  readonly parts: readonly FloatArray[];
}

export function memoryOf({ dtype, length, slots }: Bucket): BucketMemory {
  const all = alignedZeros(dtype, length);
  return { all, parts: slots.map(({ begin, end }) => subarray(all, begin, end)) };
}
