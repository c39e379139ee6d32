import type { Parameter } from '../array/parameter.js';
import { fill, kernels, settledArray } from '../backend/stream.js';
import { sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { OptimizerOptions, ParamGroup } from './common-options.js';
import type { ParameterUpdate, UpdateDefinition } from './definition.js';
import { addToDiagonal } from './inverse-root.js';
import { Optimizer } from './optimizer.js';
import { orthonormalRows } from './orthonormal.js';
import { Pass, SharedScratch } from './pass.js';
import { multiply } from './products.js';
import { matrixOf, type Side, sidesOf } from './sides.js';

/** See {@link SOAP}. The default rate is 0.003. */
export interface SOAPOptions extends OptimizerOptions {
  /** The shares of the mean gradient, and of its square and the statistics, that are kept from step to step, in [0, 1). Default [0.95, 0.95]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the mean square, at least 0. Default 1e-8. */
  readonly eps?: number;
  /** How much of itself a weight loses in a step, as a share of the rate. Default 0.01. */
  readonly weightDecay?: number;
  /** Steps from one turn of the bases to the next, at least 1. Default 10. */
  readonly preconditionFrequency?: number;
  /** The largest side that has a basis, at least 1: to turn it takes the cube of it. Default 1024. */
  readonly maxPreconditionDim?: number;
}

type Update = ParameterUpdate<SOAPOptions>;

/** What is added to the diagonal of the statistics, of the largest on it: no eigenvector moves, and no row becomes nothing. */
const SHIFT = 1e-10;

/** Where memory of float64 is asked for. */
const FLOAT64 = new Float64Array(0);

function define(): UpdateDefinition<SOAPOptions> {
  const [pass, scratch] = [new Pass(), new SharedScratch()];
  return {
    name: 'SOAP',
    defaults: {
      lr: 3e-3,
      betas: [0.95, 0.95],
      eps: 1e-8,
      weightDecay: 0.01,
      preconditionFrequency: 10,
      maxPreconditionDim: 1024,
    },
    check({ betas, eps, preconditionFrequency, maxPreconditionDim }) {
      checkBetas(betas);
      checkAtLeast('eps', eps, 0);
      checkInteger('preconditionFrequency', preconditionFrequency, 1);
      checkInteger('maxPreconditionDim', maxPreconditionDim, 1);
    },
    stateLengths(options, shape): Record<string, number> {
      const squares = sidesOf(shape, options.maxPreconditionDim).flatMap(
        ({ name, size }): [string, number][] => [
          [name, size * size],
          [`${name}Basis`, size * size],
        ],
      );
      return { m: sizeOf(shape), v: sizeOf(shape), ...Object.fromEntries(squares) };
    },
    update(parameters) {
      for (const parameter of parameters) {
        if (parameter.value.length > 0) take(parameter, pass, scratch);
      }
    },
  };
}

function take(parameter: Update, pass: Pass, scratch: SharedScratch): void {
  const { value, grad, states, options, lr, shape, step: count } = parameter;
  const { betas, eps, weightDecay, preconditionFrequency } = options;
  const [beta1, beta2] = betas;
  const sides = sidesOf(shape, options.maxPreconditionDim);
  if (count === 1) for (const { name, size } of sides) addToDiagonal(states[`${name}Basis`], size, 1);
  pass.add('interpolate', { weight: 1 - beta1 }, [states.m, grad]);
  pass.run();
  const gradient = turned(parameter, sides, grad, 'gradient', scratch);
  const mean = turned(parameter, sides, states.m, 'mean', scratch);
  const step = fill(scratch.of('step', value, value.length), 0);
  pass.add('squareMean', { beta: beta2, rest: 1 - beta2 }, [states.v, gradient]);
  // What RMSprop with these squares subtracts from 0.
  const root = Math.sqrt(1 - beta2 ** count);
  const kept = {
    alpha: 1,
    rest: 0,
    momentum: 0,
    add: 0,
    epsInside: 0,
    weightDecay: 0,
    shrink: 1,
    maximize: 0,
  };
  pass.add('rmsprop', { lr: -root / (1 - beta1 ** count), eps: eps * root, ...kept }, [step, mean, states.v]);
  pass.run();
  const direction = turned(parameter, sides, step, 'back', scratch);
  pass.add('sgd', { lr, weightDecay, maximize: 0 }, [value, direction]);
  pass.run();
  for (const side of sides) {
    gather(parameter, side);
    if (count % preconditionFrequency === 0) turnBasis(parameter, side, scratch);
  }
}

/** x as the bases see it, or back from there: itself, or in an array of its size. */
function turned(
  { states, shape }: Update,
  sides: readonly Side[],
  x: FloatArray,
  use: 'gradient' | 'mean' | 'back',
  scratch: SharedScratch,
): FloatArray {
  const [rows, columns] = matrixOf(shape);
  const isBack = use === 'back';
  let from = x;
  for (const { name, size } of sides) {
    const basis = { array: states[`${name}Basis`], rows: size, columns: size };
    const matrix = { array: from, rows, columns };
    const to = scratch.of(`${use} ${name}`, x, x.length);
    if (name === 'left') multiply({ ...basis, isTransposed: isBack }, matrix, to);
    else multiply(matrix, { ...basis, isTransposed: !isBack }, to);
    from = to;
  }
  return from;
}

/** Lets the gradient join the statistics of a side. */
function gather({ grad, states, options, shape }: Update, { name }: Side): void {
  const [rows, columns] = matrixOf(shape);
  const [, beta2] = options.betas;
  const g = { array: grad, rows, columns };
  const transposed = { ...g, isTransposed: true };
  if (name === 'left') multiply(g, transposed, states.left, 1 - beta2, beta2);
  else multiply(transposed, g, states.right, 1 - beta2, beta2);
}

/**
 * A step of orthogonal iteration, in float64: the basis, whose vectors are rows, times the statistics, made orthonormal. The vectors
 * of the largest eigenvalues come first, and the mean squares with them: each becomes orthogonal to those before it.
 */
function turnBasis(parameter: Update, { name, size }: Side, scratch: SharedScratch): void {
  const { states } = parameter;
  const length = size * size;
  const [statistics, before, after] = ['statistics', 'before', 'after'].map((use) =>
    scratch.of(use, FLOAT64, length),
  );
  kernels().cast(length, states[name], statistics);
  kernels().cast(length, states[`${name}Basis`], before);
  const elements = settledArray(statistics);
  let largest = 0;
  for (let at = 0; at < length; at += size + 1) largest = Math.max(largest, elements[at]);
  // Gradients were zero so far, or are no numbers.
  if (!(largest > 0)) return;
  addToDiagonal(statistics, size, SHIFT * largest);
  const matrix = (array: FloatArray) => ({ array, rows: size, columns: size });
  multiply(matrix(before), matrix(statistics), after, 1 / largest);
  const order = orderOf(settledArray(before), settledArray(after), size);
  for (const [row, from] of order.entries()) {
    elements.set(after.subarray(from * size, (from + 1) * size), row * size);
  }
  if (order.some((from, row) => from !== row)) reorder(parameter, name, order, scratch);
  orthonormalRows(elements, size, scratch);
  kernels().cast(length, elements, states[`${name}Basis`]);
}

/** The places of basis vectors by the eigenvalues that they are nearest to, the largest first: rows times what they become. */
function orderOf(before: FloatArray, after: FloatArray, size: number): number[] {
  const values = Array.from({ length: size }, (_, row) => {
    let sum = 0;
    for (let at = row * size; at < (row + 1) * size; at++) sum += before[at] * after[at];
    return sum;
  });
  return Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
}

/** Has the mean squares follow the vectors of a side. */
function reorder(
  { states, shape }: Update,
  name: Side['name'],
  order: readonly number[],
  scratch: SharedScratch,
): void {
  const [rows, columns] = matrixOf(shape);
  const v = settledArray(states.v);
  const before = scratch.of('order', v, v.length);
  before.set(v);
  for (let row = 0; row < rows; row++) {
    const from = name === 'left' ? order[row] : row;
    const line = before.subarray(from * columns, (from + 1) * columns);
    if (name === 'left') v.set(line, row * columns);
    else for (let column = 0; column < columns; column++) v[row * columns + column] = line[order[column]];
  }
}

/**
 * SOAP (Vyas et al. 2024, https://arxiv.org/abs/2409.11321, algorithm 3): Adam in the bases in which Shampoo's statistics are nearly
 * diagonal.
 *
 * With G the gradient as a matrix of the first dimension by all others, and U and W orthogonal, the identity at first:
 * M = beta1 M + (1 - beta1) G; V = beta2 V + (1 - beta2) (U^T G W)^2; N = U (mhat / (sqrt(vhat) + eps)) W^T with mhat =
 * U^T M W / (1 - beta1^t) and vhat = V / (1 - beta2^t); p = p - lr (N + weightDecay p); then L = beta2 L + (1 - beta2) G G^T, R the same
 * of G^T G, and every `preconditionFrequency` steps U = the orthonormal columns of L U, W of R W, in float64, those of the largest
 * eigenvalues first, and V in that order. A side longer than `maxPreconditionDim` keeps the identity, and a vector steps as Adam.
 * The same bits on every native target and for any number of threads; TypeScript is as near as its `gemm`.
 *
 * The authors' code (https://github.com/nikhilvyas/SOAP) differs: it takes no step with the first gradient, but its eigenvectors as
 * bases, where here the identity is one until the first turn; it adds eps to the root of V before that is corrected, lets the
 * weights decay behind the step, gives each dimension of more than two a basis, up to 10,000 long, and turns in the gradient's type.
 *
 * 8 bytes of state a float32 weight and 8 (rows^2 + columns^2) bytes a matrix; as scratch 8 times the weights of each size
 * and 24 times the square of each side.
 */
export class SOAP extends Optimizer<SOAPOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<SOAPOptions>>, options: SOAPOptions = {}) {
    super(define(), params, options);
  }
}
