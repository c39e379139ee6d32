import { subarray } from './float-arrays.js';
import type { Shape } from './shapes.js';
import type { ElementArray } from './types.js';

/** Neighbouring dimensions that the same operands are repeated along, as one. */
interface Dimension {
  size: number;
  /** Bit k: operand k has one element where the result has `size`. */
  readonly repeated: number;
}

/** How many dimensions a kernel takes; any more are loops here. */
const KERNEL_RANK = 3;

/**
 * The shape that arrays of these shapes have together, by NumPy's rules: dimensions are matched from the last one, and one
 * of length 1, or none, is repeated. Undefined where two lengths do not match.
 */
export function broadcastShape(shapes: readonly Shape[]): number[] | undefined {
  let rank = 0;
  for (const shape of shapes) rank = Math.max(rank, shape.length);
  const result = new Array<number>(rank);
  for (let d = 0; d < rank; d++) {
    let length = 1;
    for (const shape of shapes) {
      const own = lengthAt(shape, d, rank);
      if (own === 1) continue;
      if (length !== 1 && length !== own) return undefined;
      length = own;
    }
    result[d] = length;
  }
  return result;
}

/** The length that meets dimension d of a result of that rank. */
function lengthAt(shape: Shape, d: number, rank: number): number {
  const own = d - rank + shape.length;
  return own < 0 ? 1 : shape[own];
}

/** The axes of the result along which an operand of this shape is repeated. */
export function repeatedAxes(shape: Shape, result: Shape): number[] {
  return [...result.keys()].filter((d) => result[d] !== 1 && lengthAt(shape, d, result.length) === 1);
}

// Small tensors take less time than making closures for them would: these two are loops.

function collapse(shapes: readonly Shape[], result: Shape): Dimension[] {
  const dimensions: Dimension[] = [];
  let last: Dimension | undefined;
  for (let d = 0; d < result.length; d++) {
    const size = result[d];
    if (size === 1) continue;
    let repeated = 0;
    for (let k = 0; k < shapes.length; k++) {
      if (lengthAt(shapes[k], d, result.length) === 1) repeated |= 1 << k;
    }
    if (last?.repeated === repeated) {
      last.size *= size;
    } else {
      last = { size, repeated };
      dimensions.push(last);
    }
  }
  return dimensions;
}

/** How operands are repeated to fill a result, as kernels take it. */
export class Broadcast {
  /** Bit 3 k + d: operand k is repeated along dimension d of the three. */
  readonly layout: number;
  readonly outer: number;
  readonly rows: number;
  readonly columns: number;
  readonly #loops: readonly Dimension[];
  readonly #operands: number;

  constructor(shapes: readonly Shape[], result: Shape) {
    const dimensions = collapse(shapes, result);
    const sizes = [1, 1, 1];
    let layout = 0;
    for (let d = KERNEL_RANK - 1; d >= 0; d--) {
      const dimension = dimensions.pop();
      if (dimension === undefined) break;
      sizes[d] = dimension.size;
      for (let k = 0; k < shapes.length; k++) layout |= ((dimension.repeated >> k) & 1) << (3 * k + d);
    }
    this.layout = layout;
    this.outer = sizes[0];
    this.rows = sizes[1];
    this.columns = sizes[2];
    this.#loops = dimensions;
    this.#operands = shapes.length;
  }

  #isRepeated(k: number, dimension: number): boolean {
    return ((this.layout >> (3 * k + dimension)) & 1) !== 0;
  }

  /** Calls the kernel for the whole of the result. */
  run<A extends ElementArray, O extends ElementArray>(
    operands: readonly A[],
    out: O,
    call: (operands: readonly A[], out: O) => void,
  ): void {
    if (this.#loops.length === 0) {
      call(operands, out);
      return;
    }
    const sizes = Array.from({ length: this.#operands }, (_, k) => {
      const lengths = [this.outer, this.rows, this.columns];
      return lengths.reduce((size, length, d) => (this.#isRepeated(k, d) ? size : size * length), 1);
    });
    const size = this.outer * this.rows * this.columns;
    const parts = this.#loops.reduce((count, loop) => count * loop.size, 1);
    for (let part = 0; part < parts; part++) {
      const at = new Array<number>(this.#operands).fill(0);
      let divisor = parts;
      for (const loop of this.#loops) {
        divisor /= loop.size;
        const index = Math.floor(part / divisor) % loop.size;
        for (let k = 0; k < at.length; k++) {
          if (((loop.repeated >> k) & 1) === 0) at[k] = at[k] * loop.size + index;
        }
      }
      call(
        operands.map((array, k) => subarray(array, at[k] * sizes[k], (at[k] + 1) * sizes[k])),
        subarray(out, part * size, (part + 1) * size),
      );
    }
  }
}
