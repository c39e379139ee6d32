import { show } from '../core/validate.js';
import type { Communicator } from '../distributed/communicator.js';
import { WorldOfOne } from '../distributed/world-of-one.js';
import { Module } from '../nn/index.js';
import { type Checkpoints, checkpointsOf } from './checkpoints/checkpoints.js';
import { identityOf } from './checkpoints/identity.js';
import { EarlyStopping } from './early-stopping.js';
import { type Evaluation, evaluateAt, keepModes, Means } from './evaluate.js';
import type { Target } from './examples.js';
import type { Data } from './feed.js';
import type { HookName, Told } from './hooks.js';
import { Learner, type Learnt } from './learner.js';
import { LeafLearner } from './leaves/leaf-learner.js';
import { checkShared } from './leaves/options.js';
import { Ranks } from './leaves/ranks.js';
import type { FitOptions } from './options.js';
import { Pace } from './pace.js';
import { createProgress, type Progress } from './progress.js';
import type { Ending, EpochReport, History, Resumed, StepReport } from './reports.js';
import { checkTrains, readOptions, type Settings } from './settings.js';
import { Standing } from './standing.js';
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
  return fitAmong(null, model, data, options);
}

/** {@link fit} among the ranks of a communicator, in the place of those of the process. */
export async function fitAmong<Y extends Target>(
  communicator: Communicator | null,
  model: Module,
  data: Data<Y>,
  options: FitOptions<NoInfer<Y>>,
): Promise<History> {
  const training = new Training(model, data, options, communicator);
  return training.run();
}

class Training<Y extends Target> {
  readonly #model: Module;
  readonly #settings: Settings<Y>;
  readonly #pace: Pace;
  /** What the training writes to. */
  readonly #written: ReadonlySet<object>;
  readonly #stopping: EarlyStopping | null;
  readonly #standing: Standing<Y>;
  readonly #checkpoints: Checkpoints<Y> | null;
  readonly #leaves: LeafLearner<Y> | null;
  readonly #communicator: Communicator;
  readonly #ranks: Ranks;
  readonly #learner: Learner<Y>;
  #progress: Progress | null = null;

