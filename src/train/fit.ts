import { show } from '../core/validate.js';
import { positionOfLayers } from '../data/epochs.js';
import { Generator, Module } from '../nn/index.js';
import { EarlyStopping } from './early-stopping.js';
import { type Evaluation, evaluateAt, keepModes, Means } from './evaluate.js';
import type { Target } from './examples.js';
import type { Data } from './feed.js';
import type { HookName, Told } from './hooks.js';
import { Learner, type Learnt } from './learner.js';
import type { FitOptions } from './options.js';
import { Pace } from './pace.js';
import { createProgress, type Progress } from './progress.js';
import type { Ending, EpochReport, History, StepReport } from './reports.js';
import { checkTrains, readOptions, type Settings } from './settings.js';
import type { Step } from './steps.js';

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
 * @param data rows to learn from; or what decides batches and orders by itself: a loader, an iterable of batches, async or not,
 * that can be gone through once an epoch, or a function of the number of the epoch that returns one.
 * @throws TypeError or RangeError naming what does not fit; {@link DivergedError} when the loss is not finite, before that step
 * is taken; the reason of the signal. The model and the optimizer can be used after any of them, with what was learnt so far.
 */
export async function fit<Y extends Target>(
  model: Module,
  data: Data<Y>,
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
  readonly #learner: Learner<Y>;
  readonly #epochs: EpochReport[] = [];

  constructor(model: Module, data: Data<Y>, options: FitOptions<Y>) {
    if (!(model instanceof Module)) throw new TypeError(`model must be a Module, got ${show(model)}`);
    this.#model = model;
    this.#settings = readOptions(data, options);
    checkTrains(this.#settings.optimizer, model);
    const { signal, earlyStopping, monitor, output, epochs, initialEpoch, feed, schedule } = this.#settings;
    const { background, optimizer } = this.#settings;
    this.#pace = new Pace(background, signal);
    this.#written = new Set([...model.parameters(), ...model.buffers(), ...optimizer.parameters()]);
    this.#stopping = earlyStopping === undefined ? null : new EarlyStopping(model, earlyStopping, monitor);
    const plan = { first: initialEpoch, count: epochs, steps: feed.stepsPerEpoch };
    this.#progress = output === null ? null : createProgress(output, plan);
    this.#learner = new Learner(model, this.#settings, this.#pace, this.#written);
    // The last that can fail, and the first that changes anything.
    if (schedule !== undefined) this.#settings.optimizer.lr = schedule;
  }

  async run(): Promise<History> {
    const { signal, optimizer, initialEpoch, epochs, feed } = this.#settings;
    signal?.throwIfAborted();
    this.#pace.begin(this.#written);
    const restoreModes = keepModes(this.#model);
    let ending: Ending | null = null;
    try {
      this.#pace.run(() => optimizer.zeroGrad());
      await this.#tell('beforeTraining', { initialEpoch, epochs, stepsPerEpoch: feed.stepsPerEpoch });
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
    const steps = this.#learner.steps;
    const history = { epochs: this.#epochs, steps, endedBy: ending ?? 'epochs', bestEpoch };
    await this.#settings.hooks.call('afterTraining', history);
    return history;
  }

  /** Calls hooks, and has them have the model. @returns whether they end the training. */
  async #tell<Name extends HookName>(name: Name, told: Told<Name>): Promise<boolean> {
    const { hooks } = this.#settings;
    if (!hooks.has(name)) return false;
    await this.#pace.settled();
    return this.#pace.aside(this.#written, () => hooks.call(name, told));
  }

  /** @returns what ends the training with this epoch, if anything does. */
  async #epoch(epoch: number): Promise<Ending | null> {
    const { feed, seed, metrics, hooks } = this.#settings;
    const learner = this.#learner;
    await this.#tell('beforeEpoch', { epoch, step: learner.steps });
    const generator = new Generator(seed, positionOfLayers(epoch));
    const means = new Means(metrics);
    const { samples, milliseconds } = learner;
    let ending: Ending | null = null;
    const steps = feed.steps(epoch);
    try {
      while (ending === null) {
        const next = steps.next();
        const { value: step, done } = next instanceof Promise ? await this.#wait(next) : next;
        if (done === true) break;
        const own = new Means(metrics, means);
        const report = this.#report(epoch, own, means, await learner.step(step, epoch, generator, own));
        if (hooks.has('afterStep') && (await this.#tell('afterStep', report))) ending = 'afterStep';
        await this.#pace.breather.breathe();
      }
    } finally {
      await steps.return?.();
    }
    const seen = learner.samples - samples;
    if (seen === 0) {
      throw new RangeError(
        `data has no rows in epoch ${epoch}: what can be gone through once must come from a function, which is called for each epoch`,
      );
    }
    const seconds = (learner.milliseconds - milliseconds) / 1000;
    const judged = await this.#judge(epoch, means.result(1 / seen), seen / Math.max(seconds, 1e-9));
    return ending ?? judged;
  }

  /** Waits for a step, which counts as time of learning. */
  async #wait(next: Promise<IteratorResult<Step<Y>>>): Promise<IteratorResult<Step<Y>>> {
    const start = performance.now();
    const result = await next;
    if (result.done !== true) this.#learner.milliseconds += performance.now() - start;
    return result;
  }

  /** Adds a step to the means of its epoch, and tells what it did. */
  #report(epoch: number, own: Means<Y>, means: Means<Y>, { rows, gradNorm }: Learnt): StepReport {
    const learner = this.#learner;
    const done = own.result();
    means.addAll(rows, done);
    const progress = { samples: learner.samples, seconds: learner.milliseconds / 1000 };
    const report = { epoch, step: learner.steps, ...done, lr: learner.lr, gradNorm, ...progress };
    this.#progress?.step(report);
    return report;
  }

  /** @returns what ends the training, if anything does. */
  async #judge(epoch: number, learnt: Evaluation, samplesPerSecond: number): Promise<Ending | null> {
    const { loss, metrics, validation, validationOptions, signal, weights } = this.#settings;
    const { monitor, observe, optimizer } = this.#settings;
    const learner = this.#learner;
    await this.#pace.settled();
    this.#pace.runAtOnce(() => weights?.apply());
    let report: EpochReport;
    let ending: Ending | null;
    try {
      const judged =
        validation === undefined
          ? null
          : await evaluateAt(this.#pace, this.#model, validation, {
              loss,
              metrics,
              signal,
              ...validationOptions,
            });
      report = {
        epoch,
        step: learner.steps,
        ...learnt,
        validation: judged,
        lr: learner.lr,
        seconds: learner.milliseconds / 1000,
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
    if (await this.#tell('afterEpoch', report)) ending ??= 'afterEpoch';
    signal?.throwIfAborted();
    return ending;
  }
}

function numberOf({ loss, metrics }: Evaluation, name: string): number {
  return name === 'loss' ? loss : metrics[name];
}
