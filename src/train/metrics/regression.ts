import { settledArray } from '../../backend/stream.js';
import { checkInteger, checkNumber, show } from '../../core/validate.js';
import { arrayOf, checkTensor } from '../../nn/engine/tensor.js';
import { checkSameShape } from '../../nn/functions/check.js';
import { l1, mse, noGrad, type Tensor } from '../../nn/index.js';
import { type StatefulMetric, stateful } from './metric.js';

// Metrics of predicted numbers.

/** A metric, the mean over rows: |output - target|, over all elements. */
export function meanAbsoluteError(output: Tensor, target: Tensor): number {
  return noGrad(() => l1(output, target).item());
}

/** A metric, the mean over rows: (output - target)^2, over all elements. */
export function meanSquaredError(output: Tensor, target: Tensor): number {
  return noGrad(() => mse(output, target).item());
}

/**
 * A metric: the coefficient of determination R^2, 1 less the squared error by what the target varies about its mean; of several
 * columns the mean of that of each. As in scikit-learn, a column that does not vary has 1 where it is met exactly, else 0, and
 * fewer than two rows have NaN. The output is [rows, ...], the target of the same shape.
 */
export const r2: StatefulMetric<Tensor> = stateful(() => {
  let columns: Column[] = [];
  return {
    update(output, target) {
      checkTensor('output', output);
      checkSameShape('target', target, output);
      const [rows = 1] = output.shape;
      const width = output.size / rows;
      if (columns.length === 0) columns = Array.from({ length: width }, () => new Column());
      if (columns.length !== width) {
        throw new RangeError(`output must have ${columns.length} columns as before, got ${width}`);
      }
      const [found, actual] = [settledArray(arrayOf(output)), settledArray(arrayOf(target))];
      for (let i = 0; i < found.length; i++) columns[i % width].add(found[i], actual[i]);
    },
    result: () => columns.reduce((sum, column) => sum + column.score(), 0) / columns.length,
    stateDict: () => columns.map((column) => column.numbers),
    loadStateDict(state) {
      if (!Array.isArray(state)) throw new TypeError(`state must be an array of columns, got ${show(state)}`);
      columns = state.map((numbers, i) => Column.of(`state[${i}]`, numbers));
    },
  };
});

/** Welford 1962: nothing is lost where the mean is far from 0. */
class Column {
  #rows = 0;
  #mean = 0;
  #deviations = 0;
  #errors = 0;

  /** What was seen of it. */
  get numbers(): readonly number[] {
    return [this.#rows, this.#mean, this.#deviations, this.#errors];
  }

  static of(name: string, numbers: unknown): Column {
    const given: readonly unknown[] = Array.isArray(numbers) ? numbers : [];
    const [rows, mean, deviations, errors] = given;
    checkInteger(`${name}[0]`, rows, 0);
    checkNumber(`${name}[1]`, mean);
    checkNumber(`${name}[2]`, deviations);
    checkNumber(`${name}[3]`, errors);
    const column = new Column();
    [column.#rows, column.#mean, column.#deviations, column.#errors] = [rows, mean, deviations, errors];
    return column;
  }

  add(found: number, actual: number): void {
    this.#rows++;
    const before = actual - this.#mean;
    this.#mean += before / this.#rows;
    this.#deviations += before * (actual - this.#mean);
    this.#errors += (found - actual) ** 2;
  }

  score(): number {
    if (this.#rows < 2) return Number.NaN;
    if (this.#deviations === 0) return this.#errors === 0 ? 1 : 0;
    return 1 - this.#errors / this.#deviations;
  }
}
