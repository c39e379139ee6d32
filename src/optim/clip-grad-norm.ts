import type { Parameter } from '../array/parameter.js';
import { isFloats } from '../core/dtypes.js';
import { checkLength } from '../core/float-arrays.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, show } from '../core/validate.js';
import { collectGradients, rootOf, run } from './gradients.js';

/** torch.nn.utils.clip_grad_norm_ adds this to the norm it divides by. */
const EPS = 1e-6;

/**
 * Scales all gradients by `maxNorm / (norm + 1e-6)` where their norm together is larger, and returns the norm before
 * (Pascanu et al. 2013, https://arxiv.org/abs/1211.5063; as torch.nn.utils.clip_grad_norm_).
 *
 * The norm is summed in double in an order that depends on the lengths alone: the same on every target and for any
 * number of threads. Null gradients count as zero. A norm that is not finite is returned as it is; an infinite one
 * makes all gradients zero or NaN, as in PyTorch.
 *
 * @param params the parameters whose gradients are clipped
 * @param maxNorm the largest norm allowed, at least 0
 * @throws TypeError or RangeError naming the argument that does not fit; no gradient has then changed.
 */
export function clipGradNorm(params: Iterable<Parameter>, maxNorm: number): number {
  return measureGradNorm(params, maxNorm)();
}

/** What {@link clipGradNorm} does, in two parts: the first one queues, the second one waits, reads the norm and scales. */
export function measureGradNorm(params: Iterable<Parameter>, maxNorm: number): () => number {
  return measureNorm(params, maxNorm, (factor, gradients) => run('scale', { factor }, gradients));
}

/** The same, with something else that is done where gradients are to be scaled. */
export function measureNorm(
  params: Iterable<Parameter>,
  maxNorm: number,
  scale: (factor: number, gradients: readonly FloatArray[]) => void,
): () => number {
  checkAtLeast('maxNorm', maxNorm, 0);
  const gradients = collectGradients(params);
  const squares = run('squares', {}, gradients);
  return () => {
    const norm = rootOf(squares);
    const factor = maxNorm / (norm + EPS);
    if (factor < 1 || Number.isNaN(factor)) scale(factor, gradients);
    return norm;
  };
}

/**
 * The 2-norm of all elements of all arrays together, in double, as torch.nn.utils.get_total_norm.
 *
 * It is summed in an order that depends on the lengths alone: the same on every target and for any number of threads.
 *
 * @throws TypeError naming what is no Float32Array or Float64Array, or is detached.
 */
export function totalNorm(arrays: Iterable<FloatArray>): number {
  if (typeof arrays?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`arrays must be an iterable of arrays, got ${show(arrays)}`);
  }
  return rootOf(
    run(
      'squares',
      {},
      Array.from(arrays, (array, i) => {
        if (!isFloats(array)) {
          throw new TypeError(`arrays[${i}] must be a Float32Array or a Float64Array, got ${show(array)}`);
        }
        checkLength(`arrays[${i}]`, array);
        return array;
      }),
    ),
  );
}
