import { checkAtLeast, checkNoOthers, checkObject } from '../validate.js';
import { fromRate, type Schedule } from './schedule.js';

export interface ExponentialOptions {
  /** What every step multiplies the rate by. */
  readonly factor: number;
}

/** `lr * factor^t`; PyTorch's `ExponentialLR`. */
export function exponential(lr: number, options: ExponentialOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkObject('options', options);
  const { factor, ...others } = options;
  checkNoOthers('exponential', others);
  checkAtLeast('factor', factor, 0);
  return fromRate((step) => lr * factor ** step);
}
