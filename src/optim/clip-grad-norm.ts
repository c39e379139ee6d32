import { kernels } from '../backend/select.js';
import { sumTree } from '../backend/typescript/reduce.js';
import type { FloatArray, Parameter } from '../types.js';
import { checkAtLeast, show } from '../validate.js';
import { ReusableBatch } from './batches.js';
import { checkDisjoint, checkParameter } from './parameters.js';

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
  checkAtLeast('maxNorm', maxNorm, 0);
  const gradients = collectGradients(params);
  const batch = new ReusableBatch();
  run(batch, 'squares', {}, gradients);
  const squares = Array.from(batch.dotProducts(), ([square]) => square);
  const norm = Math.sqrt(sumTree(0, squares.length, (i) => squares[i]));
  const factor = maxNorm / (norm + EPS);
  if (factor < 1 || Number.isNaN(factor)) run(batch, 'scale', { factor }, gradients);
  return norm;
}

function collectGradients(params: Iterable<Parameter>): FloatArray[] {
  if (typeof params?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`params must be an iterable of parameters, got ${show(params)}`);
  }
  const entries = Array.from(params, (parameter, i) => {
    checkParameter(`params[${i}]`, parameter);
    const { name, value, grad, rowGrad } = parameter;
    return { key: name ?? `#${i}`, value, grad, rowGrad };
  });
  // Else what is shared would count twice and be scaled twice.
  checkDisjoint(entries);
  return entries.flatMap(({ grad, rowGrad }) => grad ?? rowGrad?.values ?? []);
}

function run(
  batch: ReusableBatch,
  rule: 'squares' | 'scale',
  scalars: Readonly<Record<string, number>>,
  gradients: readonly FloatArray[],
): void {
  batch.start(rule, scalars);
  for (const gradient of gradients) batch.add(gradient);
  batch.finish();
  kernels().step([batch]);
}
