import { accuracy, crossEntropy, mse, type Tensor, tensor } from '../../nn/index.js';
import { type Examples, type Loss, type Metric, r2, type Target } from '../../train/index.js';
import type { Part, StudyData } from './data.js';

/** What a network is judged by, in steps and in evaluations. */
export interface Judge<Y extends Target> {
  readonly loss: Loss<Y>;
  readonly metric: Metric<Y>;
  /** How wrong a batch is, as a share: what a constant warm-up looks at. */
  readonly errorOf: (loss: number, metric: number) => number;
  readonly examples: (part: Part) => Examples<Y>;
}

const featuresOf = ({ columns }: StudyData, { features, rows }: Part) => tensor(features, [rows, columns]);

export const classification = (data: StudyData): Judge<Int32Array> => ({
  loss: crossEntropy,
  metric: accuracy,
  errorOf: (_, share) => 1 - share,
  examples(part) {
    const { targets } = part;
    if (!(targets instanceof Int32Array)) throw new TypeError('targets must be classes');
    return { x: featuresOf(data, part), y: targets };
  },
});

export const regression = (data: StudyData): Judge<Tensor> => ({
  loss: mse,
  metric: r2,
  // Targets have a variance of 1.
  errorOf: (loss) => loss,
  examples(part) {
    const { targets, rows } = part;
    if (!(targets instanceof Float32Array)) throw new TypeError('targets must be numbers');
    return { x: featuresOf(data, part), y: tensor(targets, [rows, data.classes]) };
  },
});

/** The first rows of a part, in the same memory: at most so many. */
export function firstOf({ columns }: StudyData, { rows, features, targets }: Part, most: number): Part {
  const kept = Math.min(rows, most);
  return {
    rows: kept,
    features: features.subarray(0, kept * columns),
    targets: targets.subarray(0, (kept * targets.length) / rows),
  };
}
