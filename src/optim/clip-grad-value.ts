import type { Parameter } from '../array/parameter.js';
import { kernels } from '../backend/stream.js';
import { checkAtLeast } from '../core/validate.js';
import { collectGradients } from './gradients.js';

/**
 * Limits every element of every gradient to [-clipValue, clipValue], as torch.nn.utils.clip_grad_value_. NaN stays.
 *
 * @param params the parameters whose gradients are clipped
 * @param clipValue at least 0
 * @throws TypeError or RangeError naming the argument that does not fit; no gradient has then changed.
 */
export function clipGradValue(params: Iterable<Parameter>, clipValue: number): void {
  checkAtLeast('clipValue', clipValue, 0);
  for (const gradient of collectGradients(params)) {
    kernels().clampForward(gradient.length, -clipValue, clipValue, gradient, gradient);
  }
}
