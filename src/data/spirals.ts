import { Generator } from '../array/generator.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkAtLeast, checkInteger } from '../core/validate.js';
import type { Dataset } from './dataset.js';

export interface TwoSpiralsOptions {
  /** Points on each of the two arms. Default 1000. */
  readonly pointsPerArm?: number;
  /** How far a point may lie off its arm, in units of the outermost radius. Default 0.05. */
  readonly noise?: number;
  /** How often an arm winds around the centre. Default 1.75. */
  readonly turns?: number;
  /** Default 0. */
  readonly seed?: number;
}

const OPTIONS: OptionNames<TwoSpiralsOptions> = { pointsPerArm: true, noise: true, turns: true, seed: true };

/**
 * Two intertwined spirals (Lang and Witbrock, "Learning to tell two spirals apart", 1988): two columns in [-1.1, 1.1],
 * two classes, no straight line that parts them.
 */
export function twoSpirals(options: TwoSpiralsOptions = {}): Dataset {
  checkOptions('twoSpirals', options, OPTIONS);
  const { pointsPerArm = 1000, noise = 0.05, turns = 1.75, seed = 0 } = options;
  checkInteger('pointsPerArm', pointsPerArm, 1);
  checkAtLeast('noise', noise, 0);
  checkAtLeast('turns', turns, 0);
  checkInteger('seed', seed, 0);

  const random = new Generator(seed);
  const rows = 2 * pointsPerArm;
  const features = new Float32Array(2 * rows);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const arm = row % 2;
    // The square root spreads the points evenly over the disc instead of crowding them at the centre.
    const radius = 0.1 + 0.9 * Math.sqrt(random.uniform());
    const angle = 2 * Math.PI * turns * radius + arm * Math.PI;
    features[2 * row] = radius * Math.cos(angle) + noise * (random.uniform() + random.uniform() - 1);
    features[2 * row + 1] = radius * Math.sin(angle) + noise * (random.uniform() + random.uniform() - 1);
    labels[row] = arm;
  }
  return {
    name: 'two spirals',
    features,
    labels,
    rows,
    columns: 2,
    classes: 2,
    classNames: ['first', 'second'],
  };
}
