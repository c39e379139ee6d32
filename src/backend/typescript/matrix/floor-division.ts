import { binaryOfNumbers } from './binary.js';

// Functions of two numbers, of whole ones modulo 2^32 as well, with broadcasting. The two agree bit for bit.
// Mirror: native/matrix/floor-division.h.

/** out = (a - b)^2 */
export const squaredDifference = binaryOfNumbers(
  (x, y) => (x - y) * (x - y),
  (x, y) => Math.imul(x - y, x - y),
  (x, y) => Math.fround(x - y) ** 2,
);

/** out = the largest whole number up to a / b, which is rounded first; 0 for whole numbers where b is 0. */
export const floorDiv = binaryOfNumbers(
  (x, y) => Math.floor(x / y),
  (x, y) => (y === 0 ? 0 : Math.floor(x / y)),
  (x, y) => Math.floor(Math.fround(x / y)),
);

function floorRemainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

/** out = what the division leaves, with the sign of b, or 0 with that of a; 0 for whole numbers where b is 0. */
export const floorMod = binaryOfNumbers(floorRemainder, (x, y) => (y === 0 ? 0 : floorRemainder(x, y)));
