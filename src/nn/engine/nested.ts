import { checkBoolean, checkNumber, show } from '../../core/validate.js';

/** Numbers in arrays of arrays, all of one level equally long: `[[1, 2], [3, 4]]`; or nothing but booleans. */
export type Nested = readonly (number | boolean | Nested)[];

/** The same, of a tensor. */
export type NestedElements = number | boolean | NestedElements[];

/** The elements in arrays of arrays of this shape. */
export function nest(elements: readonly (number | boolean)[], shape: readonly number[]): NestedElements {
  if (shape.length === 0) return elements[0];
  let level: NestedElements[] = [...elements];
  for (let d = shape.length - 1; d > 0; d--) {
    const inner = level;
    level = Array.from({ length: inner.length / shape[d] }, (_, i) =>
      inner.slice(i * shape[d], (i + 1) * shape[d]),
    );
  }
  return level;
}

/** The numbers of nested arrays, or one number, in their order, and the shape of the nesting. @throws Error saying where it is ragged. */
export function flatten(
  name: string,
  data: Nested | number | boolean,
): { numbers: number[]; shape: number[]; isBoolean: boolean } {
  const shape: number[] = [];
  let first: unknown = data;
  for (; Array.isArray(first); first = first[0]) shape.push(first.length);
  const numbers: number[] = [];
  const isBoolean = typeof first === 'boolean';
  gather(name, data, shape, 0, isBoolean ? checkBoolean : checkNumber, numbers);
  return { numbers, shape, isBoolean };
}

function gather(
  name: string,
  value: unknown,
  shape: readonly number[],
  depth: number,
  check: (name: string, value: unknown) => void,
  into: number[],
): void {
  if (depth === shape.length) {
    check(name, value);
    into.push(Number(value));
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
  for (let i = 0; i < value.length; i++) gather(`${name}[${i}]`, value[i], shape, depth + 1, check, into);
}
