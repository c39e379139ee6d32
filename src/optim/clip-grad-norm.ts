import type { Parameter } from '../array/parameter.js';
import { isFloats } from '../core/dtypes.js';
import { checkLength } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkBoolean, checkOneOf, show } from '../core/validate.js';
import { collectGradients, rootOf, run } from './gradients.js';
import { normOf } from './vectors.js';

/** See {@link clipGradNorm} and {@link totalNorm}. */
export interface ClipGradNormOptions {
  /** The sum of magnitudes (1), the root of the sum of squares (2), or the largest magnitude (Infinity). Default 2. */
  readonly normType?: 1 | 2 | typeof Number.POSITIVE_INFINITY;
  /** Whether a norm that is not finite is an error. Default false: it is returned. */
  readonly errorIfNonfinite?: boolean;
}

const OPTIONS: OptionNames<ClipGradNormOptions> = { normType: true, errorIfNonfinite: true };

type GradNormSettings = Required<ClipGradNormOptions>;
const DEFAULTS: GradNormSettings = { normType: 2, errorIfNonfinite: false };

/** torch.nn.utils.clip_grad_norm_ adds this to the norm it divides by. */
const EPS = 1e-6;

/**
 * Scales all gradients by `maxNorm / (norm + 1e-6)` where their norm together is larger, and returns the norm before
 * (Pascanu et al. 2013, https://arxiv.org/abs/1211.5063; as torch.nn.utils.clip_grad_norm_).
 *
 * The norm is summed in double in an order that depends on the lengths alone: the same on every target and for any
 * number of threads; with a `normType` of 1, each gradient in its own type. Null gradients count as zero. A norm that is not finite is
 * returned as it is, unless `errorIfNonfinite`; an infinite one makes all gradients zero or NaN, as in PyTorch.
 *
 * @param params the parameters whose gradients are clipped
 * @param maxNorm the largest norm allowed, at least 0; Infinity measures and clips nothing
 * @throws TypeError or RangeError naming the argument that does not fit, RangeError for a norm that is not finite where that is asked
 * for; no gradient has then changed.
 */
export function clipGradNorm(
  params: Iterable<Parameter>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): number {
  return measureGradNorm(params, maxNorm, gradNormSettings('clipGradNorm', options))();
}

/** What {@link clipGradNorm} does, in two parts: the first one queues, the second one waits, reads the norm and scales. */
export function measureGradNorm(
  params: Iterable<Parameter>,
  maxNorm: number,
  settings = DEFAULTS,
): () => number {
  return measureNorm(params, maxNorm, (factor, gradients) => run('scale', { factor }, gradients), settings);
}

/** The same, with something else that is done where gradients are to be scaled. */
export function measureNorm(
  params: Iterable<Parameter>,
  maxNorm: number,
  scale: (factor: number, gradients: readonly FloatArray[]) => void,
  settings = DEFAULTS,
): () => number {
  if (maxNorm !== Number.POSITIVE_INFINITY) checkAtLeast('maxNorm', maxNorm, 0);
  const gradients = collectGradients(params);
  const measured = measure(gradients, settings);
  return () => {
    const norm = measured();
    const factor = factorFor(norm, maxNorm);
    if (factor !== null) scale(factor, gradients);
    return norm;
  };
}

/** @param owner as messages name it. @throws TypeError or RangeError naming the option that does not fit. */
export function gradNormSettings(owner: string, options: ClipGradNormOptions): GradNormSettings {
  checkOptions(owner, options, OPTIONS);
  const { normType = DEFAULTS.normType, errorIfNonfinite = DEFAULTS.errorIfNonfinite } = options;
  checkOneOf('normType', normType, [1, 2, Number.POSITIVE_INFINITY]);
  checkBoolean('errorIfNonfinite', errorIfNonfinite);
  return { normType, errorIfNonfinite };
}

/** Queues what the norm is made of. @returns what waits for it. */
function measure(
  arrays: readonly FloatArray[],
  { normType, errorIfNonfinite }: GradNormSettings,
): () => number {
  const squares = normType === 2 ? run('squares', {}, arrays) : null;
  return () => {
    const norm = squares === null ? normOf(normType === 1 ? 'norm1' : 'normInf', arrays) : rootOf(squares);
    if (errorIfNonfinite && !Number.isFinite(norm)) {
      throw new RangeError(
        `the norm must be finite, got ${norm}: clip with errorIfNonfinite: false, or look for what gives such a gradient`,
      );
    }
    return norm;
  };
}

/** What gradients of that norm are to be multiplied by; null where they stay. */
export function factorFor(norm: number, maxNorm: number): number | null {
  if (maxNorm === Number.POSITIVE_INFINITY) return null;
  const factor = maxNorm / (norm + EPS);
  return factor < 1 || Number.isNaN(factor) ? factor : null;
}

/**
 * The norm of all elements of all arrays together, as torch.nn.utils.get_total_norm.
 *
 * It is summed in double in an order that depends on the lengths alone: the same on every target and for any number of threads; with a
 * `normType` of 1, each array in its own type.
 *
 * @throws TypeError naming what is no Float32Array or Float64Array, or is detached; RangeError for a norm that is not finite where that
 * is asked for.
 */
export function totalNorm(arrays: Iterable<FloatArray>, options: ClipGradNormOptions = {}): number {
  if (typeof arrays?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`arrays must be an iterable of arrays, got ${show(arrays)}`);
  }
  const settings = gradNormSettings('totalNorm', options);
  const list = Array.from(arrays, (array, i) => {
    if (!isFloats(array)) {
      throw new TypeError(`arrays[${i}] must be a Float32Array or a Float64Array, got ${show(array)}`);
    }
    checkLength(`arrays[${i}]`, array);
    return array;
  });
  return measure(list, settings)();
}
