import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger, checkOneOf } from '../core/validate.js';
import { fromRate, type Schedule } from './schedule.js';

/** What each mode multiplies the height of the triangle by, in cycle 0, 1, 2 ... and at step `step`. */
const HEIGHTS = {
  triangular: () => 1,
  triangular2: (cycle: number) => 0.5 ** cycle,
  expRange: (_cycle: number, step: number, factor: number) => factor ** step,
};
const MODES = ['triangular', 'triangular2', 'expRange'] as const;

export interface CyclicOptions {
  /** The rate at the ends of each cycle. */
  readonly base: number;
  /** The rate at the top of the first cycle, at least `base`. */
  readonly max: number;
  /** Steps from `base` to the top. Default 2000. */
  readonly up?: number;
  /** Steps from the top to `base`. Default `up`. */
  readonly down?: number;
  /** All cycles alike, each half as high as the one before, or lower by `factor` at every step. Default `'triangular'`. */
  readonly mode?: (typeof MODES)[number];
  /** For `'expRange'`. Default 1. */
  readonly factor?: number;
}

const OPTIONS: OptionNames<CyclicOptions> = {
  base: true,
  max: true,
  up: true,
  down: true,
  mode: true,
  factor: true,
};

/** Triangles between two rates (Smith 2017, cyclical learning rates); the rates of PyTorch's `CyclicLR`. */
export function cyclic(options: CyclicOptions): Schedule {
  checkOptions('cyclic', options, OPTIONS);
  const { base, max, up = 2000, down = up, mode = 'triangular', factor = 1 } = options;
  checkAtLeast('base', base, 0);
  checkAtLeast('max', max, base);
  checkInteger('up', up, 1);
  checkInteger('down', down, 1);
  checkOneOf('mode', mode, MODES);
  checkAtLeast('factor', factor, 0);
  const height = HEIGHTS[mode];
  return fromRate((step) => {
    const cycle = Math.floor(step / (up + down));
    const position = step - cycle * (up + down);
    const triangle = position <= up ? position / up : (up + down - position) / down;
    return base + (max - base) * triangle * height(cycle, step, factor);
  });
}
