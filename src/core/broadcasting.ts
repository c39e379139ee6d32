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
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result: number[] = [];
  for (let d = -rank; d < 0; d++) {
    let length = 1;
    for (const shape of shapes) {
      const own = shape.at(d) ?? 1;
      if (own === 1) continue;
      if (length !== 1 && length !== own) return undefined;
      length = own;
    }
    result.push(length);
  }
  return result;
}

/** The axes of the result along which an operand of this shape is repeated. */
export function repeatedAxes(shape: Shape, result: Shape): number[] {
  return [...result.keys()].filter((d) => result[d] !== 1 && (shape.at(d - result.length) ?? 1) === 1);
}

function collapse(shapes: readonly Shape[], result: Shape): Dimension[] {
  const dimensions: Dimension[] = [];
  for (let d = -result.length; d < 0; d++) {
    const size = result.at(d) ?? 1;
    if (size === 1) continue;
    const repeated = shapes.reduce((bits, shape, k) => bits | ((shape.at(d) ?? 1) === 1 ? 1 << k : 0), 0);
    const last = dimensions.at(-1);
    if (last?.repeated === repeated) last.size *= size;
    else dimensions.push({ size, repeated });
  }
  return dimensions;
}

/** How operands are repeated to fill a result, as kernels take it. */
export class Broadcast {
  readonly layout: number;
  readonly outer: number;
  readonly rows: number;
  readonly columns: number;
  readonly #loops: readonly Dimension[];
  readonly #operands: number;

  constructor(shapes: readonly Shape[], result: Shape) {
    const dimensions = collapse(shapes, result);
    const inner = dimensions.splice(-KERNEL_RANK);
    while (inner.length < KERNEL_RANK) inner.unshift({ size: 1, repeated: 0 });
    this.layout = shapes.reduce(
      (layout, _, k) =>
        layout + inner.reduce((bits, { repeated }, d) => bits + (((repeated >> k) & 1) << d), 0) * 8 ** k,
      0,
    );
    [this.outer, this.rows, this.columns] = inner.map(({ size }) => size);
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
