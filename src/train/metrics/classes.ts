import { settledArray } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkFinite, checkInteger, checkObject, checkOneOf, MAX_INT32, show } from '../../core/validate.js';
import { arrayOf, checkTensor, elementsOf } from '../../nn/engine/tensor.js';
import { toIntegers, wholeNumbers } from '../../nn/functions/labels.js';
import { argmax, type Labels, noGrad, Tensor } from '../../nn/index.js';
import { type Metric, type StatefulMetric, stateful } from './metric.js';

// Metrics of predicted classes.

/** Class numbers, or a tensor of them. */
type Classes = Labels | Tensor;

/** See {@link confusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** How many classes there are. Default: one more than the largest that is there. */
  readonly classes?: number;
  /** What an output of one column must exceed for class 1. Default 0, for logits; 0.5 suits probabilities. */
  readonly threshold?: number;
}

const CONFUSION_OPTIONS: OptionNames<ConfusionMatrixOptions> = { classes: true, threshold: true };

/** See {@link precision}, {@link recall} and {@link f1}. */
export interface AverageOptions {
  /**
   * 'binary': of class 1, where there are the classes 0 and 1; 'macro': the mean over the classes that are predicted or there;
   * 'weighted': the same, weighted by how often they are there; 'micro': of all rows, whatever their class. Default 'binary'.
   */
  readonly average?: 'binary' | 'macro' | 'weighted' | 'micro';
  /** What an output of one column must exceed for class 1. Default 0, for logits; 0.5 suits probabilities. */
  readonly threshold?: number;
}

const AVERAGE_OPTIONS: OptionNames<AverageOptions> = { average: true, threshold: true };

function classesOf(name: string, classes: Classes, below = MAX_INT32): Int32Array {
  if (!(classes instanceof Tensor)) return toIntegers(name, classes, below);
  return wholeNumbers(name, settledArray(elementsOf(classes)), below);
}

/** The class of each row: of the largest of its columns, or of the only one, which is larger than the threshold or not. */
function predicted(output: Tensor, threshold: number): Int32Array {
  const columns = output.shape.length < 2 ? 1 : (output.shape.at(-1) ?? 1);
  if (columns > 1)
    return classesOf(
      'output',
      noGrad(() => argmax(output.reshape([-1, columns]))),
    );
  return Int32Array.from(settledArray(arrayOf(output)), (value) => (value > threshold ? 1 : 0));
}

interface Pairs {
  readonly found: Int32Array;
  readonly actual: Int32Array;
}

function pairsOf(output: Tensor, target: Classes, threshold: number, below?: number): Pairs {
  checkTensor('output', output);
  const found = predicted(output, threshold);
  const actual = classesOf('target', target, below);
  if (actual.length !== found.length) {
    throw new RangeError(`target must have ${found.length} classes, one for each row, got ${actual.length}`);
  }
  return { found, actual };
}

/**
 * How often each class was predicted as each: `matrix[actual][predicted]`, as in scikit-learn.
 *
 * @param output [..., classes], such as logits, or one column, or shape [rows]: see `threshold`.
 * @param target the class of each row.
 */
export function confusionMatrix(
  output: Tensor,
  target: Classes,
  options: ConfusionMatrixOptions = {},
): number[][] {
  checkOptions('confusionMatrix', options, CONFUSION_OPTIONS);
  const { classes, threshold = 0 } = options;
  if (classes !== undefined) checkInteger('classes', classes, 1);
  checkFinite('threshold', threshold);
  const { found, actual } = pairsOf(output, target, threshold, classes);
  const all = [found, actual];
  const count = classes ?? 1 + all.reduce((most, some) => some.reduce((a, b) => Math.max(a, b), most), 0);
  const matrix = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (const [r, label] of actual.entries()) {
    const other = found[r];
    if (other >= count) throw new RangeError(`classes must be at least ${other + 1}, got ${count}`);
    matrix[label][other]++;
  }
  return matrix;
}

/** What was seen of a class. */
interface Counts {
  right: number;
  found: number;
  actual: number;
}

function readCounts(state: unknown): [label: number, counts: Counts][] {
  if (!Array.isArray(state)) throw new TypeError(`state must be an array of counts, got ${show(state)}`);
  return state.map((entry: unknown, i) => {
    const name = `state[${i}]`;
    checkObject(name, entry);
    const { label, right, found, actual } = entry;
    checkInteger(`${name}.label`, label, 0);
    checkInteger(`${name}.right`, right, 0);
    checkInteger(`${name}.found`, found, 0);
    checkInteger(`${name}.actual`, actual, 0);
    return [label, { right, found, actual }];
  });
}

