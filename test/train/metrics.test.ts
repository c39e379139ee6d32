import { describe, expect, it } from 'vitest';
import { Adam } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import * as train from '../../src/train/index.js';
import { examples, network } from './helpers.js';

/** Logits whose largest one is at these classes. */
function logitsOf(classes: readonly number[], count: number): nn.Tensor {
  const values = classes.flatMap((label) => Array.from({ length: count }, (_, c) => (c === label ? 2 : -c)));
  return nn.tensor(values, [classes.length, count]);
}

const column = (values: readonly number[]) => nn.tensor(values, [values.length, 1]);

// By hand, as scikit-learn defines them. Actual 0: 3, 1: 2, 2: 2; predicted 0: 3, 1: 3, 2: 1; right 0: 2, 1: 1, 2: 1.
const found = [0, 0, 1, 1, 0, 1, 2];
const actual = Int32Array.of(0, 0, 0, 1, 1, 2, 2);
const three = logitsOf(found, 4);

describe('precision, recall and f1', () => {
  const each = { precision: [2 / 3, 1 / 3, 1], recall: [2 / 3, 1 / 2, 1 / 2], f1: [2 / 3, 2 / 5, 2 / 3] };

  it.each(Object.entries(each))('%s, averaged in every way', (name, [a, b, c]) => {
    const { precision, recall, f1 } = train;
    const make = { precision, recall, f1 }[name];
    if (make === undefined) throw new Error(name);
    expect(make({ average: 'macro' })(three, actual)).toBeCloseTo((a + b + c) / 3, 14);
    expect(make({ average: 'weighted' })(three, actual)).toBeCloseTo((3 * a + 2 * b + 2 * c) / 7, 14);
    expect(make({ average: 'micro' })(three, actual)).toBeCloseTo(4 / 7, 14);
    expect(() => make()(three, actual)).toThrow("average 'binary' takes the classes 0 and 1, got class 2");
  });

  it('of class 1, from two columns, one, or none', () => {
    const labels = Int32Array.of(1, 1, 1, 0, 0);
    const scores = [3, 0.25, -1, 0.5, -2];
    for (const output of [logitsOf([1, 1, 0, 1, 0], 2), column(scores), nn.tensor(scores)]) {
      expect(train.precision()(output, labels)).toBeCloseTo(2 / 3, 14);
      expect(train.recall()(output, labels)).toBeCloseTo(2 / 3, 14);
      expect(train.f1()(output, labels)).toBeCloseTo(2 / 3, 14);
    }
    const [output, target] = [column(scores), column([1, 1, 1, 0, 0])];
    expect(train.precision({ threshold: 0.5 })(output, target)).toBe(1);
    expect(train.recall({ threshold: 0.5 })(output, target)).toBeCloseTo(1 / 3, 14);
  });

  it('are 0 where there is nothing to divide by', () => {
    const none = column([-1, -1]);
    expect(train.precision()(none, Int32Array.of(0, 1))).toBe(0);
    expect(train.recall()(none, Int32Array.of(0, 0))).toBe(0);
    expect(train.f1()(none, Int32Array.of(0, 0))).toBe(0);
  });

  it('refuse what does not fit', () => {
    expect(() => train.f1()(three, Int32Array.of(1))).toThrow(
      'target must have 7 classes, one for each row, got 1',
    );
    expect(() => train.f1()(column([1]), nn.tensor([0.5]))).toThrow(/target\[0\] must be a whole number/);
    expect(() => Reflect.apply(train.f1, null, [{ average: 'none' }])).toThrow(
      /average must be one of "binary"/,
    );
  });
});

