import { readLengths } from '../../core/validate.js';

export type Shape = readonly number[];

/** How many elements a tensor of this shape has; the empty shape is a single number's. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Of a tensor that has elements. */
export function readShape(name: string, value: unknown): Shape {
  return readLengths(name, value, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
