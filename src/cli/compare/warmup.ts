import { constantWarmup, gradualWarmup, type LearningRate } from '../../schedule/index.js';
import type { Settings } from './study.js';

// How a rate begins, before it is what it stays.

/** A constant warm-up goes at this share of the rate (He et al. 2016: at a tenth, which here is still too large for some). */
const LOW_SHARE = 0.01;

/** A constant warm-up ends where the training error is below this. */
export const LEARNT_ERROR = 0.8;

/** A rate over a training of `steps` steps. */
export function scheduleOf({ lr, warmup }: Pick<Settings, 'lr' | 'warmup'>, steps: number): LearningRate {
  if (warmup === 'none') return lr;
  if (warmup === 'gradual') return gradualWarmup(lr, { steps: gradualSteps(steps) });
  return constantWarmup(lr, { lr: LOW_SHARE * lr, until: (error) => error < LEARNT_ERROR });
}

/** A gradual warm-up takes a tenth of all steps. */
export const gradualSteps = (steps: number): number => Math.ceil(steps / 10);