  constructor(model: Module, data: Data<Y>, options: FitOptions<Y>, communicator: Communicator | null) {
    if (!(model instanceof Module)) throw new TypeError(`model must be a Module, got ${show(model)}`);
    this.#model = model;
    this.#settings = readOptions(data, options, communicator);
    checkTrains(this.#settings.optimizer, model);
    const { signal, earlyStopping, monitor, initialEpoch, schedule, seed, metrics } = this.#settings;
    const { background, optimizer } = this.#settings;
    this.#pace = new Pace(background, signal);
    this.#written = new Set([...model.parameters(), ...model.buffers(), ...optimizer.parameters()]);
    this.#stopping = earlyStopping === undefined ? null : new EarlyStopping(model, earlyStopping, monitor);
    this.#standing = new Standing(initialEpoch, seed, metrics);
    const { leaves } = this.#settings;
    if (leaves !== null) checkShared(model, metrics, leaves);
    this.#leaves =
      leaves === null ? null : new LeafLearner(model, this.#settings, this.#pace, this.#standing, leaves);
    const shards = this.#leaves?.shards ?? null;
    this.#communicator = leaves?.communicator ?? new WorldOfOne();
    this.#ranks = new Ranks(this.#communicator);
    this.#checkpoints = checkpointsOf(
      ...[model, this.#settings, this.#standing, this.#stopping, this.#pace, this.#ranks, shards],
    );
    this.#learner = new Learner(
      ...[model, this.#settings, this.#pace, this.#written, this.#standing, this.#leaves],
    );
    // The last that can fail, and the first that changes anything.
    if (schedule !== undefined) this.#settings.optimizer.lr = schedule;
  }

  async run(): Promise<History> {
    const { signal, optimizer, initialEpoch, epochs, feed } = this.#settings;
    signal?.throwIfAborted();
    const resumed = (await this.#checkpoints?.begin()) ?? null;
    await this.#leaves?.start(identityOf(this.#settings, this.#stopping));
    this.#progress = this.#createProgress(resumed);
    this.#pace.begin(this.#written);
    const restoreModes = keepModes(this.#model);
    const standing = this.#standing;
    let ending: Ending | null = null;
    try {
      this.#pace.run(() => optimizer.zeroGrad());
      const plan = { initialEpoch, epochs, stepsPerEpoch: feed.stepsPerEpoch, resumed };
      await this.#tell('beforeTraining', plan);
      if (standing.stepsInEpoch === 0 && this.#stopping?.isOver) ending = 'earlyStopping';
      while (standing.epoch < this.#end && ending === null) ending = await this.#epoch();
      await this.#pace.settled();
      this.#pace.runAtOnce(() => this.#stopping?.finish());
      await this.#checkpoints?.finish();
    } finally {
      restoreModes();
      this.#progress?.close();
      // Also those of parameters that the optimizer does not train.
      this.#pace.run(() => this.#model.zeroGrad());
      await this.#pace.end();
      await this.#checkpoints?.settled();
    }
    const bestEpoch = this.#stopping?.bestEpoch ?? null;
    const { steps } = standing;
    const history = { epochs: [...standing.epochs], steps, endedBy: ending ?? 'epochs', bestEpoch };
    await this.#settings.hooks.call('afterTraining', history);
    return history;
  }

  /** The epoch with which no more begins. */
  get #end(): number {
    return this.#settings.initialEpoch + this.#settings.epochs;
  }

  #createProgress(resumed: Resumed | null): Progress | null {
    const { output, initialEpoch, epochs, feed } = this.#settings;
    if (output === null) return null;
    const plan = { first: initialEpoch, count: epochs, steps: feed.stepsPerEpoch };
    return createProgress(output, plan, resumed);
  }

  /** Calls hooks, and has them have the model. @returns whether they end the training. */
  async #tell<Name extends HookName>(name: Name, told: Told<Name>): Promise<boolean> {
    const { hooks } = this.#settings;
    if (!hooks.has(name)) return false;
    await this.#pace.settled();
    const ends = await this.#pace.aside(this.#written, () => hooks.call(name, told));
    return name === 'afterStep' || name === 'afterEpoch'
      ? this.#ranks.any(ends, `what ${name} returned`)
      : ends;
  }

  /** @returns what ends the training with this epoch, if anything does. */
  async #epoch(): Promise<Ending | null> {
    const { epoch, steps, stepsInEpoch } = this.#standing;
    if (stepsInEpoch === 0) await this.#tell('beforeEpoch', { epoch, step: steps });
    const isCutShort = await this.#takeSteps();
    const { samples, milliseconds } = this.#standing.inEpoch;
    if (samples === 0) {
      throw new RangeError(
        `data has no rows in epoch ${epoch}: what can be gone through once must come from a function, which is called for each epoch`,
      );
    }
    const learnt = this.#standing.means.result(1 / samples);
    const judged = await this.#judge(learnt, samples / Math.max(milliseconds / 1000, 1e-9));
    // One that was cut short was saved as it was then: a run that goes on has the rest of it.
    if (!isCutShort)
      await this.#checkpoints?.afterEpoch(judged !== null || this.#standing.epoch === this.#end);
    this.#settings.signal?.throwIfAborted();
    return isCutShort ? 'afterStep' : judged;
  }

  /** Takes the steps of the epoch, or those that are left. @returns whether a hook has ended it. */
  async #takeSteps(): Promise<boolean> {
    const { feed, metrics, hooks } = this.#settings;
    const { means } = this.#standing;
    const steps =
      this.#checkpoints === null ? feed.steps(this.#standing.epoch) : await this.#checkpoints.steps();
    let isCutShort = false;
    try {
      while (!isCutShort) {
        const next = steps.next();
        const { value: step, done } = next instanceof Promise ? await this.#wait(next) : next;
        if (done === true) break;
        const own = new Means(metrics, means);
        const report = this.#report(own, means, await this.#learner.step(step, own));
        if (hooks.has('afterStep')) isCutShort = await this.#tell('afterStep', report);
        await this.#checkpoints?.afterStep(isCutShort);
        await this.#pace.breather.breathe();
      }
    } finally {
      await steps.return?.();
    }
    return isCutShort;
  }

  /** Waits for a step, which counts as time of learning. */
  async #wait(next: Promise<IteratorResult<Step<Y>>>): Promise<IteratorResult<Step<Y>>> {
    const start = performance.now();
    const result = await next;
    if (result.done !== true) this.#standing.milliseconds += performance.now() - start;
    return result;
  }

  /** Adds a step to the means of its epoch, and tells what it did. */
  #report(own: Means<Y>, means: Means<Y>, { rows, gradNorm }: Learnt): StepReport {
    const { epoch, steps, samples, seconds, lr } = this.#standing;
    const done = own.result();
    means.addAll(rows, done);
    const report = { epoch, step: steps, ...done, lr, gradNorm, samples, seconds };
    this.#progress?.step(report);
    return report;
  }

  /** @returns what ends the training, if anything does. */
  async #judge(learnt: Evaluation, samplesPerSecond: number): Promise<Ending | null> {
    const { loss, metrics, validation, validationOptions, signal, weights } = this.#settings;
    const { monitor, observe, optimizer } = this.#settings;
    const { epoch, steps: step, lr, seconds } = this.#standing;
    await this.#pace.settled();
    this.#pace.runAtOnce(() => weights?.apply());
    let report: EpochReport;
    let ending: Ending | null;
    try {
      const judged =
        validation === undefined
          ? null
          : await evaluateAt(this.#pace, this.#communicator, this.#model, validation, {
              loss,
              metrics,
              signal,
              ...validationOptions,
            });
      report = { epoch, step, ...learnt, validation: judged, lr, seconds, samplesPerSecond };
      const value = numberOf(judged ?? learnt, monitor);
      ending = this.#stopping?.observe(epoch, value) ? 'earlyStopping' : null;
      if (observe) optimizer.observe(value);
    } finally {
      this.#pace.runAtOnce(() => weights?.restore());
    }
    this.#standing.endEpoch(report);
    this.#progress?.epoch(report);
    if (await this.#tell('afterEpoch', report)) ending ??= 'afterEpoch';
    return ending;
  }
}

function numberOf({ loss, metrics }: Evaluation, name: string): number {
  return name === 'loss' ? loss : metrics[name];
}
