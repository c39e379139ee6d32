import { kernels } from '../backend/select.js';
import type { RowGradient } from '../row-gradient.js';
import type { FloatArray } from '../types.js';
import { zerosLike } from './parameters.js';

/**
 * The step of some rows of a table: the rows of the parameter and of its states are gathered, take the step as any other
 * parameter does, and are put back. Rules work element by element, so that a row ends with the bits that a step of the
 * whole table would have given it.
 */
export class RowStep {
  /** Rows of the parameter and of its states, as many as ever were needed. */
  readonly #scratch: FloatArray[] = [];
  #tables: readonly FloatArray[] = [];
  #rows: Int32Array = new Int32Array(0);
  #columns = 0;

  /** @returns the operands: parameter, gradient and states, of the rows that have a gradient. */
  gather(value: FloatArray, gradient: RowGradient, states: readonly FloatArray[]): FloatArray[] {
    this.#tables = [value, ...states];
    const { rows, columns, rowCount } = gradient;
    this.#rows = rows;
    this.#columns = columns;
    const length = rows.length * columns;
    const [p, ...gathered] = this.#tables.map((table, i) => {
      if (this.#scratch[i] === undefined || this.#scratch[i].length < length) {
        this.#scratch[i] = zerosLike(table.subarray(0, Math.min(table.length, 2 * length)));
      }
      const part = this.#scratch[i].subarray(0, length);
      if (rows.length > 0) kernels().gatherRows(rows.length, columns, rowCount, table, rows, part);
      return part;
    });
    return [p, gradient.values, ...gathered];
  }

  /** Puts the rows back after the step. */
  scatter(): void {
    const [rows, columns] = [this.#rows, this.#columns];
    for (const [i, table] of this.#tables.entries()) {
      kernels().scatterRows(columns, rows.length, table.length / columns, this.#scratch[i], rows, table);
    }
  }
}
