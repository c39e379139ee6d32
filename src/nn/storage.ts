import type { FloatArray } from '../types.js';
import { pool } from './pool.js';

/** The elements of a tensor, shared by those that only differ in shape. */
export class Storage {
  #array: FloatArray | null;
  #releasedBy = '';
  // Whether nobody but the graph has seen the array, so that the pool may have it back.
  #exclusive: boolean;
  readonly #isTemporary: boolean;

  private constructor(array: FloatArray, isTemporary: boolean) {
    this.#array = array;
    this.#isTemporary = isTemporary;
    this.#exclusive = isTemporary;
  }

  /** Elements that stay for as long as somebody refers to them: the user's. */
  static permanent(array: FloatArray): Storage {
    return new Storage(array, false);
  }

  /** Elements, in an array from the pool, that go back to it once backward() or noGrad() is done with them. */
  static temporary(array: FloatArray): Storage {
    return new Storage(array, true);
  }

  get isTemporary(): boolean {
    return this.#isTemporary;
  }

  /** The elements, for use within the library: whoever calls this does not keep the array. */
  get array(): FloatArray {
    if (this.#array === null) {
      throw new Error(
        `the value of this tensor was released by ${this.#releasedBy}, so that the next step can use its memory: ` +
          'take detach() or clone() of it before that, or read its value',
      );
    }
    return this.#array;
  }

  /** The elements, for someone who may keep the array: from now on it is never used for anything else. */
  share(): FloatArray {
    const array = this.array;
    this.#exclusive = false;
    return array;
  }

  /** Gives temporary elements back to the pool. `by` tells the user who did it. */
  release(by: string): void {
    if (!this.#isTemporary || this.#array === null) return;
    if (this.#exclusive) pool.release(this.#array);
    this.#array = null;
    this.#releasedBy = by;
  }
}
