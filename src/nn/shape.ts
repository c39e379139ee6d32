import { checkInteger, show } from '../validate.js';

export type Shape = readonly number[];

/** How many elements a tensor of this shape has; the empty shape is a single number's. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

export function checkShape(name: string, shape: unknown): asserts shape is Shape {
  if (!Array.isArray(shape)) throw new TypeError(`${name} must be an array of lengths, got ${show(shape)}`);
  shape.forEach((length, i) => {
    checkInteger(`${name}[${i}]`, length, 1);
  });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i]);
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