/** A score of a class as a fraction. */
type Fraction = (counts: Counts) => readonly [number, number];

/** 0 where there is nothing to divide by, as in scikit-learn. */
const quotient = ([a, b]: readonly [number, number]) => (b === 0 ? 0 : a / b);

const sumOf = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

type Average = (fraction: Fraction, seen: ReadonlyMap<number, Counts>) => number;

const averages: Readonly<Record<NonNullable<AverageOptions['average']>, Average>> = {
  binary(fraction, seen) {
    const most = Math.max(...seen.keys());
    if (most > 1) throw new RangeError(`average 'binary' takes the classes 0 and 1, got class ${most}`);
    return quotient(fraction(seen.get(1) ?? { right: 0, found: 0, actual: 0 }));
  },
  micro(fraction, seen) {
    const fractions = [...seen.values()].map(fraction);
    return quotient([sumOf(fractions.map(([a]) => a)), sumOf(fractions.map(([, b]) => b))]);
  },
  macro(fraction, seen) {
    return quotient([sumOf([...seen.values()].map((counts) => quotient(fraction(counts)))), seen.size]);
  },
  weighted(fraction, seen) {
    const all = [...seen.values()];
    const sum = sumOf(all.map((counts) => counts.actual * quotient(fraction(counts))));
    return quotient([sum, sumOf(all.map(({ actual }) => actual))]);
  },
};

function score(name: string, fraction: Fraction) {
  return (options: AverageOptions = {}): StatefulMetric<Int32Array | Tensor> => {
    checkOptions(name, options, AVERAGE_OPTIONS);
    const { average = 'binary', threshold = 0 } = options;
    checkOneOf('average', average, ['binary', 'macro', 'weighted', 'micro']);
    checkFinite('threshold', threshold);
    return stateful(() => {
      const seen = new Map<number, Counts>();
      const of = (label: number) => {
        const counts = seen.get(label) ?? { right: 0, found: 0, actual: 0 };
        seen.set(label, counts);
        return counts;
      };
      return {
        update(output, target) {
          const { found, actual } = pairsOf(output, target, threshold);
          for (const [r, label] of actual.entries()) {
            of(label).actual++;
            of(found[r]).found++;
            if (found[r] === label) of(label).right++;
          }
        },
        result: () => averages[average](fraction, seen),
        // In the order in which they were first seen, which is that of sums over them.
        stateDict: () => [...seen].map(([label, counts]) => ({ label, ...counts })),
        loadStateDict(state) {
          const counts = readCounts(state);
          seen.clear();
          for (const [label, found] of counts) seen.set(label, found);
        },
      };
    });
  };
}

/**
 * A metric: of the rows predicted as a class, the share that are of it. 0 where none are predicted so.
 *
 * The metric takes outputs [..., classes], such as logits, or of one column, and the class of each row; `result` is over all
 * rows seen, not a mean of batches.
 */
export const precision = score('precision', ({ right, found }) => [right, found]);

/** A metric: of the rows of a class, the share predicted as it. As {@link precision}. */
export const recall = score('recall', ({ right, actual }) => [right, actual]);

/** A metric: the harmonic mean of {@link precision} and {@link recall}, of each class. As these. */
export const f1 = score('f1', ({ right, found, actual }) => [2 * right, found + actual]);

/**
 * A metric, the mean over rows: the share of rows whose label is among their `k` largest logits. Of logits that are equal, the
 * first counts as the largest: with k 1 it is `accuracy`. A logit that is NaN is larger than any, and never right.
 */
export function topKAccuracy(k: number): Metric<Int32Array | Tensor> {
  checkInteger('k', k, 1);
  return (output, target) => {
    checkTensor('output', output);
    const columns = output.shape.at(-1) ?? 1;
    const labels = classesOf('target', target, columns);
    if (labels.length !== output.size / columns) {
      throw new RangeError(
        `target must have ${output.size / columns} classes, one for each row, got ${labels.length}`,
      );
    }
    const logits = settledArray(arrayOf(output));
    let right = 0;
    for (const [r, label] of labels.entries()) {
      const own = logits[r * columns + label];
      let before = 0;
      for (let c = 0; c < columns; c++) {
        const other = logits[r * columns + c];
        if (c !== label && (c < label ? !(other < own) : !(other <= own))) before++;
      }
      if (before < k && !Number.isNaN(own)) right++;
    }
    return right / labels.length;
  };
}
