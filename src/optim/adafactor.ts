import type { Parameter } from '../array/parameter.js';
import { copy, kernels } from '../backend/stream.js';
import { dtypeOf } from '../core/dtypes.js';
import { sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkFinite, show } from '../core/validate.js';
import type { CommonOptions, ParamGroup } from './common-options.js';
import type { ParameterUpdate, UpdateDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import { Pass, SharedScratch } from './pass.js';

/** See {@link Adafactor}. The default rate is 0.01. `weightDecay` shrinks weights by 1 - lr weightDecay. */
export interface AdafactorOptions extends CommonOptions {
  /** 1 - beta2 at step t is t^beta2Decay; at most 0. Default -0.8. */
  readonly beta2Decay?: number;
  /**
   * What mean squares are at least, null being the epsilon of the element type; and what the root of the mean square of a
   * parameter counts as at least. Default [null, 0.001].
   */
  readonly eps?: readonly [number | null, number];
  /** The root of the mean square that a step has at most, before the rate; at least 1. Default 1. */
  readonly d?: number;
}

type Update = ParameterUpdate<AdafactorOptions>;

/** Bits for operands that have one column, and one row: see `Binary` in backend/contract/arguments.ts. */
const A_HAS_ONE_COLUMN = 1 << 2;
const B_HAS_ONE_COLUMN = 1 << 5;
const B_HAS_ONE_ROW = 1 << 4;

function define(): UpdateDefinition<AdafactorOptions> {
  const pass = new Pass();
  const scratch = new SharedScratch();
  return {
    name: 'Adafactor',
    defaults: { lr: 1e-2, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0, maximize: false },
    check({ beta2Decay, eps, d }) {
      checkFinite('beta2Decay', beta2Decay);
      if (beta2Decay > 0) throw new RangeError(`beta2Decay must be at most 0, got ${beta2Decay}`);
      if (!Array.isArray(eps) || eps.length !== 2) {
        throw new TypeError(
          `eps must be an array of two numbers, the first of which may be null, got ${show(eps)}`,
        );
      }
      if (eps[0] !== null) checkAtLeast('eps[0]', eps[0], 0);
      checkAtLeast('eps[1]', eps[1], 0);
      checkAtLeast('d', d, 1);
    },
    stateLengths(_, shape): Record<string, number> {
      if (shape.length < 2) return { variance: sizeOf(shape) };
      const { outer, rows, columns } = matricesOf(shape);
      return { rowVariance: outer * rows, columnVariance: outer * columns };
    },
    update(parameters) {
      for (const parameter of parameters) {
        if (parameter.value.length > 0) take(parameter, pass, scratch);
      }
    },
  };
}

function take(parameter: Update, pass: Pass, scratch: SharedScratch): void {
  const { value, grad, options, lr, step } = parameter;
  const { eps, d, weightDecay, maximize, beta2Decay } = options;
  const least = eps[0] ?? (dtypeOf(value) === 'float32' ? 2 ** -23 : Number.EPSILON);
  const n = value.length;
  const update = scratch.of('update', value, n);
  kernels().squareForward(n, grad, update);
  estimate(parameter, update, step ** beta2Decay, least, pass, scratch);
  kernels().clampForward(n, least * least, Number.POSITIVE_INFINITY, update, update);
  kernels().sqrtForward(n, update, update);
  kernels().div(0, 1, 1, n, grad, update, update);
  pass.add('squares', {}, [value, update]);
  pass.run();
  const [size, length] = pass.norms().map((norm) => norm / Math.sqrt(n));
  const rate = (Math.max(eps[1], size) * Math.min(lr, 1 / Math.sqrt(step))) / Math.max(1, length / d);
  const decay = rate === 0 ? 0 : (lr * weightDecay) / rate;
  pass.add('sgd', { lr: rate, weightDecay: decay, maximize: Number(maximize) }, [value, update]);
  pass.run();
}

/** Takes the squares of a gradient into the states, and leaves the estimate of their mean in their place. */
function estimate(
  { shape, states }: Update,
  squares: FloatArray,
  share: number,
  least: number,
  pass: Pass,
  scratch: SharedScratch,
): void {
  // Gradient descent that climbs with a decay of 1: state - share (-squares + state).
  const scalars = { lr: share, weightDecay: 1, maximize: 1 };
  if (shape.length < 2) {
    pass.add('sgd', scalars, [states.variance, squares]);
    pass.run();
    copy(states.variance, squares);
    return;
  }
  const { outer, rows, columns } = matricesOf(shape);
  const { rowVariance, columnVariance } = states;
  const ofRows = scratch.of('rows', squares, rowVariance.length);
  const ofColumns = scratch.of('columns', squares, columnVariance.length);
  const means = scratch.of('means', squares, outer);
  kernels().sum(outer * rows, columns, 1, 1 / columns, squares, ofRows);
  kernels().sum(outer, rows, columns, 1 / rows, squares, ofColumns);
  pass.add('sgd', scalars, [rowVariance, ofRows, columnVariance, ofColumns]);
  pass.run();
  kernels().sum(outer, rows, 1, 1 / rows, rowVariance, means);
  kernels().clampForward(outer, least, Number.POSITIVE_INFINITY, means, means);
  kernels().div(B_HAS_ONE_COLUMN, 1, outer, rows, rowVariance, means, ofRows);
  kernels().mul(A_HAS_ONE_COLUMN | B_HAS_ONE_ROW, outer, rows, columns, ofRows, columnVariance, squares);
}

/** The last two dimensions are a matrix, as often as those before say. */
function matricesOf(shape: readonly number[]) {
  const [rows, columns] = shape.slice(-2);
  return { outer: sizeOf(shape.slice(0, -2)), rows, columns };
}

/**
 * Adafactor (Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235; as torch.optim.Adafactor): the second moment of a matrix is
 * one number for each row and each column.
 *
 * With g the gradient, p the parameter and rms the root of a mean square, at step t: rho = t^beta2Decay; R and C go to the
 * means of g^2 along rows and columns by the share rho; V = R C / max(mean(R), eps[0]), or of a vector its own running mean;
 * u = g / sqrt(max(V, eps[0]^2)); p = p - lr weightDecay p - max(eps[1], rms(p)) min(lr, 1 / sqrt(t)) / max(1, rms(u) / d) u.
 * As in PyTorch, eps[0] bounds the estimate; in the paper it is added to g^2. Of more than two dimensions the last two are
 * matrices.
 *
 * 4 (rows + columns) bytes of state a float32 matrix, 4 a weight of a vector, and the weights of each size once as scratch.
 */
export class Adafactor extends Optimizer<AdafactorOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdafactorOptions>>, options: AdafactorOptions = {}) {
    super(define(), params, options);
  }
}
