import { checkNumber, show } from '../../core/validate.js';

/** Numbers in arrays of arrays, all of one level equally long: `[[1, 2], [3, 4]]`. */
export type Nested = readonly (number | Nested)[];

/** The numbers of nested arrays, or one number, in their order, and the shape of the nesting. @throws Error saying where it is ragged. */
export function flatten(name: string, data: Nested | number): { numbers: number[]; shape: number[] } {
  const shape: number[] = [];
  for (let first: unknown = data; Array.isArray(first); first = first[0]) shape.push(first.length);
  const numbers: number[] = [];
  gather(name, data, shape, 0, numbers);
  return { numbers, shape };
}

function gather(name: string, value: unknown, shape: readonly number[], depth: number, into: number[]): void {
  if (depth === shape.length) {
    checkNumber(name, value);
    into.push(value);
    return;
  }
  if (!Array.isArray(value)) {
    throw new TypeError(`${name} must be an array of ${shape[depth]} as those before it, got ${show(value)}`);
  }
  if (value.length !== shape[depth]) {
    throw new RangeError(
      `${name} must have ${shape[depth]} elements as those before it, got ${value.length}`,
    );
  }
  // A loop, as holes count.
  for (let i = 0; i < value.length; i++) gather(`${name}[${i}]`, value[i], shape, depth + 1, into);
}
