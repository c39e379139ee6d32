// What the programs in this folder share: the addon, loaded by the path they are started with, and Adam over it.
import { createRequire } from 'node:module';

export const path = process.argv[2];
export const addon = createRequire(import.meta.url)(path);

const SCALARS = Float64Array.of(1e-3, 0.1, 0.999, 1e-3, 1e-8, 0, 1, 0, 1, Infinity);

/** The operands of a parameter of `length` elements: itself, its gradient, both moments. */
export function parameter(length, seed) {
  const value = Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7 + seed));
  const grad = Float32Array.from({ length }, (_, i) => Math.cos(i * 0.3 + seed));
  return [value, grad, new Float32Array(length), new Float32Array(length)];
}

/** With `isKept` the function that takes it again. */
export function step(operands, isKept) {
  return addon.kernels.step([{ rule: 'adam', scalars: SCALARS, operands, dots: null }], isKept);
}

/** The parameter after `count` steps. */
export function train(length, seed, count) {
  const operands = parameter(length, seed);
  for (let i = 0; i < count; i++) step(operands);
  return operands[0];
}
