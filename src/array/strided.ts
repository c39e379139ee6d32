import type { Kernels } from '../backend/contract/kernels.js';
import * as atOnce from '../backend/select.js';
import type { ElementArray } from '../core/types.js';

/** Elements of an array: where the first is, and how far from one index of each dimension to the next. */
export interface Region<A extends ElementArray = ElementArray> {
  readonly array: A;
  readonly start: number;
  readonly steps: readonly number[];
}

/** How many dimensions the kernel takes; any more are loops here. */
const KERNEL_RANK = 4;

/** Up to so many elements a copy by the engine costs less than the call of the kernel, where all lies together. */
const TOGETHER = 2 ** 14;
/** And so does a loop here, wherever they lie. */
export const FEW = 128;

/** The elements from one index to the next of each dimension of an array of this shape, row-major. */
export function stepsOf(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    steps[d] = step;
    step *= shape[d];
  }
  return steps;
}

// The dimensions of a copy, innermost first, those that are one in both regions as one. Kept between calls: there are many of a
// few elements.
const sizesOf: number[] = [];
const fromSteps: number[] = [];
const toSteps: number[] = [];

/** Fills the lists above, with dimensions of a single index to what the kernel takes. @returns how many there were. */
function merge(sizes: readonly number[], from: readonly number[], to: readonly number[]): number {
  let rank = 0;
  for (let d = sizes.length - 1; d >= 0; d--) {
    const size = sizes[d];
    if (size === 1) continue;
    const inner = rank - 1;
    const isOne =
      rank > 0 && from[d] === fromSteps[inner] * sizesOf[inner] && to[d] === toSteps[inner] * sizesOf[inner];
    if (isOne) {
      sizesOf[inner] *= size;
    } else {
      sizesOf[rank] = size;
      fromSteps[rank] = from[d];
      toSteps[rank] = to[d];
      rank++;
    }
  }
  for (let d = rank; d < KERNEL_RANK; d++) {
    sizesOf[d] = 1;
    fromSteps[d] = 0;
    toSteps[d] = 0;
  }
  return rank;
}

/** The dimensions that the kernel takes, at one index of all others. */
function copy(
  kernels: Kernels,
  from: ElementArray,
  to: ElementArray,
  fromStart: number,
  toStart: number,
): void {
  // biome-ignore format: sizes, then the start and the steps of either side
  kernels.copyStrided(
    sizesOf[3], sizesOf[2], sizesOf[1], sizesOf[0],
    fromStart, fromSteps[3], fromSteps[2], fromSteps[1], fromSteps[0],
    toStart, toSteps[3], toSteps[2], toSteps[1], toSteps[0],
    from, to,
  );
}

/** Every index of dimension `d` and of those inside of it, without the kernel. */
function copyFew(d: number, from: ElementArray, to: ElementArray, fromStart: number, toStart: number): void {
  const [size, fromStep, toStep] = [sizesOf[d], fromSteps[d], toSteps[d]];
  for (let i = 0, x = fromStart, y = toStart; i < size; i++, x += fromStep, y += toStep) {
    if (d === 0) to[y] = from[x];
    else copyFew(d - 1, from, to, x, y);
  }
}

/** Every index of dimension `d` and of those inside of it that the kernel does not take. */
function loop(
  kernels: Kernels,
  d: number,
  from: ElementArray,
  to: ElementArray,
  fromStart: number,
  toStart: number,
): void {
  if (d < KERNEL_RANK) {
    copy(kernels, from, to, fromStart, toStart);
    return;
  }
  for (let i = 0; i < sizesOf[d]; i++) {
    loop(kernels, d - 1, from, to, fromStart + i * fromSteps[d], toStart + i * toSteps[d]);
  }
}

/**
 * Moves elements from one region to another of these sizes, whose arrays have one element type and share no memory. Steps of
 * `from` may be negative, which turns a dimension around, or 0, which repeats it; those of `to` lead to each element once.
 * @param queued what has to do it where something that is queued has to do with the arrays
 */
export function copyRegion(
  sizes: readonly number[],
  from: Region,
  to: Region,
  queued: Kernels | null = null,
): void {
  if (sizes.includes(0)) return;
  const rank = merge(sizes, from.steps, to.steps);
  const isTogether = rank === 0 || (rank === 1 && fromSteps[0] === 1 && toSteps[0] === 1);
  let count = 1;
  for (let d = 0; d < rank; d++) count *= sizesOf[d];
  if (queued !== null) {
    loop(queued, Math.max(rank, 1) - 1, from.array, to.array, from.start, to.start);
  } else if (isTogether && count <= TOGETHER) {
    to.array.set(from.array.subarray(from.start, from.start + count), to.start);
  } else if (count <= FEW) {
    copyFew(rank - 1, from.array, to.array, from.start, to.start);
  } else {
    loop(atOnce.kernels(), rank - 1, from.array, to.array, from.start, to.start);
  }
}
