import type { FloatArray, Optimizer, Parameter } from '../../src/index.js';
import { randomNumbers } from './table.js';

function fillGradients(params: readonly Parameter[], random: () => number): void {
  for (const { grad } of params) for (let i = 0; i < (grad?.length ?? 0); i++) if (grad) grad[i] = random();
}

export function randomArray(
  ArrayType: typeof Float32Array | typeof Float64Array,
  length: number,
  random: () => number,
): FloatArray {
  return new ArrayType(length).map(() => random());
}

export function detach(array: FloatArray): void {
  if (array.buffer instanceof ArrayBuffer) structuredClone(null, { transfer: [array.buffer] });
}

export function makeParams(
  names: readonly (string | undefined)[],
  ArrayType = Float32Array as typeof Float32Array | typeof Float64Array,
) {
  const random = randomNumbers(7);
  return names.map((name, i) => ({
    ...(name === undefined ? {} : { name }),
    value: randomArray(ArrayType, 5 + i, random),
    grad: new ArrayType(5 + i),
  }));
}

export function takeSteps(optimizer: Optimizer, random: () => number, count: number): void {
  for (let s = 0; s < count; s++) {
    fillGradients(optimizer.parameters(), random);
    optimizer.step();
  }
}

/** Numbers in [-1, 1], others for another seed. */
export const numbers = (n: number, seed: number) =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(seed + 3 * i));
export const parameter = (n: number, seed = 1, name?: string) => ({
  ...(name === undefined ? {} : { name }),
  value: numbers(n, seed),
  grad: numbers(n, seed + 0.5),
});
