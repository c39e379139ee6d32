import type { Parameter } from '../array/parameter.js';
import { copy, fill } from '../backend/stream.js';
import { showShape } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import {
  checkAtLeast,
  checkBoolean,
  checkDecayRate,
  checkFinite,
  checkInteger,
  checkOneOf,
  show,
} from '../core/validate.js';
import type { OptimizerOptions, ParamGroup, Resolved } from './common-options.js';
import type { UpdateDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import { Pass, SharedScratch } from './pass.js';
import { multiply } from './products.js';

/** See {@link Muon}. The default rate is 0.001. */
export interface MuonOptions extends OptimizerOptions {
  /** How much of itself a weight loses in a step, as a share of the rate. Default 0.1. */
  readonly weightDecay?: number;
  /** The share of the mean gradient that is kept from step to step, in [0, 1). Default 0.95. */
  readonly momentum?: number;
  /** Whether the gradient joins the mean once more. Default true. */
  readonly nesterov?: boolean;
  /** Those of X, X X^T X and (X X^T)^2 X in a step of Newton and Schulz. Default [3.4445, -4.775, 2.0315]. */
  readonly nsCoefficients?: readonly [number, number, number];
  /** The least norm that the gradient is divided by. Default 1e-7. */
  readonly eps?: number;
  /** Steps of Newton and Schulz, below 100. Default 5. */
  readonly nsSteps?: number;
  /**
   * How the rate follows the shape: `'original'` and null, the default, multiply it by sqrt(max(1, rows / columns)),
   * `'match_rms_adamw'` by 0.2 sqrt(max(rows, columns)), which suits the rates and the decay of AdamW (Moonshot).
   */
  readonly adjustLrFn?: null | 'original' | 'match_rms_adamw';
}

function define(): UpdateDefinition<MuonOptions> {
  const pass = new Pass();
  const scratch = new SharedScratch();
  return {
    name: 'Muon',
    defaults: {
      lr: 1e-3,
      weightDecay: 0.1,
      momentum: 0.95,
      nesterov: true,
      nsCoefficients: [3.4445, -4.775, 2.0315],
      eps: 1e-7,
      nsSteps: 5,
      adjustLrFn: null,
    },
    check,
    stateLengths(_, shape) {
      if (shape.length === 2) return { momentumBuffer: shape[0] * shape[1] };
      throw new RangeError(
        `Muon takes matrices, parameters of two dimensions, got one of shape ${showShape(shape)}: give the others (biases, ` +
          'embeddings, kernels of convolutions) to another optimizer beside it, such as AdamW',
      );
    },
    update(parameters) {
      for (const { value, grad, states, shape, options, lr } of parameters) {
        const { momentum, nesterov, weightDecay, eps } = options;
        const mean = fill(scratch.of('x', value, value.length), 0);
        // The sum of gradients is 1 / (1 - momentum) times their mean.
        const scalars = {
          keep: momentum,
          add: 1,
          nesterov: Number(nesterov),
          weightDecay: 0,
          shrink: 1,
          maximize: 0,
        };
        pass.add('momentum', { lr: momentum - 1, ...scalars }, [mean, grad, states.momentumBuffer]);
        pass.add('squares', {}, [mean]);
        pass.run();
        const [norm] = pass.norms();
        pass.add('scale', { factor: 1 / Math.max(norm, eps) }, [mean]);
        pass.run();
        const step = orthogonal(mean, shape, options, scratch);
        const rate = lr * ratioOf(options, shape);
        const decay = rate === 0 ? 0 : (weightDecay * lr) / rate;
        pass.add('sgd', { lr: rate, weightDecay: decay, maximize: 0 }, [value, step]);
        pass.run();
      }
    },
  };
}

/** Near the orthogonal matrix nearest to x, of which nothing remains; both have a norm of at most 1. */
function orthogonal(
  x: FloatArray,
  [rows, columns]: readonly number[],
  { nsCoefficients: [a, b, c], nsSteps }: Resolved<MuonOptions>,
  scratch: SharedScratch,
): FloatArray {
  // On the side on which its Gram matrix is smaller.
  const isTall = rows > columns;
  const side = Math.min(rows, columns);
  const square = (use: string) => ({ array: scratch.of(use, x, side * side), rows: side, columns: side });
  const [gram, polynomial] = [square('gram'), square('polynomial')];
  const matrix = (array: FloatArray) => ({ array, rows, columns });
  let [from, to] = [x, scratch.of('next', x, x.length)];
  for (let step = 0; step < nsSteps; step++) {
    const transposed = { ...matrix(from), isTransposed: true };
    if (isTall) multiply(transposed, matrix(from), gram.array);
    else multiply(matrix(from), transposed, gram.array);
    copy(gram.array, polynomial.array);
    multiply(gram, gram, polynomial.array, c, b);
    copy(from, to);
    if (isTall) multiply(matrix(from), polynomial, to, 1, a);
    else multiply(polynomial, matrix(from), to, 1, a);
    [from, to] = [to, from];
  }
  return from;
}

function ratioOf({ adjustLrFn }: Resolved<MuonOptions>, [rows, columns]: readonly number[]): number {
  if (adjustLrFn === 'match_rms_adamw') return 0.2 * Math.sqrt(Math.max(rows, columns));
  return Math.sqrt(Math.max(1, rows / columns));
}

function check({ momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn }: Resolved<MuonOptions>) {
  checkDecayRate('momentum', momentum);
  checkBoolean('nesterov', nesterov);
  if (!Array.isArray(nsCoefficients) || nsCoefficients.length !== 3) {
    throw new TypeError(`nsCoefficients must be an array of three numbers, got ${show(nsCoefficients)}`);
  }
  for (const [i, coefficient] of nsCoefficients.entries()) checkFinite(`nsCoefficients[${i}]`, coefficient);
  checkAtLeast('eps', eps, 0);
  checkInteger('nsSteps', nsSteps, 0);
  if (nsSteps >= 100) throw new RangeError(`nsSteps must be below 100, got ${nsSteps}`);
  checkOneOf('adjustLrFn', adjustLrFn, [null, 'original', 'match_rms_adamw']);
}

/**
 * Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon; as torch.optim.Muon): the step of a matrix is the mean
 * gradient made nearly orthogonal, so that it moves as far in all directions.
 *
 * With g the gradient: m = momentum m + (1 - momentum) g; u = (1 - momentum) g + momentum m, or m without Nesterov; X = u /
 * max(|u|, eps); nsSteps times A = X X^T, X = a X + (b A + c A^2) X; p = p - lr weightDecay p - lr ratio X. PyTorch
 * computes X in bfloat16, this in the type of the parameter. The same bits on every native target and for any number of threads;
 * TypeScript is as near as its `gemm`.
 *
 * Matrices only. Biases, embeddings, the last layer and kernels of convolutions have another optimizer beside it:
 * `new Muon(matrices)` and `new AdamW(others)`, each with a step of its own.
 *
 * 4 bytes of state a float32 weight (the sum of gradients, m / (1 - momentum)), and twice the weights of each shape and twice
 * the square of its smaller side as scratch.
 */
export class Muon extends Optimizer<MuonOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<MuonOptions>>, options: MuonOptions = {}) {
    super(define(), params, options);
  }
}
