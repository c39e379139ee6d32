import { copy, kernels } from '../../backend/stream.js';
import type { FloatArray } from '../../core/types.js';
import { checkAtLeast } from '../../core/validate.js';
import { written } from '../../core/written.js';
import { takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, type Tensor } from '../engine/tensor.js';
import type { ColumnStatistics } from '../functions/normalization.js';

// The means and variances that a normalisation learns in training and uses in evaluation.

/** @throws TypeError or RangeError where this is no share by which running statistics move. */
export function checkMomentum(momentum: unknown): asserts momentum is number {
  checkAtLeast('momentum', momentum, 0);
  if (momentum > 1) throw new RangeError(`momentum must be in [0, 1], got ${momentum}`);
}

/** What moves running statistics, in the place of {@link moveTowards}. */
export type Mover = (running: Tensor, of: FloatArray, momentum: number, factor: number) => void;

let mover: Mover | null = null;

/** Runs `fn`, which must be synchronous, and has `move` do what is to be done with statistics. */
export function withMover<Result>(move: Mover | null, fn: () => Result): Result {
  const outer = mover;
  mover = move;
  try {
    return fn();
  } finally {
    mover = outer;
  }
}

/** running = (1 - momentum) running + momentum factor of */
export function moveTowards(running: Tensor, of: FloatArray, momentum: number, factor = 1): void {
  if (mover !== null) {
    mover(running, of, momentum, factor);
    return;
  }
  running[written]();
  const [array, part, { length }] = [arrayOf(running), takeLike(running), of];
  kernels().mulScalar(length, momentum * factor, of, part);
  kernels().mulScalar(length, 1 - momentum, array, array);
  kernels().add(0, 1, 1, length, array, part, array);
  pool.release(part);
}

/** A copy of the running statistics, from the pool: they may move before backward() reads them. */
export function learntStatistics(mean: Tensor, variance: Tensor): ColumnStatistics {
  const copyOf = (tensor: Tensor) => {
    const array = takeLike(tensor);
    copy(arrayOf(tensor), array);
    return array;
  };
  return { mean: copyOf(mean), variance: copyOf(variance) };
}
