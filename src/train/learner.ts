import { backwardSteps } from '../nn/engine/autograd.js';
import { withGenerator } from '../nn/engine/default-generator.js';
import { Generator, type Module, noGrad, type Tensor } from '../nn/index.js';
import { measureGradNorm } from '../optim/clip-grad-norm.js';
import { measureGradients, Optimizer } from '../optim/optimizer.js';
import { DivergedError } from './diverged-error.js';
import { ExponentialMovingAverage } from './ema.js';
import { lossOf, Means } from './evaluate.js';
import type { Target } from './examples.js';
import type { Batch } from './loader.js';
import type { Pace } from './pace.js';
import type { Settings } from './settings.js';
import type { Standing } from './standing.js';
import { stepIn } from './step-in.js';
import type { Step } from './steps.js';

/** What clips gradients whose norm was measured, and returns that; null where none was. */
type Clip = (() => number) | null;

/** What a step has done. */
export interface Learnt {
  readonly rows: number;
  /** The norm of the gradients, where it was asked for. */
  readonly gradNorm: number | null;
}

/** Takes the steps of a training. */
export class Learner<Y extends Target> {
  readonly #model: Module;
  readonly #settings: Settings<Y>;
  readonly #pace: Pace;
  readonly #written: ReadonlySet<object>;
  readonly #standing: Standing<Y>;

  /**
   * @param written what a training writes to
   * @param standing goes on with every step
   */
  constructor(
    model: Module,
    settings: Settings<Y>,
    pace: Pace,
    written: ReadonlySet<object>,
    standing: Standing<Y>,
  ) {
    this.#model = model;
    this.#settings = settings;
    this.#pace = pace;
    this.#written = written;
    this.#standing = standing;
  }

  /**
   * @param means gets the loss and the metrics of the step
   * @throws DivergedError before the step is taken.
   */
  async step(step: Step<Y>, means: Means<Y>): Promise<Learnt> {
    const standing = this.#standing;
    const { position } = standing.generator;
    const { breather } = this.#pace;
    const batches = step.batches()[Symbol.iterator]();
    let rows = 0;
    for (;;) {
      const start = performance.now() - breather.away;
      const { value: batch, done } = this.#pace.run(() => batches.next());
      if (done) return { rows, gradNorm: null };
      const clip = await this.#learn(batch, means);
      if (!Number.isFinite(means.loss)) {
        throw new DivergedError(means.loss, standing.steps + 1, standing.epoch);
      }
      standing.samples += batch.rows;
      rows += batch.rows;
      const again = () => this.#again(step, position);
      const gradNorm = batch.endsStep ? await this.#update(means, clip, again) : null;
      standing.milliseconds += performance.now() - breather.away - start;
      if (batch.endsStep) return { rows, gradNorm };
      await breather.breathe();
    }
  }

  /**
   * Adds the gradient of a batch.
   * @returns what clips the gradients of the step, where that has begun
   */
  async #learn(batch: Batch<Y>, means: Means<Y>): Promise<Clip> {
    const { generator } = this.#standing;
    const { metrics, maxNorm, hooks } = this.#settings;
    const pace = this.#pace;
    const output = pace.run(() => withGenerator(generator, () => this.#outputOf(batch)));
    const add = () => noGrad(() => means.add(batch.share, output.loss.item(), output.output, batch.y));
    // In the background the loss can wait for the way back, after which what a metric reads is gone.
    const isLate = pace.background && Object.keys(metrics).length === 0;
    if (!isLate) {
      await pace.settled();
      add();
      if (!Number.isFinite(means.loss)) return null;
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
    const isReady = batch.endsStep && maxNorm !== undefined && !hooks.has('beforeStep');
    const clip = isReady ? pace.run(() => this.#measure(maxNorm)) : null;
    await pace.settled();
    if (isLate) add();
    return clip;
  }

  #measure(maxNorm: number): () => number {
    const { optimizer } = this.#settings;
    const isOurs = optimizer instanceof Optimizer && optimizer.step === Optimizer.prototype.step;
    return isOurs ? measureGradients(optimizer, maxNorm) : measureGradNorm(optimizer.parameters(), maxNorm);
  }

  #outputOf(batch: Batch<Y>): { readonly output: Tensor; readonly loss: Tensor } {
    // A callback or a validation may have changed it.
    if (!this.#model.training) this.#model.train();
    const output = this.#model.forward(batch.x);
    return { output, loss: lossOf(this.#settings.loss, output, batch.y) };
  }

  /** The loss and the gradients of a step at the weights as they now are, with the random numbers that layers had before. */
  #again(step: Step<Y>, position: number): number {
    const { optimizer, seed } = this.#settings;
    const generator = new Generator(seed, position);
    const means = new Means<Y>({});
    optimizer.zeroGrad();
    for (const batch of step.batches()) {
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
  async #update(means: Means<Y>, begun: Clip, again: () => number): Promise<number | null> {
    const standing = this.#standing;
    const { optimizer, maxNorm, weights, hooks, signal } = this.#settings;
    const pace = this.#pace;
    if (hooks.has('beforeStep')) {
      const start = performance.now();
      const { epoch, steps } = standing;
      const step = { epoch, step: steps + 1, ...means.result(), lr: optimizer.lr };
      await pace.aside(this.#written, () => hooks.call('beforeStep', step));
      standing.milliseconds -= performance.now() - start;
      signal?.throwIfAborted();
    }
    let clip = begun;
    if (maxNorm !== undefined && clip === null) {
      clip = pace.run(() => this.#measure(maxNorm));
      await pace.settled();
    }
    const norm = clip === null ? null : pace.run(clip);
    standing.lr = optimizer.lr;
    let isFirst = true;
    await stepIn(pace, optimizer, () => {
      // The gradients are there, as `beforeStep` left them.
      const loss = isFirst ? means.loss : again();
      if (!isFirst && maxNorm !== undefined) this.#measure(maxNorm)();
      isFirst = false;
      return loss;
    });
    standing.steps++;
    standing.stepsInEpoch++;
    if (weights instanceof ExponentialMovingAverage) pace.run(() => weights.update());
    else if (weights?.update !== undefined) {
      await pace.settled();
      pace.runAtOnce(() => weights.update?.());
    }
    // Last, so that nobody reads a gradient before the next one overwrites it.
    pace.run(() => optimizer.zeroGrad());
    return norm;
  }
}