describe('confusionMatrix', () => {
  it('counts predictions across, classes down', () => {
    expect(train.confusionMatrix(three, actual)).toEqual([
      [2, 1, 0],
      [1, 1, 0],
      [0, 1, 1],
    ]);
    expect(train.confusionMatrix(column([1, -1]), [0, 0], { classes: 3 })).toEqual([
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('refuses classes beyond those it was told of', () => {
    expect(() => train.confusionMatrix(three, actual, { classes: 2 })).toThrow(/target\[5\] must be a whole/);
    expect(() => train.confusionMatrix(logitsOf([3], 4), [0], { classes: 2 })).toThrow(
      'classes must be at least 4, got 2',
    );
  });
});

describe('topKAccuracy', () => {
  const logits = nn.tensor([5, 4, 3, 2, 1, 1, 1, 1, 0, 3, 1, 2], [3, 4]);

  it.each([
    [1, 1 / 3],
    [2, 2 / 3],
    [3, 2 / 3],
    [4, 1],
    [5, 1],
  ])('of the %i largest', (k, expected) => {
    expect(train.topKAccuracy(k)(logits, Int32Array.of(1, 3, 1))).toBeCloseTo(expected, 14);
  });

  it('is accuracy with k 1, also among equals', () => {
    const labels = Int32Array.of(0, 0, 1);
    expect(train.topKAccuracy(1)(logits, labels)).toBe(nn.accuracy(logits, labels));
    const nans = nn.tensor([Number.NaN, 1, 1, Number.NaN], [2, 2]);
    expect(train.topKAccuracy(1)(nans, Int32Array.of(1, 1))).toBe(0);
    expect(train.topKAccuracy(2)(nans, Int32Array.of(0, 0))).toBe(0.5);
  });
});

describe('rocAuc', () => {
  /** The share of pairs in their order, ties counting half. */
  function ofPairs(scores: readonly number[], labels: readonly number[]): number {
    let [sum, pairs] = [0, 0];
    for (const [i, positive] of scores.entries()) {
      for (const [j, negative] of scores.entries()) {
        if (labels[i] !== 1 || labels[j] !== 0) continue;
        pairs++;
        sum += positive > negative ? 1 : positive === negative ? 0.5 : 0;
      }
    }
    return sum / pairs;
  }

  it('is the share of pairs in order, with ties', () => {
    const generator = new nn.Generator(3);
    const labels = Array.from({ length: 60 }, () => generator.integer(2));
    const scores = labels.map((label) => generator.integer(6) + 2 * label - 3);
    const expected = ofPairs(scores, labels);
    expect(expected).toBeLessThan(1);
    expect(train.rocAuc(column(scores), Int32Array.from(labels))).toBeCloseTo(expected, 14);
    expect(train.rocAuc(nn.tensor(scores), column(labels))).toBeCloseTo(expected, 14);
    const logits = nn.tensor(
      scores.flatMap((score) => [1, 1 + score]),
      [60, 2],
    );
    expect(train.rocAuc(logits, Int32Array.from(labels))).toBeCloseTo(expected, 14);
    // scikit-learn's example.
    expect(train.rocAuc(nn.tensor([0.1, 0.4, 0.35, 0.8]), Int32Array.of(0, 0, 1, 1))).toBe(0.75);
  });

  it('is NaN of one class, and of scores that are', () => {
    expect(train.rocAuc(column([1, 2]), Int32Array.of(1, 1))).toBeNaN();
    expect(train.rocAuc(column([1, Number.NaN]), Int32Array.of(0, 1))).toBeNaN();
    expect(() => train.rocAuc(three, actual)).toThrow('output must have one column or two, got shape [7, 4]');
    expect(() => train.rocAuc(column([1]), Int32Array.of(2))).toThrow(
      /target\[0\] must be a whole number from 0 to 1/,
    );
  });
});

describe('of numbers', () => {
  it('r2 is that of scikit-learn', () => {
    expect(train.r2(nn.tensor([2.5, 0, 2, 8]), nn.tensor([3, -0.5, 2, 7]))).toBeCloseTo(
      0.9486081370449679,
      12,
    );
    const [output, target] = [
      nn.tensor([0, 2, -1, 2, 8, -5], [3, 2]),
      nn.tensor([0.5, 1, -1, 1, 7, -6], [3, 2]),
    ];
    expect(train.r2(output, target)).toBeCloseTo((0.9654377880184332 + 0.9081632653061225) / 2, 12);
    expect(train.r2(nn.tensor([1, 1]), nn.tensor([1, 1]))).toBe(1);
    expect(train.r2(nn.tensor([1, 2]), nn.tensor([1, 1]))).toBe(0);
    expect(train.r2(nn.tensor([1]), nn.tensor([1]))).toBeNaN();
    const far = Float64Array.of(1e9, 1e9 + 1, 1e9 + 2);
    expect(train.r2(nn.tensor(Float64Array.of(1e9, 1e9 + 1, 1e9 + 3)), nn.tensor(far))).toBeCloseTo(0.5, 12);
  });

  it('mean errors', () => {
    const [output, target] = [nn.tensor([2.5, 0, 2, 8]), nn.tensor([3, -0.5, 2, 7])];
    expect(train.meanAbsoluteError(output, target)).toBe(0.5);
    expect(train.meanSquaredError(output, target)).toBe(0.375);
  });

  it('perplexity is e to the mean cross-entropy of what counts', () => {
    const logits = nn.tensor(new Float32Array(12), [4, 3]);
    expect(train.perplexity()(logits, Int32Array.of(0, 1, 2, 0))).toBeCloseTo(3, 5);
    const skewed = nn.tensor([0, 100, 0, 0], [2, 2]);
    expect(train.perplexity({ ignoreIndex: 9 })(skewed, Int32Array.of(9, 1))).toBeCloseTo(2, 6);
    expect(train.perplexity({ ignoreIndex: 9 })(skewed, Int32Array.of(9, 9))).toBeNaN();
  });
});

describe('in fit and evaluate', () => {
  const data = examples();
  const rows = data.y.length;
  const metrics = {
    precision: train.precision(),
    f1: train.f1({ average: 'macro' }),
    auc: train.rocAuc,
    perplexity: train.perplexity(),
    accuracy: nn.accuracy,
  };

  function ofAll(model: nn.Module): Record<string, number> {
    model.eval();
    const output = nn.noGrad(() => model.forward(data.x));
    return Object.fromEntries(
      Object.entries(metrics).map(([name, metric]) => [name, metric(output, data.y)]),
    );
  }

  it.each([1, 7, 50, 120])('are those of all rows, %i at once', async (batchSize) => {
    const model = network();
    const judged = await train.evaluate(model, data, { loss: nn.crossEntropy, metrics, batchSize });
    for (const [name, value] of Object.entries(ofAll(model))) {
      expect(judged.metrics[name], name).toBeCloseTo(value, 5);
    }
  });

  it('see the rows of each epoch, and of each step by itself', async () => {
    const model = new nn.Sequential(new nn.Linear(2, 2, { generator: new nn.Generator(1) }));
    const counted = Object.assign(() => -1, {
      start() {
        let seen = 0;
        return {
          update(output: nn.Tensor) {
            seen += output.shape[0];
          },
          result: () => seen,
        };
      },
    });
    const steps: number[] = [];
    const { epochs } = await train.fit(model, data, {
      loss: nn.crossEntropy,
      optimizer: new Adam(model.parameters(), { lr: 0 }),
      metrics: { ...metrics, counted },
      epochs: 2,
      batchSize: 11,
      gradientAccumulation: 2,
      validation: data,
      afterStep: (report) => void steps.push(report.metrics.counted),
    });
    const expected = ofAll(model);
    for (const report of epochs) {
      expect(report.metrics.counted).toBe(rows);
      expect(report.validation?.metrics.counted).toBe(rows);
      // The rate is 0: what is learnt from and what is judged are one model.
      for (const [name, value] of Object.entries(expected))
        expect(report.metrics[name], name).toBeCloseTo(value, 5);
    }
    const ofEpoch = [22, 22, 22, 22, 22, rows - 110];
    expect(steps).toEqual([...ofEpoch, ...ofEpoch]);
  });

  it('refuses a start that is none, and a result that is no number', async () => {
    const run = (metric: unknown) =>
      Reflect.apply(train.evaluate, undefined, [
        network(),
        data,
        { loss: nn.crossEntropy, metrics: { a: metric } },
      ]);
    await expect(run(Object.assign(() => 1, { start: 1 }))).rejects.toThrow(
      'metrics.a.start must be a function, got 1',
    );
    const wrong = Object.assign(() => 1, { start: () => ({ update() {}, result: () => '1' }) });
    await expect(run(wrong)).rejects.toThrow('metrics.a must return a number, got "1"');
  });
});
