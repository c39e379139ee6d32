import { show } from '../core/validate.js';
import { withGenerator } from '../nn/engine/default-generator.js';
import { Generator, Module, noGrad, type Tensor } from '../nn/index.js';
import { clipGradNorm } from '../optim/index.js';
import { Breather } from './breather.js';
import { EarlyStopping } from './early-stopping.js';
import { type Evaluation, evaluate, keepModes, lossOf, Means } from './evaluate.js';
import { type Batch, type DataLoader, type Examples, type Target, WORDS_PER_EPOCH } from './loader.js';
import type { Ending, EpochReport, FitOptions, History } from './options.js';
import { createProgress, type Progress } from './progress.js';
import { checkTrains, readOptions, type Settings } from './settings.js';

/** What a hook returns to end the training. */
const STOP = 'stop';

/** The loss is no number any more: nothing more can be learnt from it. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  /** The step whose loss it was, counted from 1; it was not taken. */
  readonly step: number;

  constructor(loss: number, step: number, epoch: number) {
    super(
      `the loss is ${loss} at step ${step}, in epoch ${epoch}: take a lower learning rate, a warm-up or clipGradNorm, and ` +
        'see whether the data hold numbers that are not finite',
    );
    this.step = step;
  }
}

/**
 * Trains a model: for every batch a forward pass, the loss, its gradient, and a step of the optimizer.
 *
 * ```ts
 * const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
 * const { epochs } = await fit(model, examplesOf(mnist.train), {
 *   loss: crossEntropy,
 *   optimizer: new Adam(model.parameters()),
 *   epochs: 5,
 *   batchSize: 128,
 *   validation: examplesOf(mnist.test),
 *   metrics: { accuracy },
 * });
 * ```
 *
 * The same seed, data and options give the same weights, bit for bit: on every native target, and for any number of threads.
 * The event loop has its turn every 10 ms or so: between batches, and between the operations of a batch's way back. Nothing
 * but arrays of the sizes of batches is allocated, once. The model learns in training mode and is judged in evaluation mode;
 * a module inside that was put into evaluation mode by itself, such as a frozen BatchNorm1d in a model in training mode,
 * stays in it. Afterwards every module is in the mode in which it was.
 *
 * @param data rows to learn from, or a loader of them, which then decides batches and orders.
 * @throws TypeError or RangeError naming what does not fit; {@link DivergedError} when the loss is not finite, before that step
 * is taken; the reason of the signal. The model and the optimizer can be used after any of them, with what was learnt so far.
 */
export async function fit<Y extends Target>(
  model: Module,
  data: Examples<Y> | DataLoader<Y>,
  options: FitOptions<NoInfer<Y>>,
): Promise<History> {
  const training = new Training(model, data, options);
  return training.run();
}

class Training<Y extends Target> {
  readonly #model: Module;
  readonly #settings: Settings<Y>;
  readonly #breather: Breather;
  readonly #stopping: EarlyStopping | null;
  readonly #progress: Progress | null;
  readonly #metricNames: readonly string[];
  readonly #epochs: EpochReport[] = [];
  #steps = 0;
  #samples = 0;
  #milliseconds = 0;
  #lr = 0;

