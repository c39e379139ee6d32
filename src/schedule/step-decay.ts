import { checkAtLeast, checkInteger, checkNoOthers, checkObject } from '../validate.js';
import { fromRate, type Schedule } from './schedule.js';

export interface StepDecayOptions {
  /** Steps between two decays. */
  readonly every: number;
  /** What each decay multiplies the rate by. Default 0.1. */
  readonly factor?: number;
}

/** `lr * factor^floor(t / every)`; PyTorch's `StepLR`. */
export function stepDecay(lr: number, options: StepDecayOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkObject('options', options);
  const { every, factor = 0.1, ...others } = options;
  checkNoOthers('stepDecay', others);
  checkInteger('every', every, 1);
  checkAtLeast('factor', factor, 0);
  return fromRate((step) => lr * factor ** Math.floor(step / every));
}
