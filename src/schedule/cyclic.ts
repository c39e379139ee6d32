import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger, checkOneOf } from '../core/validate.js';
import { checkMomenta } from './one-cycle.js';
import { fromRate, type Schedule } from './schedule.js';

/** What each mode multiplies the height of the triangle by, in cycle 0, 1, 2 ... and at step `step`. */
const HEIGHTS = {
  triangular: () => 1,
  triangular2: (cycle: number) => 0.5 ** cycle,
  expRange: (_cycle: number, step: number, factor: number) => factor ** step,
};
const MODES = ['triangular', 'triangular2', 'expRange'] as const;

/** When the triangles are, and how they get lower. */
interface TrianglesOptions {
  /** Steps from `base` to the top. Default 2000. */
  readonly up?: number;
  /** Steps from the top to `base`. Default `up`. */
  readonly down?: number;
  /** All cycles alike, each half as high as the one before, or lower by `factor` at every step. Default `'triangular'`. */
  readonly mode?: (typeof MODES)[number];
  /** For `'expRange'`. Default 1. */
  readonly factor?: number;
}

export interface CyclicOptions extends TrianglesOptions {
  /** The rate at the ends of each cycle. */
  readonly base: number;
  /** The rate at the top of the first cycle, at least `base`. */
  readonly max: number;
}

export interface CyclicMomentumOptions extends TrianglesOptions {
  /** The momentum where the first cycle has its highest rate, in [0, 1). Default 0.8. */
  readonly base?: number;
  /** The momentum at the ends of each cycle, at least `base` and below 1. Default 0.9. */
  readonly max?: number;
}

const TRIANGLES = { up: true, down: true, mode: true, factor: true } as const;
const OPTIONS: OptionNames<CyclicOptions> = { base: true, max: true, ...TRIANGLES };
const MOMENTUM_OPTIONS: OptionNames<CyclicMomentumOptions> = { base: true, max: true, ...TRIANGLES };

/**
 * Triangles between two rates (Smith 2017, cyclical learning rates); the rates of PyTorch's `CyclicLR`. Its momenta are those of
 * {@link cyclicMomentum}.
 */
export function cyclic(options: CyclicOptions): Schedule {
  checkOptions('cyclic', options, OPTIONS);
  const { base, max } = options;
  checkAtLeast('base', base, 0);
  checkAtLeast('max', max, base);
  const height = heightOf(options);
  return fromRate((step) => base + (max - base) * height(step));
}

/**
 * The momentum that goes with {@link cyclic} of the same steps and mode: `max` at the ends of each cycle, and lowest where the
 * rate is highest; PyTorch's `CyclicLR` with `cycle_momentum=True`.
 *
 * `new SGD(params, { lr: cyclic({ base: 0.01, max: 0.1 }), momentum: cyclicMomentum() })`
 */
export function cyclicMomentum(options: CyclicMomentumOptions = {}): Schedule {
  checkOptions('cyclicMomentum', options, MOMENTUM_OPTIONS);
  const { base = 0.8, max = 0.9 } = options;
  checkMomenta(base, max);
  const height = heightOf(options);
  return fromRate((step) => max - (max - base) * height(step), 'momentum');
}

/** How high each step is: 1 at the top of the first triangle. */
function heightOf({
  up = 2000,
  down = up,
  mode = 'triangular',
  factor = 1,
}: TrianglesOptions): (step: number) => number {
  checkInteger('up', up, 1);
  checkInteger('down', down, 1);
  checkOneOf('mode', mode, MODES);
  checkAtLeast('factor', factor, 0);
  const scale = HEIGHTS[mode];
  return (step) => {
    const cycle = Math.floor(step / (up + down));
    const position = step - cycle * (up + down);
    const triangle = position <= up ? position / up : (up + down - position) / down;
    return triangle * scale(cycle, step, factor);
  };
}