  constructor(model: Module, data: Examples<Y> | DataLoader<Y>, options: FitOptions<Y>) {
    if (!(model instanceof Module)) throw new TypeError(`model must be a Module, got ${show(model)}`);
    this.#model = model;
    this.#settings = readOptions(data, options);
    checkTrains(this.#settings.optimizer, model);
    const { signal, earlyStopping, monitor, output, epochs, initialEpoch, loader, metrics, schedule } =
      this.#settings;
    this.#metricNames = Object.keys(metrics);
    this.#breather = new Breather(signal);
    this.#stopping = earlyStopping === undefined ? null : new EarlyStopping(model, earlyStopping, monitor);
    const plan = { first: initialEpoch, count: epochs, steps: loader.stepsPerEpoch };
    this.#progress = output === null ? null : createProgress(output, plan);
    // The last that can fail, and the first that changes anything.
    if (schedule !== undefined) this.#settings.optimizer.lr = schedule;
  }

  async run(): Promise<History> {
    const { signal, optimizer, initialEpoch, epochs } = this.#settings;
    signal?.throwIfAborted();
    const restoreModes = keepModes(this.#model);
    optimizer.zeroGrad();
    let ending: Ending | null = null;
    try {
      for (let epoch = initialEpoch; epoch < initialEpoch + epochs && ending === null; epoch++) {
        ending = await this.#epoch(epoch);
      }
      this.#stopping?.finish();
    } finally {
      // Also those of parameters that the optimizer does not train.
      this.#model.zeroGrad();
      restoreModes();
      this.#progress?.close();
    }
    const bestEpoch = this.#stopping?.bestEpoch ?? null;
    return { epochs: this.#epochs, steps: this.#steps, endedBy: ending ?? 'epochs', bestEpoch };
  }

  /** @returns what ends the training with this epoch, if anything does. */
  async #epoch(epoch: number): Promise<Ending | null> {
    const { loader, seed, afterStep } = this.#settings;
    // The numbers of layers follow those of the orders at a distance that no order reaches.
    const generator = new Generator(seed, 2 ** 52 + (epoch + 1) * WORDS_PER_EPOCH);
    const means = new Means(this.#metricNames);
    const [samples, milliseconds] = [this.#samples, this.#milliseconds];
    let step = new Means(this.#metricNames);
    let rows = 0;
    let number = 0;
    let position = generator.position;
    let ending: Ending | null = null;
    for (const batch of loader.epoch(epoch)) {
      const start = performance.now() - this.#breather.away;
      await this.#learn(batch, step, generator);
      if (!Number.isFinite(step.loss)) throw new DivergedError(step.loss, this.#steps + 1, epoch);
      this.#samples += batch.rows;
      rows += batch.rows;
      const again = () => this.#again(epoch, number, position);
      const gradNorm = batch.endsStep ? await this.#step(epoch, step, again) : null;
      this.#milliseconds += performance.now() - this.#breather.away - start;
      if (batch.endsStep) {
        const done = step.result();
        means.addAll(rows, done);
        const progress = { samples: this.#samples, seconds: this.#milliseconds / 1000 };
        const report = { epoch, step: this.#steps, ...done, lr: this.#lr, gradNorm, ...progress };
        this.#progress?.step(report);
        if ((await afterStep?.(report)) === STOP) ending = 'afterStep';
        step = new Means(this.#metricNames);
        rows = 0;
        number++;
        position = generator.position;
      }
      await this.#breather.breathe();
      if (ending !== null) break;
    }
    const seen = this.#samples - samples;
    const seconds = (this.#milliseconds - milliseconds) / 1000;
    const judged = await this.#judge(epoch, means.result(1 / seen), seen / Math.max(seconds, 1e-9));
    return ending ?? judged;
  }

  /** Adds the gradient of a batch. */
  async #learn(batch: Batch<Y>, step: Means, generator: Generator): Promise<void> {
    const loss = withGenerator(generator, () => this.#lossOf(batch, step));
    if (!Number.isFinite(step.loss)) return;
    // A batch may take longer than the event loop should wait.
    for (const _ of loss.backwardSteps()) {
      if (this.#breather.isDue) await this.#breather.turn();
    }
  }

  /** What a batch adds to the loss of its step; it is added to `step`, as are the metrics. */
  #lossOf(batch: Batch<Y>, step: Means): Tensor {
    const { loss, metrics } = this.#settings;
    // A callback or a validation may have changed it.
    if (!this.#model.training) this.#model.train();
    const output = this.#model.forward(batch.x);
    const value = lossOf(loss, output, batch.y);
    noGrad(() => step.add(batch.share, value.item(), metrics, output, batch.y));
    return batch.share === 1 ? value : value.mul(batch.share);
  }

  /** The loss and the gradients of a step at the weights as they now are, with the random numbers that layers had before. */
  #again(epoch: number, step: number, position: number): number {
    const { loader, optimizer, seed } = this.#settings;
    const generator = new Generator(seed, position);
    const means = new Means([]);
    optimizer.zeroGrad();
    for (const batch of loader.step(epoch, step)) {
      withGenerator(generator, () => this.#lossOf(batch, means)).backward();
    }
    return means.loss;
  }

  /**
   * @param again what the optimizer's closure computes, but for the first time
   * @returns the norm of the gradients, where it was asked for.
   */
  async #step(epoch: number, means: Means, again: () => number): Promise<number | null> {
    const { optimizer, maxNorm, weights, beforeStep, signal } = this.#settings;
    if (beforeStep !== undefined) {
      const start = performance.now();
      await beforeStep({ epoch, step: this.#steps + 1, ...means.result(), lr: optimizer.lr });
      this.#milliseconds -= performance.now() - start;
      signal?.throwIfAborted();
    }
    const clip = () => (maxNorm === undefined ? null : clipGradNorm(optimizer.parameters(), maxNorm));
    const norm = clip();
    this.#lr = optimizer.lr;
    let isFirst = true;
    optimizer.step(() => {
      // The gradients are there, as `beforeStep` left them.
      const loss = isFirst ? means.loss : again();
      if (!isFirst) clip();
      isFirst = false;
      return loss;
    });
    optimizer.zeroGrad();
    this.#steps++;
    weights?.update?.();
    return norm;
  }

  /** @returns what ends the training, if anything does. */
  async #judge(epoch: number, learnt: Evaluation, samplesPerSecond: number): Promise<Ending | null> {
    const { loss, metrics, validation, validationBatchSize: batchSize, signal, weights } = this.#settings;
    const { monitor, observe, optimizer, afterEpoch } = this.#settings;
    weights?.apply();
    let report: EpochReport;
    let ending: Ending | null;
    try {
      const judged =
        validation === undefined
          ? null
          : await evaluate(this.#model, validation, { loss, metrics, batchSize, signal });
      report = {
        epoch,
        step: this.#steps,
        ...learnt,
        validation: judged,
        lr: this.#lr,
        seconds: this.#milliseconds / 1000,
        samplesPerSecond,
      };
      const value = numberOf(judged ?? learnt, monitor);
      ending = this.#stopping?.observe(epoch, value) ? 'earlyStopping' : null;
      if (observe) optimizer.observe(value);
    } finally {
      weights?.restore();
    }
    this.#epochs.push(report);
    this.#progress?.epoch(report);
    if ((await afterEpoch?.(report)) === STOP) ending ??= 'afterEpoch';
    signal?.throwIfAborted();
    return ending;
  }
}

function numberOf({ loss, metrics }: Evaluation, name: string): number {
  return name === 'loss' ? loss : metrics[name];
}
