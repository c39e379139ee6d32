import type { Examples, Target } from './examples.js';
import type { Batch } from './loader.js';

/** The rows of a step. */
export interface Step<Y extends Target = Target> {
  /** They can be gone through again until the next step is asked for. */
  batches(): Iterable<Batch<Y>>;
}

/** A step of these parts, which have as many rows. */
export function stepOf<Y extends Target>(parts: readonly Examples<Y>[], rows: readonly number[]): Step<Y> {
  const all = rows.reduce((sum, one) => sum + one, 0);
  const batches = parts.map(({ x, y }, i) => {
    const own = { rows: rows[i], share: rows[i] / all, endsStep: i === parts.length - 1 };
    return { x, y, ...own };
  });
  return { batches: () => batches };
}
