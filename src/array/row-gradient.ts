import { copy, fill, kernels, settledArray } from '../backend/stream.js';
import { DTYPES, type DType, isLike, zeros } from '../core/dtypes.js';
import { checkLength, lengthOf, subarray, zerosLike } from '../core/float-arrays.js';
import type { FloatArray } from '../core/types.js';
import { checkInteger, checkOneOf, show } from '../core/validate.js';

let isIntact: (gradient: RowGradient) => boolean;

/** The rows of a gradient, for whoever only passes them on to kernels. */
export let queuedValues: (gradient: RowGradient) => FloatArray;

/** @throws RangeError where the row numbers of the gradient were written to. */
export function checkIntact(name: string, gradient: RowGradient): void {
  if (isIntact(gradient)) return;
  throw new RangeError(
    `${name}.rows must not be written to: it says which rows of the table the values belong to`,
  );
}

/**
 * The gradient of a table of which few rows were used: [rows, columns], zero but for some rows.
 *
 * What it costs grows with the rows that were used, but for one integer per row of the table. Each row is held once: what
 * is added to it is summed in the order in which it came, so that the sums are those of a dense gradient, bit for bit.
 */
export class RowGradient {
  /** Of the table. */
  readonly rowCount: number;
  readonly columns: number;
  /** For each row of the table where it is in `values`, counted from 1; 0 where it is not. */
  readonly #places: Int32Array;
  #rows = new Int32Array(16);
  #values: FloatArray;
  #count = 0;
  /** The rows of one call of `add`, then where they go. */
  #targets = new Int32Array(0);
  #views: { readonly rows: Int32Array; readonly values: FloatArray } | null = null;

  static {
    isIntact = (gradient) => gradient.#isIntact();
    queuedValues = (gradient) => gradient.#view().values;
  }

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(rowCount: number, columns: number, dtype: DType = 'float32') {
    checkInteger('rowCount', rowCount, 1);
    checkInteger('columns', columns, 1);
    checkOneOf('dtype', dtype, DTYPES);
    if (rowCount >= 2 ** 31) throw new RangeError(`rowCount must be below 2^31, got ${rowCount}`);
    this.rowCount = rowCount;
    this.columns = columns;
    this.#places = new Int32Array(rowCount);
    const elements = this.#rows.length * columns;
    this.#values = zeros(dtype, elements);
  }

  /** How many rows are held. */
  get count(): number {
    return this.#count;
  }

  /** The numbers of the rows that are held, each once, in the order in which they were first added. A view to read. */
  get rows(): Int32Array {
    return this.#view().rows;
  }

  /** [count, columns]: the rows. A view, which may be written to. */
  get values(): FloatArray {
    return settledArray(this.#view().values);
  }

  /**
   * Adds rows to the rows with these numbers, in their order.
   * @param rows whole numbers in [0, rowCount); may repeat.
   * @param values [rows.length, columns], of the element type of this gradient.
   * @throws TypeError or RangeError naming the argument that does not fit; nothing is then added.
   */
  add(rows: Int32Array, values: FloatArray): void {
    if (!(rows instanceof Int32Array)) throw new TypeError(`rows must be an Int32Array, got ${show(rows)}`);
    checkLength('rows', rows);
    const count = rows.length;
    if (!isLike(values, this.#values) || lengthOf(values) < count * this.columns) {
      const expected = `a ${this.#values.constructor.name} of ${count} rows of ${this.columns}`;
      throw new TypeError(`values must be ${expected}, got ${show(values)}`);
    }
    if (this.#targets.length < count) this.#targets = new Int32Array(count);
    const targets = this.#targets;
    for (let r = 0; r < count; r++) {
      // Read once: another thread may write to it.
      const row = rows[r];
      if (!(row >= 0 && row < this.rowCount)) {
        throw new RangeError(`rows[${r}] must be from 0 to ${this.rowCount - 1}, got ${row}`);
      }
      targets[r] = row;
    }
    if (count === 0) return;
    if (lengthOf(this.#values) < this.#count * this.columns) {
      throw new RangeError('values of this gradient must not be detached: call clear() first');
    }
    const before = this.#count;
    for (let r = 0; r < count; r++) targets[r] = this.#placeOf(targets[r]);
    this.#grow();
    fill(subarray(this.#values, before * this.columns, this.#count * this.columns), 0);
    this.#views = null;
    kernels().scatterAddRows(this.columns, count, this.#count, values, targets, this.#values);
  }

  /** Forgets all rows: the gradient is zero. */
  clear(): void {
    if (!this.#isIntact()) this.#places.fill(0);
    for (let place = 0; place < this.#count; place++) this.#places[this.#rows[place]] = 0;
    this.#count = 0;
    this.#views = null;
  }

  /** Whether every row number is that of its place: nobody wrote to them or took them away. */
  #isIntact(): boolean {
    if (lengthOf(this.#values) < this.#count * this.columns) return false;
    for (let place = 0; place < this.#count; place++) {
      if (this.#places[this.#rows[place]] !== place + 1) return false;
    }
    return true;
  }

  #placeOf(row: number): number {
    if (this.#places[row] > 0) return this.#places[row] - 1;
    if (this.#count === this.#rows.length) {
      const more = new Int32Array(Math.min(this.rowCount, 2 * this.#count));
      more.set(this.#rows);
      this.#rows = more;
    }
    this.#rows[this.#count] = row;
    this.#places[row] = ++this.#count;
    return this.#count - 1;
  }

  /** Makes the values as many rows as there is room for row numbers. */
  #grow(): void {
    const elements = this.#rows.length * this.columns;
    if (this.#values.length >= elements) return;
    const more = zerosLike(this.#values, elements);
    copy(this.#values, more);
    this.#values = more;
  }

  #view() {
    this.#views ??= {
      rows: this.#rows.subarray(0, this.#count),
      values: this.#values.subarray(0, this.#count * this.columns),
    };
    return this.#views;
  }
}
