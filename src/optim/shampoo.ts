import type { Parameter } from '../array/parameter.js';
import { copy, fill, kernels } from '../backend/stream.js';
import { sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkGreater, checkInteger } from '../core/validate.js';
import type { ParamGroup } from './common-options.js';
import type { DecayOptions } from './decay.js';
import type { ParameterUpdate, UpdateDefinition } from './definition.js';
import { addToDiagonal, inverseRoot } from './inverse-root.js';
import { Optimizer } from './optimizer.js';
import { Pass, SharedScratch } from './pass.js';
import { multiply } from './products.js';
import { matrixOf, type Side, sidesOf } from './sides.js';

/** See {@link Shampoo}. The default rate is 0.1. */
export interface ShampooOptions extends DecayOptions {
  /** The share of the velocity that is kept from step to step, at least 0. Default 0. */
  readonly momentum?: number;
  /** What statistics begin from, times the identity; above 0. Default 1e-4. */
  readonly eps?: number;
  /** Steps from one computation of the roots to the next, at least 1. Default 10. */
  readonly preconditionFrequency?: number;
  /** The largest side that has statistics, at least 1: its root takes the cube of it. Default 1024. */
  readonly maxPreconditionDim?: number;
}

type Update = ParameterUpdate<ShampooOptions>;

/** Where memory of float64 is asked for. */
const FLOAT64 = new Float64Array(0);

function define(): UpdateDefinition<ShampooOptions> {
  const [pass, scratch] = [new Pass(), new SharedScratch()];
  return {
    name: 'Shampoo',
    defaults: {
      lr: 0.1,
      momentum: 0,
      eps: 1e-4,
      preconditionFrequency: 10,
      maxPreconditionDim: 1024,
      weightDecay: 0,
      decoupledWeightDecay: false,
      maximize: false,
    },
    check({ momentum, eps, preconditionFrequency, maxPreconditionDim }) {
      checkAtLeast('momentum', momentum, 0);
      checkGreater('eps', eps, 0);
      checkInteger('preconditionFrequency', preconditionFrequency, 1);
      checkInteger('maxPreconditionDim', maxPreconditionDim, 1);
    },
    stateLengths(options, shape): Record<string, number> {
      const sides = sidesOf(shape, options.maxPreconditionDim);
      const squares = sides.flatMap(({ name, size }): [string, number][] => [
        [name, size * size],
        [`${name}Root`, size * size],
      ]);
      const velocity = options.momentum === 0 ? {} : { velocity: sizeOf(shape) };
      return { ...(squares.length > 0 ? Object.fromEntries(squares) : { sum: sizeOf(shape) }), ...velocity };
    },
    update(parameters) {
      for (const parameter of parameters) {
        if (parameter.value.length > 0) take(parameter, pass, scratch);
      }
    },
  };
}

function take(parameter: Update, pass: Pass, scratch: SharedScratch): void {
  const { value, states, options, lr, shape } = parameter;
  const { momentum, eps } = options;
  const sides = sidesOf(shape, options.maxPreconditionDim);
  const gradient = decayed(parameter, pass, scratch);
  let step = scratch.of('step', value, value.length);
  if (sides.length > 0) step = preconditioned(parameter, sides, gradient, step, scratch);
  else {
    // What RMSprop that forgets nothing subtracts, from 0 and with a rate of -1.
    fill(step, 0);
    const kept = { alpha: 1, rest: 1, momentum: 0, add: 0, shrink: 1 };
    const scalars = { lr: -1, eps, epsInside: 0, weightDecay: 0, maximize: 0, ...kept };
    pass.add('rmsprop', scalars, [step, gradient, states.sum]);
    pass.run();
  }
  const decay = options.decoupledWeightDecay ? options.weightDecay : 0;
  // Without a velocity a decay beside the step is one that joins it.
  if (momentum === 0) pass.add('sgd', { lr, weightDecay: decay, maximize: 0 }, [value, step]);
  else {
    const scalars = { lr, keep: momentum, add: 1, nesterov: 0, weightDecay: 0, maximize: 0 };
    const shrink = 1 - lr * decay;
    pass.add('momentum', { ...scalars, shrink }, [value, step, states.velocity]);
  }
  pass.run();
}

