import { sizeOf } from '../core/shapes.js';

/** A side of the matrix that a parameter is to Shampoo and SOAP, whose states are named after it. */
export interface Side {
  readonly name: 'left' | 'right';
  readonly size: number;
}

/** Those that have statistics: none of vectors, and none longer than `most`, which would take too long. */
export function sidesOf(shape: readonly number[], most: number): Side[] {
  if (shape.length < 2) return [];
  const [rows, columns] = matrixOf(shape);
  const sides: Side[] = [
    { name: 'left', size: rows },
    { name: 'right', size: columns },
  ];
  return sides.filter(({ size }) => size <= most);
}

/** The first dimension, and all others. */
export function matrixOf([rows, ...others]: readonly number[]): readonly [number, number] {
  return [rows, sizeOf(others)];
}
