import { kernels } from '../backend/select.js';
import { copy } from '../backend/stream.js';
import { zerosLike } from '../core/float-arrays.js';
import type { FloatArray } from '../core/types.js';
import { Pass } from './pass.js';

/** Arrays that are the parts of one vector. */
export type Vector = readonly FloatArray[];

const pairs = (x: Vector, y: Vector) => x.flatMap((part, i) => [part, y[i]]);

/** Arithmetic by rules of the kernels; the objects of it are used again. */
export class Arithmetic {
  readonly #sums = new Pass();
  readonly #products = new Pass();

  /** In double, in an order that depends on the lengths alone. */
  dot(x: Vector, y: Vector): number {
    this.#products.add('dot', {}, pairs(x, y));
    this.#products.run();
    return this.#products.dots().reduce((sum, part) => sum + part, 0);
  }

  /** x = x + alpha y */
  addScaled(x: Vector, alpha: number, y: Vector): void {
    this.#sums.add('sgd', { lr: -alpha, weightDecay: 0, maximize: 0 }, pairs(x, y));
    this.#sums.run();
  }

  /** x = factor x */
  scale(x: Vector, factor: number): void {
    this.#sums.add('scale', { factor }, x);
    this.#sums.run();
  }
}

export function copyTo(from: Vector, to: Vector): void {
  for (const [i, part] of from.entries()) copy(part, to[i]);
}

/** The sum of magnitudes, or the largest one. */
export function normOf(kind: 'norm1' | 'normInf', x: Vector): number {
  let result = 0;
  for (const part of x) {
    if (part.length === 0) continue;
    const out = zerosLike(part, 1);
    kernels()[kind](1, part.length, 1, 1, part, out);
    result = kind === 'norm1' ? result + out[0] : Math.max(result, out[0]);
  }
  return result;
}
