import { checkOptions, type OptionNames } from '../core/options.js';
import { checkInteger, checkNumber, checkObject, show } from '../core/validate.js';
import type { Communicator } from '../distributed/communicator.js';
import { WorldOfOne } from '../distributed/world-of-one.js';
import { storageOf } from '../nn/engine/tensor.js';
import { type Module, noGrad, Tensor } from '../nn/index.js';
import { BatchNumbers } from './batch-numbers.js';
import { checkExamples, type Target } from './examples.js';
import { type Data, decidesBatches, feedOf, feedOfSlices } from './feed.js';
import type { Metric, MetricState } from './metrics/metric.js';
import { Pace } from './pace.js';

/** How wrong an output is: the mean over its rows, a tensor of one element. `crossEntropy` and `mse` are such. */
export type Loss<Y extends Target> = (output: Tensor, target: Y) => Tensor;

/** Means over rows, and what of the metrics is none. */
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
  /** Rows that go through the model at once. Not with data that decide it. Default 1000. */
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
 * @param data rows, or a loader or batches as `fit` takes them, of which the first epoch is gone through.
 * @throws TypeError or RangeError naming what does not fit, or the reason of the signal.
 */
export async function evaluate<Y extends Target>(
  model: Module,
  data: Data<Y>,
  options: EvaluateOptions<NoInfer<Y>>,
): Promise<Evaluation> {
  return evaluateAt(new Pace(false, options?.signal), new WorldOfOne(), model, data, options);
}

/** The same, at the pace of a training, and among the ranks of one: each judges its part of the batches. */
export async function evaluateAt<Y extends Target>(
  pace: Pace,
  communicator: Communicator,
  model: Module,
  data: Data<Y>,
  options: EvaluateOptions<NoInfer<Y>>,
): Promise<Evaluation> {
  const rows = decidesBatches(data) ? null : checkExamples('data', data);
  checkOptions('evaluate', options, OPTIONS);
  const { loss, metrics = {}, batchSize = 1000 } = options;
  checkLoss(loss);
  checkMetrics(metrics);
  checkInteger('batchSize', batchSize, 1);
  if (decidesBatches(data) && options.batchSize !== undefined) {
    throw new TypeError('batchSize must not be given with data that decide their batches');
  }
  const feed = decidesBatches(data) ? feedOf(data) : feedOfSlices(data, rows ?? 0, batchSize);
  const means = new Means(metrics);
  const numbers = new BatchNumbers(communicator, (of, share) => means.addNumbers(of, share));
  const restoreModes = keepModes(model);
  const steps = feed.steps(0);
  let seen = 0;
  try {
    for (;;) {
      const { value: step, done } = await steps.next();
      if (done === true) break;
      for (const batch of step.batches()) {
        const { x, y } = batch;
        seen += batch.rows;
        if (!numbers.next(rows === null ? batch.rows : batch.rows / rows)) continue;
        model.eval();
        const result = pace.run(() =>
          noGrad(() => {
            const output = model.forward(x);
            return { output, value: lossOf(loss, output, y) };
          }),
        );
        await pace.settled();
        const { output, value } = result;
        noGrad(() => numbers.take(means.observe(value.item(), output, y)));
        for (const tensor of [output, value]) storageOf(tensor).release('evaluate()');
        await pace.breather.breathe();
      }
    }
  } finally {
    await steps.return?.();
    restoreModes();
  }
  if (seen === 0) throw new RangeError('data has no rows');
  await numbers.finish(means.count);
  return means.result(rows === null ? 1 / seen : 1);
}

/** What there is to say of a metric: the weighted sum of its numbers, or its own state. */
type Figure<Y extends Target> =
  | { sum: number; readonly metric: Metric<Y> }
  | { readonly state: MetricState<Y> };

