import { show } from '../core/validate.js';
import { backwardSteps } from '../nn/engine/autograd.js';
import { withGenerator } from '../nn/engine/default-generator.js';
import { Generator, Module, noGrad, type Tensor } from '../nn/index.js';
import { measureGradNorm } from '../optim/clip-grad-norm.js';
import { EarlyStopping } from './early-stopping.js';
import { ExponentialMovingAverage } from './ema.js';
import { type Evaluation, evaluateAt, keepModes, lossOf, Means } from './evaluate.js';
import { type Batch, type DataLoader, type Examples, type Target, WORDS_PER_EPOCH } from './loader.js';
import type { Ending, EpochReport, FitOptions, History } from './options.js';
import { Pace } from './pace.js';
import { createProgress, type Progress } from './progress.js';
import { checkTrains, readOptions, type Settings } from './settings.js';
import { stepIn } from './step-in.js';

/** What clips gradients whose norm was measured, and returns that; null where none was. */
type Clip = (() => number) | null;

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
 * The event loop has its turn every 10 ms or so: between batches, and between the operations of a batch's way back; with
 * `background` a native thread computes, and the event loop is free. Nothing
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
  readonly #pace: Pace;
  /** What the training writes to. */
  readonly #written: ReadonlySet<object>;
  readonly #stopping: EarlyStopping | null;
  readonly #progress: Progress | null;
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
    const { signal, earlyStopping, monitor, output, epochs, initialEpoch, loader, schedule } = this.#settings;
    const { background, optimizer } = this.#settings;
    this.#pace = new Pace(background, signal);
    this.#written = new Set([...model.parameters(), ...model.buffers(), ...optimizer.parameters()]);
    this.#stopping = earlyStopping === undefined ? null : new EarlyStopping(model, earlyStopping, monitor);
    const plan = { first: initialEpoch, count: epochs, steps: loader.stepsPerEpoch };
    this.#progress = output === null ? null : createProgress(output, plan);
    // The last that can fail, and the first that changes anything.
    if (schedule !== undefined) this.#settings.optimizer.lr = schedule;
  }

  async run(): Promise<History> {
    const { signal, optimizer, initialEpoch, epochs } = this.#settings;
    signal?.throwIfAborted();
    this.#pace.begin(this.#written);
    const restoreModes = keepModes(this.#model);
    let ending: Ending | null = null;
    try {
      this.#pace.run(() => optimizer.zeroGrad());
      for (let epoch = initialEpoch; epoch < initialEpoch + epochs && ending === null; epoch++) {
        ending = await this.#epoch(epoch);
      }
      await this.#pace.settled();
      this.#pace.runAtOnce(() => this.#stopping?.finish());
    } finally {
      restoreModes();
      this.#progress?.close();
      // Also those of parameters that the optimizer does not train.
      this.#pace.run(() => this.#model.zeroGrad());
      await this.#pace.end();
    }
    const bestEpoch = this.#stopping?.bestEpoch ?? null;
    return { epochs: this.#epochs, steps: this.#steps, endedBy: ending ?? 'epochs', bestEpoch };
  }

  /** @returns what ends the training with this epoch, if anything does. */
  async #epoch(epoch: number): Promise<Ending | null> {
    const { loader, seed, afterStep, metrics } = this.#settings;
    const { breather } = this.#pace;
    // The numbers of layers follow those of the orders at a distance that no order reaches.
    const generator = new Generator(seed, 2 ** 52 + (epoch + 1) * WORDS_PER_EPOCH);
    const means = new Means(metrics);
    const [samples, milliseconds] = [this.#samples, this.#milliseconds];
    let step = new Means(metrics, means);
    let rows = 0;
    let number = 0;
    let position = generator.position;
    let ending: Ending | null = null;
    const batches = loader.epoch(epoch)[Symbol.iterator]();
    for (;;) {
      const start = performance.now() - breather.away;
      const { value: batch, done } = this.#pace.run(() => batches.next());
      if (done) break;
      const clip = await this.#learn(batch, step, generator);
      if (!Number.isFinite(step.loss)) throw new DivergedError(step.loss, this.#steps + 1, epoch);
      this.#samples += batch.rows;
      rows += batch.rows;
      const again = () => this.#again(epoch, number, position);
      const gradNorm = batch.endsStep ? await this.#step(epoch, step, clip, again) : null;
      this.#milliseconds += performance.now() - breather.away - start;
      if (batch.endsStep) {
        const done = step.result();
        means.addAll(rows, done);
        const progress = { samples: this.#samples, seconds: this.#milliseconds / 1000 };
        const report = { epoch, step: this.#steps, ...done, lr: this.#lr, gradNorm, ...progress };
        this.#progress?.step(report);
        if (afterStep !== undefined) {
          await this.#pace.settled();
          const told = await this.#pace.aside(this.#written, async () => afterStep(report));
          if (told === STOP) ending = 'afterStep';
        }
        step = new Means(metrics, means);
        rows = 0;
        number++;
        position = generator.position;
      }
      await breather.breathe();
      if (ending !== null) break;
    }
    const seen = this.#samples - samples;
    const seconds = (this.#milliseconds - milliseconds) / 1000;
    const judged = await this.#judge(epoch, means.result(1 / seen), seen / Math.max(seconds, 1e-9));
    return ending ?? judged;
  }

  /**
   * Adds the gradient of a batch.
   * @returns what clips the gradients of the step, where that has begun
   */
  async #learn(batch: Batch<Y>, step: Means<Y>, generator: Generator): Promise<Clip> {
    const { metrics, maxNorm, beforeStep } = this.#settings;
    const pace = this.#pace;
    const output = pace.run(() => withGenerator(generator, () => this.#outputOf(batch)));
    const add = () => noGrad(() => step.add(batch.share, output.loss.item(), output.output, batch.y));
    // In the background the loss can wait for the way back, after which what a metric reads is gone.
    const isLate = pace.background && Object.keys(metrics).length === 0;
    if (!isLate) {
      await pace.settled();
      add();
      if (!Number.isFinite(step.loss)) return null;
    }
    const steps = backwardSteps(output.loss, batch.share);
    // A batch may take longer than the event loop should wait.
    const goBack = () => {
      for (let next = steps.next(); next.done !== true; next = steps.next()) {
        if (pace.breather.isDue) return false;
      }
      return true;
    };
    while (!pace.run(goBack)) await pace.breather.turn();
    // `beforeStep` may change the gradients.
    const isReady = batch.endsStep && maxNorm !== undefined && beforeStep === undefined;
    const clip = isReady ? pace.run(() => this.#measure(maxNorm)) : null;
    await pace.settled();
    if (isLate) add();
    return clip;
  }

  #measure(maxNorm: number): () => number {
    return measureGradNorm(this.#settings.optimizer.parameters(), maxNorm);
  }

  #outputOf(batch: Batch<Y>): { readonly output: Tensor; readonly loss: Tensor } {
    // A callback or a validation may have changed it.
    if (!this.#model.training) this.#model.train();
    const output = this.#model.forward(batch.x);
    return { output, loss: lossOf(this.#settings.loss, output, batch.y) };
  }

  /** The loss and the gradients of a step at the weights as they now are, with the random numbers that layers had before. */
  #again(epoch: number, step: number, position: number): number {
    const { loader, optimizer, seed } = this.#settings;
    const generator = new Generator(seed, position);
    const means = new Means<Y>({});
    optimizer.zeroGrad();
    for (const batch of loader.step(epoch, step)) {
      const { output, loss } = withGenerator(generator, () => this.#outputOf(batch));
      noGrad(() => means.add(batch.share, loss.item(), output, batch.y));
      for (const _ of backwardSteps(loss, batch.share));
    }
    return means.loss;
  }

  /**
   * @param begun what clips the gradients, where that has begun
   * @param again what the optimizer's closure computes, but for the first time
   * @returns the norm of the gradients, where it was asked for.
   */
  async #step(epoch: number, means: Means<Y>, begun: Clip, again: () => number): Promise<number | null> {
    const { optimizer, maxNorm, weights, beforeStep, signal } = this.#settings;
    const pace = this.#pace;
    if (beforeStep !== undefined) {
      const start = performance.now();
      const step = { epoch, step: this.#steps + 1, ...means.result(), lr: optimizer.lr };
      await pace.aside(this.#written, async () => beforeStep(step));
      this.#milliseconds -= performance.now() - start;
      signal?.throwIfAborted();
    }
    let clip = begun;
    if (maxNorm !== undefined && clip === null) {
      clip = pace.run(() => this.#measure(maxNorm));
      await pace.settled();
    }
    const norm = clip === null ? null : pace.run(clip);
    this.#lr = optimizer.lr;
    let isFirst = true;
    await stepIn(pace, optimizer, () => {
      // The gradients are there, as `beforeStep` left them.
      const loss = isFirst ? means.loss : again();
      if (!isFirst && maxNorm !== undefined) this.#measure(maxNorm)();
      isFirst = false;
      return loss;
    });
    this.#steps++;
    if (weights instanceof ExponentialMovingAverage) pace.run(() => weights.update());
    else if (weights?.update !== undefined) {
      await pace.settled();
      pace.runAtOnce(() => weights.update?.());
    }
    // Last, so that nobody reads a gradient before the next one overwrites it.
    pace.run(() => optimizer.zeroGrad());
    return norm;
  }

  /** @returns what ends the training, if anything does. */
  async #judge(epoch: number, learnt: Evaluation, samplesPerSecond: number): Promise<Ending | null> {
    const { loss, metrics, validation, validationBatchSize: batchSize, signal, weights } = this.#settings;
    const { monitor, observe, optimizer, afterEpoch } = this.#settings;
    await this.#pace.settled();
    this.#pace.runAtOnce(() => weights?.apply());
    let report: EpochReport;
    let ending: Ending | null;
    try {
      const judged =
        validation === undefined
          ? null
          : await evaluateAt(this.#pace, this.#model, validation, { loss, metrics, batchSize, signal });
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
      this.#pace.runAtOnce(() => weights?.restore());
    }
    this.#epochs.push(report);
    this.#progress?.epoch(report);
    if (afterEpoch !== undefined) {
      const told = await this.#pace.aside(this.#written, async () => afterEpoch(report));
      if (told === STOP) ending ??= 'afterEpoch';
    }
    signal?.throwIfAborted();
    return ending;
  }
}

function numberOf({ loss, metrics }: Evaluation, name: string): number {
  return name === 'loss' ? loss : metrics[name];
}
