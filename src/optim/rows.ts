import { checkIntact, queuedValues, type RowGradient } from '../array/row-gradient.js';
import { alignedZerosLike } from '../backend/memory.js';
import { kernels } from '../backend/stream.js';
import { lengthOf } from '../core/float-arrays.js';
import type { FloatArray } from '../core/types.js';
import { show } from '../core/validate.js';

/**
 * The step of some rows of a table: the rows of the parameter and of its states are gathered, take the step as any other
 * parameter does, and are put back. Rules work element by element, so that a row ends with the bits that a step of the
 * whole table would have given it.
 */
export class RowStep {
  readonly #name: string;
  /** Rows of the parameter and of its states, as many as ever were needed. */
  readonly #scratch: FloatArray[] = [];
  #gradient: RowGradient | null = null;
  #tables: readonly FloatArray[] = [];
  #parts: readonly FloatArray[] = [];
  #rows: Int32Array = new Int32Array(0);
  #columns = 0;

  /** @param name what the parameter is called in errors. */
  constructor(name: string) {
    this.#name = name;
  }

  /** @returns the operands: parameter, gradient and states, of the rows that have a gradient. */
  prepare(value: FloatArray, gradient: RowGradient, states: readonly FloatArray[]): FloatArray[] {
    const { rows, columns } = gradient;
    this.#gradient = gradient;
    this.#tables = [value, ...states];
    this.#rows = rows;
    this.#columns = columns;
    const length = rows.length * columns;
    this.#parts = this.#tables.map((table, i) => {
      if (this.#scratch[i] === undefined || this.#scratch[i].length < length) {
        this.#scratch[i] = alignedZerosLike(table, Math.min(gradient.rowCount * columns, 2 * length));
      }
      return this.#scratch[i].subarray(0, length);
    });
    const [p, ...gathered] = this.#parts;
    return [p, queuedValues(gradient), ...gathered];
  }

  /** Fills the operands. @throws RangeError where the table or the row numbers are not what they were. */
  gather(): void {
    const [rows, columns, gradient] = [this.#rows, this.#columns, this.#gradient];
    if (gradient === null) return;
    checkIntact(`${this.#name}.rowGrad`, gradient);
    const { rowCount } = gradient;
    for (const [i, table] of this.#tables.entries()) {
      if (lengthOf(table) !== rowCount * columns) {
        throw new RangeError(
          `${this.#name}.value must have ${rowCount * columns} elements as when it joined, got ${lengthOf(table)}`,
        );
      }
      if (rows.length > 0) {
        kernels().gatherRows(rows.length, columns, rowCount, table, rows, this.#parts[i]);
      }
    }
  }

  /** Puts the rows back after the step. */
  scatter(): void {
    const [rows, columns] = [this.#rows, this.#columns];
    for (const [i, table] of this.#tables.entries()) {
      kernels().scatterRows(columns, rows.length, table.length / columns, this.#scratch[i], rows, table);
    }
  }
}

/** Of an optimizer that cannot step single rows of a table. */
export function refuseRows(optimizer: string, key: string): never {
  throw new TypeError(
    `parameter ${show(key)} has a rowGrad, which ${optimizer} cannot use, as every step of it takes all weights: use ` +
      'another optimizer, or new Embedding(..., { sparse: false })',
  );
}
