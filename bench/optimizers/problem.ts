/** Tensors of one length. */
export interface Shape {
  readonly name: string;
  readonly tensors: number;
  readonly length: number;
}

function single(exponent: number): Shape {
  return { name: `2^${exponent}`, tensors: 1, length: 2 ** exponent };
}

/** From a cache's size to many times all of them, and a network of many small tensors. */
export const shapes: readonly Shape[] = [
  single(14),
  single(18),
  single(24),
  { name: '1,000 x 64', tensors: 1000, length: 64 },
];

export const quickShapes: readonly Shape[] = [single(10), { name: '10 x 64', tensors: 10, length: 64 }];

/** From here on a step of several passes takes minutes. */
export const TOO_LONG_FOR_PASSES = 2 ** 24;

export function size({ tensors, length }: Shape): number {
  return tensors * length;
}

/** One parameter: values in [-1, 1) and gradients of either sign from 0.1 to 1, whose squares stay normal numbers. */
export interface Tensor {
  readonly value: Float32Array;
  readonly grad: Float32Array;
}

/** The same numbers every time. All of the memory has been written to. */
export function makeTensors({ tensors, length }: Shape): Tensor[] {
  const random = uniform(1);
  return Array.from({ length: tensors }, () => ({
    value: fill(length, () => 2 * random() - 1),
    grad: fill(length, () => {
      const u = 2 * random() - 1;
      return 0.9 * u + 0.1 * (u < 0 ? -1 : 1);
    }),
  }));
}

function fill(length: number, next: () => number): Float32Array {
  const array = new Float32Array(length);
  for (let i = 0; i < length; i++) array[i] = next();
  return array;
}

/** In [0, 1): the linear congruential generator of Numerical Recipes. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const SMALLEST_NORMAL = 2 ** -126;

/**
 * Numbers that overflowed or became subnormal take another time to compute with: such a measurement is void.
 * @throws Error naming whose they are
 */
export function checkNormal(owner: string, arrays: Iterable<ArrayLike<number>>): void {
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) {
      const x = Math.abs(array[i]);
      if (!(x < Infinity) || (x < SMALLEST_NORMAL && x !== 0)) {
        throw new Error(`${owner}: a value became ${array[i]}: what was measured is void`);
      }
    }
  }
}
