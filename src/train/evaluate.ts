import { checkOptions, type OptionNames } from '../core/options.js';
import { checkInteger, checkObject, show } from '../core/validate.js';
import { storageOf } from '../nn/engine/tensor.js';
import { type Module, noGrad, Tensor } from '../nn/index.js';
import { checkExamples, type Examples, sliceRows, type Target } from './loader.js';
import { Pace } from './pace.js';

/** How wrong an output is: the mean over its rows, a tensor of one element. `crossEntropy` and `mse` are such. */
export type Loss<Y extends Target> = (output: Tensor, target: Y) => Tensor;

/** A number to watch, the mean over the rows, such as `accuracy`. */
export type Metric<Y extends Target> = (output: Tensor, target: Y) => number;

/** Means over rows. */
export interface Evaluation {
  readonly loss: number;
  /** By the names they were given. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** See {@link evaluate}. */
export interface EvaluateOptions<Y extends Target> {
  readonly loss: Loss<Y>;
  /** Default: none. */
  readonly metrics?: Readonly<Record<string, Metric<Y>>>;
  /** Rows that go through the model at once. Default 1000. */
  readonly batchSize?: number;
  /** Ends the evaluation with its reason. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: OptionNames<EvaluateOptions<Target>> = {
  loss: true,
  metrics: true,
  batchSize: true,
  signal: true,
};

/**
 * The mean loss and metrics over all rows, in evaluation mode, without gradients. Every module is then in the mode in
 * which it was.
 * @throws TypeError or RangeError naming what does not fit, or the reason of the signal.
 */
export async function evaluate<Y extends Target>(
  model: Module,
  data: Examples<Y>,
  options: EvaluateOptions<NoInfer<Y>>,
): Promise<Evaluation> {
  return evaluateAt(new Pace(false, options?.signal), model, data, options);
}

/** The same, at the pace of a training. */
export async function evaluateAt<Y extends Target>(
  pace: Pace,
  model: Module,
  data: Examples<Y>,
  options: EvaluateOptions<NoInfer<Y>>,
): Promise<Evaluation> {
  const rows = checkExamples('data', data);
  checkOptions('evaluate', options, OPTIONS);
  const { loss, metrics = {}, batchSize = 1000 } = options;
  checkLoss(loss);
  checkMetrics(metrics);
  checkInteger('batchSize', batchSize, 1);
  const means = new Means(Object.keys(metrics));
  const restoreModes = keepModes(model);
  try {
    for (let from = 0; from < rows; from += batchSize) {
      const to = Math.min(rows, from + batchSize);
      const target = sliceRows(data.y, rows, from, to);
      const x = sliceRows(data.x, rows, from, to);
      model.eval();
      const result = pace.run(() =>
        noGrad(() => {
          const output = model.forward(x);
          return { output, value: lossOf(loss, output, target) };
        }),
      );
      await pace.settled();
      const { output, value } = result;
      noGrad(() => means.add((to - from) / rows, value.item(), metrics, output, target));
      for (const tensor of [output, value]) storageOf(tensor).release('evaluate()');
      await pace.breather.breathe();
    }
  } finally {
    restoreModes();
  }
  return means.result();
}

/** Weighted sums of the loss and the metrics. */
export class Means {
  #loss = 0;
  readonly #metrics: Map<string, number>;

  constructor(names: readonly string[]) {
    this.#metrics = new Map(names.map((name) => [name, 0]));
  }

  get loss(): number {
    return this.#loss;
  }

  /** Adds the numbers of an output, of which `share` is the weight. */
  add<Y extends Target>(
    share: number,
    loss: number,
    metrics: Readonly<Record<string, Metric<Y>>>,
    output: Tensor,
    target: Y,
  ): void {
    this.#loss += share * loss;
    for (const [name, sum] of this.#metrics) {
      const value = metrics[name](output, target);
      if (typeof value !== 'number')
        throw new TypeError(`metrics.${name} must return a number, got ${show(value)}`);
      this.#metrics.set(name, sum + share * value);
    }
  }

  /** Adds other means, of which `share` is the weight. */
  addAll(share: number, { loss, metrics }: Evaluation): void {
    this.#loss += share * loss;
    for (const [name, sum] of this.#metrics) this.#metrics.set(name, sum + share * metrics[name]);
  }

  /** The sums, each times `factor`. */
  result(factor = 1): Evaluation {
    const metrics = [...this.#metrics].map(([name, sum]) => [name, factor * sum] as const);
    return { loss: factor * this.#loss, metrics: Object.fromEntries(metrics) };
  }
}

export function lossOf<Y extends Target>(loss: Loss<Y>, output: Tensor, target: Y): Tensor {
  const value: unknown = loss(output, target);
  if (!(value instanceof Tensor) || value.size !== 1) {
    throw new TypeError(`loss must return a Tensor of one element, got ${String(value)}`);
  }
  return value;
}

export function checkLoss(loss: unknown): void {
  if (typeof loss !== 'function') {
    throw new TypeError(
      `loss must be a function of output and target such as crossEntropy, got ${show(loss)}`,
    );
  }
}

export function checkMetrics(metrics: unknown): void {
  checkObject('metrics', metrics);
  for (const [name, metric] of Object.entries(metrics)) {
    if (name === 'loss') throw new RangeError('metrics must not hold one called loss: that is the loss');
    if (typeof metric !== 'function') {
      throw new TypeError(`metrics.${name} must be a function of output and target, got ${show(metric)}`);
    }
  }
}

/** Remembers which modules are in training mode. @returns what puts them back. */
export function keepModes(model: Module): () => void {
  const modes = model.namedModules().map(([, module]) => ({ module, training: module.training }));
  // Outer modules come first and take the inner ones along.
  return () => {
    for (const { module, training } of modes) module.train(training);
  };
}