export interface MeansState {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** A state that can be saved. @throws TypeError where it cannot. */
function savable<Y extends Target>(name: string, state: MetricState<Y>) {
  const { stateDict, loadStateDict } = state;
  if (typeof stateDict === 'function' && typeof loadStateDict === 'function') {
    // With themselves as `this`: it may be a class.
    return {
      stateDict: () => stateDict.call(state),
      loadStateDict: (saved: unknown) => loadStateDict.call(state, saved),
    };
  }
  throw new TypeError(
    `metrics.${name}: what start() returns must have stateDict() and loadStateDict() to be saved within an epoch`,
  );
}

/** @throws TypeError naming a metric that cannot be saved within an epoch. */
export function checkSavable<Y extends Target>(metrics: Readonly<Record<string, Metric<Y>>>): void {
  for (const [name, { start }] of Object.entries(metrics)) {
    if (start !== undefined) savable(name, start());
  }
}

/** Weighted sums of the loss and the metrics, and the states of those that are no means. */
export class Means<Y extends Target> {
  #loss = 0;
  readonly #figures: ReadonlyMap<string, Figure<Y>>;
  readonly #whole: Means<Y> | undefined;

  /** @param whole what these are a part of: `addAll` adds the sums to it, but states see every output. */
  constructor(metrics: Readonly<Record<string, Metric<Y>>>, whole?: Means<Y>) {
    this.#figures = new Map(
      Object.entries(metrics).map(([name, metric]) => [
        name,
        metric.start === undefined ? { sum: 0, metric } : { state: metric.start() },
      ]),
    );
    this.#whole = whole;
  }

  get loss(): number {
    return this.#loss;
  }

  /** How many numbers {@link observe} gives. */
  get count(): number {
    return 1 + [...this.#figures.values()].filter((figure) => 'sum' in figure).length;
  }

  /** Adds the numbers of an output, of which `share` is the weight. */
  add(share: number, loss: number, output: Tensor, target: Y): void {
    this.addNumbers(this.observe(loss, output, target), share);
  }

  /** Shows an output to the states. @returns its numbers: the loss, and the metrics that are means. */
  observe(loss: number, output: Tensor, target: Y): number[] {
    const numbers = [loss];
    for (const [name, figure] of this.#figures) {
      if ('sum' in figure) numbers.push(numberOf(name, figure.metric(output, target)));
    }
    for (const means of [this, this.#whole]) means?.see(output, target);
    return numbers;
  }

  /** Adds what {@link observe} gave, or sums of it. */
  addNumbers(numbers: readonly number[], share = 1): void {
    this.#loss += share * numbers[0];
    let next = 1;
    for (const figure of this.#figures.values()) if ('sum' in figure) figure.sum += share * numbers[next++];
  }

  /** Shows an output to the states. */
  see(output: Tensor, target: Y): void {
    for (const figure of this.#figures.values()) if ('state' in figure) figure.state.update(output, target);
  }

  /** Adds other means, of which `share` is the weight. */
  addAll(share: number, { loss, metrics }: Evaluation): void {
    this.#loss += share * loss;
    for (const [name, figure] of this.#figures) if ('sum' in figure) figure.sum += share * metrics[name];
  }

  /** A copy of the sums and of the states. @throws TypeError where a metric has none to give. */
  stateDict(): MeansState {
    const figures = [...this.#figures].map(([name, figure]) => {
      const state = 'sum' in figure ? figure.sum : savable(name, figure.state).stateDict();
      return [name, state] as const;
    });
    return { loss: this.#loss, metrics: Object.fromEntries(figures) };
  }

  /** Puts what `stateDict()` gave into new means of the same metrics. */
  loadStateDict(state: unknown): void {
    checkObject('means', state);
    const { loss, metrics } = state;
    checkNumber('means.loss', loss);
    checkObject('means.metrics', metrics);
    this.#loss = loss;
    for (const [name, figure] of this.#figures) {
      const saved = metrics[name];
      if (!('sum' in figure)) {
        savable(name, figure.state).loadStateDict(saved);
        continue;
      }
      checkNumber(`means.metrics.${name}`, saved);
      figure.sum = saved;
    }
  }

  /** The sums, each times `factor`, and the results of states. */
  result(factor = 1): Evaluation {
    const metrics = [...this.#figures].map(([name, figure]) => {
      const value = 'sum' in figure ? factor * figure.sum : numberOf(name, figure.state.result());
      return [name, value] as const;
    });
    return { loss: factor * this.#loss, metrics: Object.fromEntries(metrics) };
  }
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`metrics.${name} must return a number, got ${show(value)}`);
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
    const start: unknown = Reflect.get(metric, 'start');
    if (start !== undefined && typeof start !== 'function') {
      throw new TypeError(`metrics.${name}.start must be a function, got ${show(start)}`);
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
