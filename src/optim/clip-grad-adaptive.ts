import { arraysOf, type Parameter } from '../array/parameter.js';
import { kernels } from '../backend/select.js';
import { zeros } from '../core/dtypes.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkGreater, show } from '../core/validate.js';
import { collectGradients, listed } from './gradients.js';
import { shapeOf } from './parameter-state.js';

/** See {@link clipGradAdaptive}. */
export interface ClipGradAdaptiveOptions {
  /** The largest norm of a unit's gradient, in norms of its weights; above 0. Default 0.01. */
  readonly clipping?: number;
  /** The least norm that weights count with, above 0. Default 1e-3. */
  readonly eps?: number;
}

const OPTIONS: OptionNames<ClipGradAdaptiveOptions> = { clipping: true, eps: true };

/** What a gradient is divided by is at least this, as in the authors' code. */
const LEAST_NORM = 1e-6;

// See Binary in backend/contract/arguments.ts: b has one element for all columns of a row.
const FACTOR_A_ROW = 1 << 5;

/**
 * Adaptive gradient clipping (Brock et al. 2021, https://arxiv.org/abs/2102.06171, equation 3): of every unit whose gradient has a
 * norm above `clipping` times that of its weights, the gradient is scaled to it. A unit is what belongs to one index of the first
 * dimension: a row of a `Linear`, a filter of a convolution; a vector is one unit. The authors leave the last layer out.
 *
 * Norms are summed in double, in an order that depends on the shape alone.
 *
 * @param params the parameters whose gradients are clipped
 * @throws TypeError or RangeError naming the argument that does not fit, or a parameter with a gradient by rows; no gradient has then
 * changed.
 */
export function clipGradAdaptive(params: Iterable<Parameter>, options: ClipGradAdaptiveOptions = {}): void {
  checkOptions('clipGradAdaptive', options, OPTIONS);
  const { clipping = 0.01, eps = 1e-3 } = options;
  checkGreater('clipping', clipping, 0);
  checkGreater('eps', eps, 0);
  const list = listed(params);
  collectGradients(list);
  const entries = list.flatMap((parameter, i) => {
    const { value, grad, rowGrad } = arraysOf(parameter);
    const name = `params[${i}]`;
    if (rowGrad) throw new TypeError(`${name} must have no gradient by rows, got ${show(rowGrad)}`);
    if (!grad || grad.length === 0) return [];
    const shape = shapeOf(name, parameter.shape, value.length);
    return [{ value, grad, units: shape.length < 2 ? 1 : shape[0] }];
  });
  for (const { value, grad, units } of entries) {
    const [weights, gradients] = [normsOf(value, units), normsOf(grad, units)];
    for (let unit = 0; unit < units; unit++) {
      const most = Math.max(weights[unit], eps) * clipping;
      const norm = gradients[unit];
      gradients[unit] = norm > most ? most / Math.max(norm, LEAST_NORM) : 1;
    }
    kernels().mul(FACTOR_A_ROW, 1, units, grad.length / units, grad, gradients, grad);
  }
}

function normsOf(array: FloatArray, units: number): FloatArray {
  const norms = zeros(array instanceof Float64Array ? 'float64' : 'float32', units);
  kernels().norm2(units, array.length / units, 1, 1, array, norms);
  return norms;
}
