import type { ElementType } from '../core/dtypes.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkBoolean } from '../core/validate.js';
import { pool } from './engine/pool.js';

/** See {@link memory}. */
export interface MemoryOptions {
  /** Whether `peak` starts again from what is in use now, after this report. Default false. */
  readonly reset?: boolean;
}

const OPTIONS: OptionNames<MemoryOptions> = { reset: true };

/** Arrays of one element type and length. */
export interface MemorySize {
  /** 'uint8' also of masks. */
  readonly dtype: ElementType;
  readonly length: number;
  /** How many arrays are in use, and how many wait. */
  readonly inUse: number;
  readonly idle: number;
  /** Of all of them. */
  readonly bytes: number;
}

/** Where memory is, in bytes. */
export interface MemoryReport {
  /** What tensors, their gradients and what `backward()` needs hold now. */
  readonly inUse: number;
  /** What waits to be used again. */
  readonly idle: number;
  /** The most that was in use at a time, since the start or the last reset. */
  readonly peak: number;
  /** How many arrays were allocated since the start: it stands still while steps of the same sizes repeat. */
  readonly allocations: number;
  /** Those of the most bytes first. */
  readonly sizes: readonly MemorySize[];
}

/**
 * Where the memory is that the engine computes in. What users were handed (`value` of a result) is theirs and not counted, nor are
 * the values of parameters, states of optimizers and what native kernels use for themselves. What was never given back,
 * as a graph without a `backward()`, is in use until the garbage collector has been there.
 */
export function memory(options: MemoryOptions = {}): MemoryReport {
  checkOptions('memory', options, OPTIONS);
  const { reset = false } = options;
  checkBoolean('reset', reset);
  const sizes = pool
    .counts()
    .map(({ dtype, length, bytes, used, idle }) => ({
      dtype,
      length,
      inUse: used,
      idle,
      bytes: bytes * (used + idle),
    }))
    .sort((a, b) => b.bytes - a.bytes);
  const { usedBytes, idleBytes, peakBytes, allocations } = pool;
  if (reset) pool.resetPeak();
  return { inUse: usedBytes, idle: idleBytes, peak: peakBytes, allocations, sizes };
}