/** The gradient plus weightDecay times the parameter, or less it where it is climbed: the gradient itself where that is the same. */
function decayed({ value, grad, options }: Update, pass: Pass, scratch: SharedScratch): FloatArray {
  const { maximize } = options;
  const weightDecay = options.decoupledWeightDecay ? 0 : options.weightDecay;
  if (weightDecay === 0 && !maximize) return grad;
  const gradient = scratch.of('gradient', grad, grad.length);
  copy(grad, gradient);
  pass.add('scale', { factor: maximize ? -1 : 1 }, [gradient]);
  pass.add('sgd', { lr: -weightDecay, weightDecay: 0, maximize: 0 }, [gradient, value]);
  pass.run();
  return gradient;
}

/** @returns the gradient between the roots of its statistics, in `step` or in an array of its size */
function preconditioned(
  { states, options, shape, step: count }: Update,
  sides: readonly Side[],
  gradient: FloatArray,
  step: FloatArray,
  scratch: SharedScratch,
): FloatArray {
  const [rows, columns] = matrixOf(shape);
  const g = { array: gradient, rows, columns };
  let [from, to] = [gradient, step];
  for (const { name, size } of sides) {
    const [statistics, root] = [states[name], states[`${name}Root`]];
    if (count === 1) addToDiagonal(statistics, size, options.eps);
    const transposed = { ...g, isTransposed: true };
    if (name === 'left') multiply(g, transposed, statistics, 1, 1);
    else multiply(transposed, g, statistics, 1, 1);
    if ((count - 1) % options.preconditionFrequency === 0) {
      findRoot(statistics, size, sides.length === 2 ? 4 : 2, root, scratch);
    }
    const square = { array: root, rows: size, columns: size };
    const matrix = { array: from, rows, columns };
    if (name === 'left') multiply(square, matrix, to);
    else multiply(matrix, square, to);
    [from, to] = [to, scratch.of('between', gradient, gradient.length)];
  }
  return from;
}

/** In float64, whatever the type: what is small in the statistics is large in the root. */
function findRoot(
  statistics: FloatArray,
  size: number,
  p: 2 | 4,
  root: FloatArray,
  scratch: SharedScratch,
): void {
  const length = size * size;
  const [a, found] = ['statistics', 'root'].map((use) => scratch.of(use, FLOAT64, length));
  kernels().cast(length, statistics, a);
  inverseRoot(a, size, p, found, scratch);
  kernels().cast(length, found, root);
}

/**
 * Shampoo (Gupta, Koren & Singer 2018, https://arxiv.org/abs/1802.09568): a matrix of statistics for each side of a matrix of weights,
 * whose roots stand around the gradient.
 *
 * With G the gradient plus `weightDecay` times the parameter p, as a matrix of the first dimension by all others: L = L + G G^T and
 * R = R + G^T G, both from eps I on; v = momentum v + L^(-1/4) G R^(-1/4); p = p - lr v. The roots are computed at the
 * first step and every `preconditionFrequency` steps, by products of matrices in float64. A side longer than
 * `maxPreconditionDim` has none, and the other one the root -1/2; a vector, and what has no side, steps as Adagrad:
 * G / (sqrt(sum of G^2) + eps). The same bits on every native target and for any number of threads; TypeScript is as near as
 * its `gemm`.
 *
 * 8 (rows^2 + columns^2) bytes of state a float32 matrix, 4 a weight of a vector; and as scratch 3 times the weights of each
 * size and 40 times the square of each side.
 */
export class Shampoo extends Optimizer<ShampooOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<ShampooOptions>>, options: ShampooOptions = {}) {
    super(define(), params, options);
  }
}
