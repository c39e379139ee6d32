import { checkInteger, show } from '../validate.js';

export type Shape = readonly number[];

/** How many elements a tensor of this shape has; the empty shape is a single number's. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** A copy: each length must be what was checked when it is used. */
export function readShape(name: string, value: unknown): Shape {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array of lengths, got ${show(value)}`);
  return Array.from(value, (length: unknown, i) => {
    checkInteger(`${name}[${i}]`, length, 1);
    return length;
  });
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
