import type { Tensor } from '../nn/index.js';
import type { Examples, Target } from './examples.js';

/** Rows that go through the model together. Its arrays are used again for later batches of the same size. */
export interface Batch<Y extends Target = Target> {
  readonly x: Tensor;
  readonly y: Y;
  readonly rows: number;
  /** How much this batch weighs in its step: its rows by those of the step. 1 where a step is one batch. */
  readonly share: number;
  /** Whether the step is complete with this batch. */
  readonly endsStep: boolean;
}

/** The rows of a step. */
export interface Step<Y extends Target = Target> {
  readonly rows: number;
  /** How many batches there are. */
  readonly count: number;
  /**
   * They can be gone through again until the next step is asked for.
   * @param first those from this one on. Default 0.
   * @param end to this one, without it. Default: all.
   */
  batches(first?: number, end?: number): Iterable<Batch<Y>>;
}

/** A step of these parts, which have as many rows. */
export function stepOf<Y extends Target>(parts: readonly Examples<Y>[], rows: readonly number[]): Step<Y> {
  const all = rows.reduce((sum, one) => sum + one, 0);
  const batches = parts.map(({ x, y }, i) => {
    const own = { rows: rows[i], share: rows[i] / all, endsStep: i === parts.length - 1 };
    return { x, y, ...own };
  });
  return { rows: all, count: parts.length, batches: (first, end) => batches.slice(first, end) };
}
