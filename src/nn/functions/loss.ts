import { kernels } from '../../backend/stream.js';
import { broadcastShape } from '../../core/broadcasting.js';
import { type Shape, sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkOneOf } from '../../core/validate.js';
import { give, numberIn, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import type { Tensor } from '../engine/tensor.js';
import { checkSameType } from './check.js';
import { sumAll } from './reductions.js';

// What losses have in common.

/** What becomes of the losses of all elements or rows: their mean, their sum, or nothing. */
export type LossReduction = 'mean' | 'sum' | 'none';

/** What every loss takes. */
export interface LossOptions {
  /**
   * 'mean' or 'sum' over all elements, or rows where a loss has one number for each: a tensor of shape []. 'none': a tensor of
   * all of them. Default 'mean'.
   */
  readonly reduction?: LossReduction;
}

export function checkReduction(reduction: unknown): asserts reduction is LossReduction {
  checkOneOf('reduction', reduction, ['mean', 'sum', 'none']);
}

/** `losses` as they are, summed, or summed and divided by `total`. */
export function reduceLosses(losses: Tensor, reduction: LossReduction, total = losses.size): Tensor {
  if (reduction === 'none') return losses;
  return sumAll(losses, reduction === 'sum' ? 1 : 1 / total);
}

/** A constant factor of the losses, of their shape but for lengths of 1. */
export function checkWeight(
  name: string,
  weight: Tensor | undefined,
  like: Tensor,
  shape: Shape = like.shape,
): void {
  if (weight === undefined) return;
  checkSameType(name, weight, like);
  if (weight.requiresGrad)
    throw new TypeError(`${name} must not require a gradient: none is passed on to it`);
  const common = broadcastShape([weight.shape, shape]);
  if (common === undefined || !sameShape(common, shape)) {
    throw new RangeError(
      `${name} must have shape ${showShape(shape)} but for lengths of 1, got ${showShape(weight.shape)}`,
    );
  }
}

/** The gradient of each loss by elements of an input, each loss being one of the rows of [outer, rows, columns]. */
export interface Slope {
  readonly to: Tensor;
  readonly array: FloatArray;
  /** Default 1. */
  readonly factor?: number;
  /** Default 1. */
  readonly outer?: number;
}

/** Losses whose gradient is computed with them. */
interface Losses {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly shape: Shape;
  /** From the pool. */
  readonly losses: FloatArray;
  /** Those of inputs that require a gradient; arrays from the pool, which two may share. */
  readonly slopes: readonly Slope[];
  readonly reduction: LossReduction;
  /** What all losses and gradients are multiplied by. Default 1. */
  readonly scale?: number;
  /** What the mean divides the sum by. Default: the number of losses. */
  readonly total?: number;
}

/** A tensor of losses of which the gradients are known, reduced. */
export function recordLosses(given: Losses): Tensor {
  const { name, inputs, shape, losses, slopes, reduction, scale = 1 } = given;
  const rows = losses.length;
  const saved = [...new Set(slopes.map(({ array }) => array))];
  if (reduction === 'none') {
    if (scale !== 1) kernels().mulScalar(rows, scale, losses, losses);
    return record({ name, shape, out: losses, inputs, saved }, (gradient) => {
      for (const { to, array, factor = 1, outer = 1 } of slopes) {
        const into = takeLike(to);
        mulRows(outer, gradient, array, into);
        if (scale * factor !== 1) kernels().mulScalar(to.size, scale * factor, into, into);
        give(to, into);
      }
      pool.release(gradient);
    });
  }
  const total = reduction === 'sum' ? 1 : (given.total ?? rows);
  const out = takeLike(inputs[0], 1);
  kernels().sum(1, rows, 1, scale / total, losses, out);
  pool.release(losses);
  return record({ name, shape: [], out, inputs, saved }, (gradient) => {
    const slope = (numberIn(gradient) * scale) / total;
    pool.release(gradient);
    for (const { to, array, factor = 1 } of slopes) {
      const into = takeLike(to);
      kernels().mulScalar(to.size, slope * factor, array, into);
      give(to, into);
    }
  });
}

/** out [outer, rows, columns] = x times the factor of its row; out may be x. */
export function mulRows(outer: number, factors: FloatArray, x: FloatArray, out: FloatArray): void {
  const rows = factors.length;
  const columns = out.length / rows / outer;
  if (outer * columns === 1) kernels().mul(0, 1, 1, rows, x, factors, out);
  else {
    // The bits of the second operand, for the dimensions along which it is repeated.
    const layout = (outer > 1 ? 1 << 3 : 0) | (columns > 1 ? 1 << 5 : 0);
    kernels().mul(layout, outer, rows, columns, x, factors, out);
  }
}
