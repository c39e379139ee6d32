import { kernels } from '../backend/select.js';
import type { ElementArray } from '../core/types.js';

/** Elements of an array: where the first is, and how far from one index of each dimension to the next. */
export interface Region<A extends ElementArray = ElementArray> {
  readonly array: A;
  readonly start: number;
  readonly steps: readonly number[];
}

interface Dimension {
  size: number;
  from: number;
  to: number;
}

/** How many dimensions the kernel takes; any more are loops here. */
const KERNEL_RANK = 4;
const SINGLE: Dimension = { size: 1, from: 0, to: 0 };

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

/** Dimensions that are one in both regions as one; those of a single index as none. */
function merged(sizes: readonly number[], from: Region, to: Region): Dimension[] {
  const dimensions: Dimension[] = [];
  sizes.forEach((size, d) => {
    if (size === 1) return;
    const last = dimensions.at(-1);
    const [fromStep, toStep] = [from.steps[d], to.steps[d]];
    if (last !== undefined && last.from === fromStep * size && last.to === toStep * size) {
      last.size *= size;
      last.from = fromStep;
      last.to = toStep;
    } else {
      dimensions.push({ size, from: fromStep, to: toStep });
    }
  });
  return dimensions;
}

/**
 * Moves elements from one region to another of these sizes, whose arrays have one element type and share no memory. Steps of
 * `from` may be negative, which turns a dimension around, or 0, which repeats it; those of `to` lead to each element once.
 */
export function copyRegion(sizes: readonly number[], from: Region, to: Region): void {
  if (sizes.includes(0)) return;
  const dimensions = merged(sizes, from, to);
  const inner = dimensions.splice(-KERNEL_RANK);
  while (inner.length < KERNEL_RANK) inner.unshift(SINGLE);
  const [a, b, c, d] = inner;
  const copy = (fromStart: number, toStart: number) =>
    // biome-ignore format: sizes, then the start and the steps of either side
    kernels().copyStrided(
      a.size, b.size, c.size, d.size,
      fromStart, a.from, b.from, c.from, d.from,
      toStart, a.to, b.to, c.to, d.to,
      from.array, to.array,
    );
  const loop = (depth: number, fromStart: number, toStart: number): void => {
    if (depth === dimensions.length) {
      copy(fromStart, toStart);
      return;
    }
    const { size, from: fromStep, to: toStep } = dimensions[depth];
    for (let i = 0; i < size; i++) loop(depth + 1, fromStart + i * fromStep, toStart + i * toStep);
  };
  loop(0, from.start, to.start);
}
