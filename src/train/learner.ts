import { backwardSteps } from '../nn/engine/autograd.js';
import { withGenerator } from '../nn/engine/default-generator.js';
import { Generator, type Module, noGrad } from '../nn/index.js';
import { measureGradNorm } from '../optim/clip-grad-norm.js';
import { measureGradients, Optimizer } from '../optim/optimizer.js';
import { DivergedError } from './diverged-error.js';
import { ExponentialMovingAverage } from './ema.js';
import { Means } from './evaluate.js';
import type { Target } from './examples.js';
import type { LeafLearner } from './leaves/leaf-learner.js';
import { outputOf } from './output.js';
import type { Pace } from './pace.js';
import type { LossFrom } from './sampled-loss.js';
import type { Settings } from './settings.js';
import type { Standing } from './standing.js';
import { stepIn } from './step-in.js';
import type { Batch, Step } from './steps.js';

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
  /** Null where steps are not made of leaves. */
  readonly #leaves: LeafLearner<Y> | null;

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
    leaves: LeafLearner<Y> | null,
  ) {
    this.#leaves = leaves;
    this.#model = model;
    this.#settings = settings;
    this.#pace = pace;
    this.#written = written;
    this.#standing = standing;
  }

  /**
   * @param means gets the loss and the metrics of the step
   * @throws DivergedError before the step is taken, or behind it for the loss at sampled targets.
   */
  async step(step: Step<Y>, means: Means<Y>): Promise<Learnt> {
    return this.#leaves === null
      ? this.#stepOfBatches(step, means)
      : this.#stepOfLeaves(step, means, this.#leaves);
  }

  async #stepOfLeaves(step: Step<Y>, means: Means<Y>, leaves: LeafLearner<Y>): Promise<Learnt> {
    const standing = this.#standing;
    const { breather } = this.#pace;
    const start = performance.now() - breather.away;
    await leaves.learn(step, means);
    this.#checkFinite(means);
    standing.samples += step.rows;
    const again = () => {
      const own = new Means<Y>({});
      leaves.again(step, own);
      return own.loss;
    };
    const gradNorm = await this.#update(step, means, null, again);
    standing.milliseconds += performance.now() - breather.away - start;
    return { rows: step.rows, gradNorm };
  }

  #checkFinite({ loss }: Means<Y>): void {
    const { steps, epoch } = this.#standing;
    if (!Number.isFinite(loss)) throw new DivergedError(loss, steps + 1, epoch);
  }

  async #stepOfBatches(step: Step<Y>, means: Means<Y>): Promise<Learnt> {
    const standing = this.#standing;
    const { position } = standing.generator;
    const { breather } = this.#pace;
    const batches = step.batches()[Symbol.iterator]();
    let rows = 0;
    for (;;) {
      const start = performance.now() - breather.away;
      const { value: batch, done } = this.#pace.run(() => batches.next());
      if (done) return { rows, gradNorm: null };
      const clip = await this.#learn(batch, means, () => this.#settings.loss, batch.endsStep);
      this.#checkFinite(means);
      standing.samples += batch.rows;
      rows += batch.rows;
      const again = () => this.#again(step, position);
      const gradNorm = batch.endsStep ? await this.#update(step, means, clip, again) : null;
      standing.milliseconds += performance.now() - breather.away - start;
      if (batch.endsStep) return { rows, gradNorm };
      await breather.breathe();
    }
  }

  /**
   * Adds the gradient of a batch.
   * @param isLast whether it is the gradient of a step then
   * @returns what clips the gradients of the step, where that has begun
   */
  async #learn(batch: Batch<Y>, means: Means<Y>, lossFrom: LossFrom<Y>, isLast: boolean): Promise<Clip> {
    const { generator } = this.#standing;
    const { metrics, maxNorm, hooks } = this.#settings;
    const pace = this.#pace;
    const output = pace.run(() =>
      withGenerator(generator, () => outputOf(this.#model, lossFrom(generator), batch)),
    );
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
    const isReady = isLast && maxNorm !== undefined && !hooks.has('beforeStep');
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

  /** The loss and the gradients of a step at the weights as they now are, with the random numbers that layers had before. */
  #again(step: Step<Y>, position: number): number {
    const { optimizer, seed } = this.#settings;
    const generator = new Generator(seed, position);
    const means = new Means<Y>({});
    optimizer.zeroGrad();
    for (const batch of step.batches()) {
      const { output, loss } = withGenerator(generator, () =>
        outputOf(this.#model, this.#settings.loss, batch),
      );
      noGrad(() => means.add(batch.share, loss.item(), output, batch.y));
      for (const _ of backwardSteps(loss, batch.share));
    }
    return means.loss;
  }

  /** @returns the norm of the gradients before. */
  async #clip(maxNorm: number, begun: Clip): Promise<number> {
    const { optimizer } = this.#settings;
    const shards = this.#leaves?.shards ?? null;
    if (shards !== null && optimizer instanceof Optimizer) {
      return shards.clip(optimizer, maxNorm, this.#label);
    }
    const clip = begun ?? this.#pace.run(() => this.#measure(maxNorm));
    if (begun === null) await this.#pace.settled();
    return this.#pace.run(clip);
  }

  /** Of the step, where ranks wait for each other. */
  get #label(): string {
    return `step ${this.#standing.steps + 1}`;
  }

  /**
   * @param begun what clips the gradients, where that has begun
   * @param again what the optimizer's closure computes, but for the first time
   * @returns the norm of the gradients, where it was asked for.
   */
  async #update(step: Step<Y>, means: Means<Y>, begun: Clip, again: () => number): Promise<number | null> {
    const standing = this.#standing;
    const { optimizer, maxNorm, weights, hooks, signal } = this.#settings;
    const pace = this.#pace;
    if (hooks.has('beforeStep')) {
      const start = performance.now();
      const { epoch, steps } = standing;
      const pending = { epoch, step: steps + 1, ...means.result(), lr: optimizer.lr };
      await pace.aside(this.#written, () => hooks.call('beforeStep', pending));
      standing.milliseconds -= performance.now() - start;
      signal?.throwIfAborted();
    }
    const norm = maxNorm === undefined ? null : await this.#clip(maxNorm, begun);
    standing.lr = optimizer.lr;
    let isFirst = true;
    const closure = () => {
      // The gradients are there, as `beforeStep` left them.
      const loss = isFirst ? means.loss : again();
      if (!isFirst && maxNorm !== undefined) this.#measure(maxNorm)();
      isFirst = false;
      return loss;
    };
    const shards = this.#leaves?.shards ?? null;
    if (shards !== null && optimizer instanceof Optimizer) {
      await shards.step(optimizer, closure, this.#label);
      await shards.gather(this.#label);
    } else await stepIn(pace, optimizer, closure);
    await this.#estimateHessian(step);
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

  /** Gives the optimizer what its estimate of the Hessian is made of, where that is due after the step. */
  async #estimateHessian(step: Step<Y>): Promise<void> {
    const { optimizer, sampled } = this.#settings;
    const { hessian } = optimizer;
    if (sampled === null || !hessian?.isDue) return;
    const means = new Means<Y>({});
    this.#pace.run(() => optimizer.zeroGrad());
    if (this.#leaves !== null) await this.#leaves.learn(step, means, sampled);
    else {
      const batches = step.batches()[Symbol.iterator]();
      for (;;) {
        const { value: batch, done } = this.#pace.run(() => batches.next());
        if (done) break;
        await this.#learn(batch, means, sampled, false);
      }
    }
    this.#checkFinite(means);
    this.#pace.run(() => hessian.update());
  }
}
