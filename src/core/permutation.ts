import { type Shape, sizeOf } from './shapes.js';

/** A call of the kernel: an order of four dimensions, and their lengths. */
interface Pass {
  readonly order: number;
  readonly lengths: readonly [number, number, number, number];
}

/** The kernel's number for 0, 2, 1, 3. */
const MIDDLE_SWAPPED = 2;

/** The place of an order of 0, 1, 2, 3 among all of them, sorted as in a dictionary. */
function numberOf(order: readonly number[]): number {
  const smallerLater = (d: number) => order.slice(d + 1).filter((other) => other < order[d]).length;
  return 6 * smallerLater(0) + 2 * smallerLater(1) + smallerLater(2);
}

/** Dimensions that stay neighbours in their order, as one; those of length 1, as none. */
function collapse(shape: Shape, axes: readonly number[]): { lengths: number[]; order: number[] } {
  const groups: { first: number; last: number; length: number }[] = [];
  for (const axis of axes.filter((one) => shape[one] !== 1)) {
    const group = groups.at(-1);
    const follows = group !== undefined && shape.slice(group.last + 1, axis).every((length) => length === 1);
    if (group !== undefined && axis > group.last && follows) {
      group.last = axis;
      group.length *= shape[axis];
    } else groups.push({ first: axis, last: axis, length: shape[axis] });
  }
  const inMemory = [...groups].sort((a, b) => a.first - b.first);
  return { lengths: inMemory.map(({ length }) => length), order: groups.map((one) => inMemory.indexOf(one)) };
}

/** Calls after which the dimensions are in this order: one for up to four of them, else each brings one to its place. */
export function passesFor(shape: Shape, axes: readonly number[]): Pass[] {
  const { lengths, order } = collapse(shape, axes);
  if (order.length <= 4) {
    const missing = 4 - order.length;
    const ones = Array.from({ length: missing }, (_, d) => d);
    const [n0, n1, n2, n3] = [...ones.map(() => 1), ...lengths];
    return [{ order: numberOf([...ones, ...order.map((d) => d + missing)]), lengths: [n0, n1, n2, n3] }];
  }
  const passes: Pass[] = [];
  const now = order.map((_, d) => d);
  order.forEach((wanted, place) => {
    const at = now.indexOf(wanted);
    if (at === place) return;
    const size = (from: number, to: number) => sizeOf(now.slice(from, to).map((d) => lengths[d]));
    passes.push({
      order: MIDDLE_SWAPPED,
      lengths: [size(0, place), size(place, at), lengths[wanted], size(at + 1, now.length)],
    });
    now.splice(at, 1);
    now.splice(place, 0, wanted);
  });
  return passes;
}
