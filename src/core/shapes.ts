import { checkInteger, show } from './validate.js';

/** Row-major lengths. */
export type Shape = readonly number[];

/**
 * How many elements an array of this shape has, or one of its dimensions from `first` to before `end`; the empty shape is a single
 * number's.
 */
export function sizeOf(shape: Shape, first = 0, end = shape.length): number {
  let size = 1;
  for (let d = first; d < end; d++) size *= shape[d];
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** A copy of a shape: each length must be what was checked when it is used. @param least what a length is at least. */
export function readShape(name: string, value: unknown, least = 0): Shape {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array of lengths, got ${show(value)}`);
  const shape = new Array<number>(value.length);
  for (let d = 0; d < shape.length; d++) {
    const length: unknown = value[d];
    // A name that nobody reads takes longer than all the rest.
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < least) {
      checkInteger(`${name}[${d}]`, length, least);
    }
    shape[d] = length;
  }
  return shape;
}
