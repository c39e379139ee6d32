import { Generator } from '../../src/array/generator.js';
import type { FloatArray } from '../../src/core/types.js';

/** C = op(A) op(B) */
export interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

const square = (size: number): Shape => ({ m: size, n: size, k: size, transA: false, transB: false });
const plain = (m: number, n: number, k: number): Shape => ({ m, n, k, transA: false, transB: false });

/** Squares; forward, weight gradient and input gradient of dense layers; and products of few rows or columns. */
export const shapes: readonly Shape[] = [
  ...[256, 512, 1024, 2048].map(square),
  plain(128, 512, 784),
  { ...plain(784, 512, 128), transA: true },
  { ...plain(128, 784, 512), transB: true },
  plain(128, 256, 512),
  plain(64, 10, 128),
  plain(8, 512, 512),
  plain(1, 512, 512),
];

export const quickShapes: readonly Shape[] = [
  square(16),
  { ...plain(9, 10, 11), transA: true, transB: true },
];

export const TYPES = { sgemm: Float32Array, dgemm: Float64Array } as const;
export type Routine = keyof typeof TYPES;

/** `1024x1024x1024`, with `T` behind what is transposed: `784T x 512 x 128`. */
export function nameOf(routine: Routine, { m, n, k, transA, transB }: Shape): string {
  return `${routine} ${m}${transA ? 'T' : ''}x${n}${transB ? 'T' : ''}x${k}`;
}

/** Floating-point operations of one product. */
export function work({ m, n, k }: Shape): number {
  return 2 * m * n * k;
}

export interface Problem {
  readonly shape: Shape;
  readonly a: FloatArray;
  readonly b: FloatArray;
  readonly c: FloatArray;
}

export function makeProblem(routine: Routine, shape: Shape): Problem {
  const generator = new Generator(1);
  const Type = TYPES[routine];
  const random = (length: number) => new Type(length).map(() => generator.uniform() - 0.5);
  const { m, n, k } = shape;
  return { shape, a: random(m * k), b: random(k * n), c: new Type(m * n) };
}

/**
 * @throws Error where two products of the same matrices differ by more than (k + 2) roundings of the largest sum of
 * magnitudes that numbers in [-1/2, 1/2) can have: who computes something else must not win.
 */
export function checkSame(name: string, actual: FloatArray, expected: FloatArray, { k }: Shape): void {
  const epsilon = expected instanceof Float32Array ? 2 ** -23 : 2 ** -52;
  const bound = ((k + 2) * k * epsilon) / 4;
  const i = actual.findIndex((value, e) => !(Math.abs(value - expected[e]) <= bound));
  if (i >= 0)
    throw new Error(`${name} computes another product: C[${i}] is ${actual[i]}, not ${expected[i]}`);
}
