import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger, checkOneOf } from '../core/validate.js';
import { cosineAnneal, linearAnneal, squareRootAnneal } from './anneal.js';
import { fromRate, type Schedule } from './schedule.js';

const DECAYS = { linear: linearAnneal, cosine: cosineAnneal, sqrt: squareRootAnneal };
const SHAPES = ['linear', 'cosine', 'sqrt'] as const;

export interface WarmupStableDecayOptions {
  /** Steps of the whole run; the rate then stays at `min`. */
  readonly steps: number;
  /** Steps in which the rate rises to `lr` by the same amount each. Default 0. */
  readonly warmup?: number;
  /** The last steps, in which the rate falls to `min`. Default a tenth of `steps`, rounded up. */
  readonly decay?: number;
  /** How it falls: along a line, half a cosine wave, or 1 - sqrt(progress). Default `'linear'`. */
  readonly shape?: (typeof SHAPES)[number];
  /** The last rate. Default 0. */
  readonly min?: number;
}

const OPTIONS: OptionNames<WarmupStableDecayOptions> = {
  steps: true,
  warmup: true,
  decay: true,
  shape: true,
  min: true,
};

/**
 * Up to `lr`, level for most of the run, and down at its end (Hu et al. 2024, MiniCPM, https://arxiv.org/abs/2404.06395,
 * section 4; the shape `'sqrt'` is that of Hägele et al. 2024, https://arxiv.org/abs/2405.18392, equation 1). A run can so be made longer
 * from any step of its level part. Step t of the warm-up has the rate `lr * (t + 1) / warmup`, as `gradualWarmup`.
 */
export function warmupStableDecay(lr: number, options: WarmupStableDecayOptions): Schedule {
  checkAtLeast('lr', lr, 0);
  checkOptions('warmupStableDecay', options, OPTIONS);
  const { steps, warmup = 0, decay = Math.ceil(steps / 10), shape = 'linear', min = 0 } = options;
  checkInteger('steps', steps, 1);
  checkInteger('warmup', warmup, 0);
  checkInteger('decay', decay, 0);
  checkOneOf('shape', shape, SHAPES);
  checkAtLeast('min', min, 0);
  if (warmup + decay > steps) {
    throw new RangeError(`warmup and decay must fit into ${steps} steps, got ${warmup} and ${decay}`);
  }
  const fall = DECAYS[shape];
  const start = steps - decay;
  return fromRate((step) => {
    if (step + 1 < warmup) return (lr * (step + 1)) / warmup;
    if (step < start) return lr;
    return step >= steps ? min : fall(lr, min, (step - start) / decay);
  });
}
