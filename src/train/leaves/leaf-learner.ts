import { generatorOfLeaf } from '../../data/epochs.js';
import type { Communicator } from '../../distributed/communicator.js';
import { backwardSteps } from '../../nn/engine/autograd.js';
import { withGenerator } from '../../nn/engine/default-generator.js';
import { isSparse } from '../../nn/functions/embedding.js';
import { type Module, noGrad, Tensor } from '../../nn/index.js';
import { withMover } from '../../nn/layers/running-statistics.js';
import { Means } from '../evaluate.js';
import type { Target } from '../examples.js';

import { type Output, outputOf } from '../output.js';
import type { Pace } from '../pace.js';
import type { LossFrom } from '../sampled-loss.js';
import type { Settings } from '../settings.js';
import type { Standing } from '../standing.js';
import type { Batch, Step } from '../steps.js';
import { LeafGradients } from './leaf-gradients.js';
import { LeafRows } from './leaf-rows.js';
import { LeafStatistics } from './leaf-statistics.js';
import type { LeafSettings } from './options.js';
import { Sending } from './sending.js';
import { Shards } from './shards.js';
import { startTogether } from './start.js';
import { type StepPlan, StepPlans } from './step-plan.js';
import type { Turn } from './turns.js';

/** Bits of a number that tells which parameters got a gradient. */
const FLAGS = 32;

/**
 * Computes the gradient of a step leaf by leaf (micro-batch by micro-batch), each from zero, and adds them up along one tree: the
 * same bits, whoever computes which.
 */
export class LeafLearner<Y extends Target> {
  readonly #model: Module;
  readonly #settings: Settings<Y>;
  readonly #pace: Pace;
  readonly #standing: Standing<Y>;
  readonly #communicator: Communicator;
  readonly #isDistributed: boolean;
  readonly #gradients: LeafGradients;
  readonly #rows: LeafRows;
  readonly #statistics: LeafStatistics;
  readonly #plans: StepPlans;
  /** How many numbers of a leaf are summed: they come first, then the length of its statistics, then its flags. */
  readonly #figures: number;
  readonly shards: Shards | null;

  constructor(
    model: Module,
    settings: Settings<Y>,
    pace: Pace,
    standing: Standing<Y>,
    { communicator, isDistributed, bucketBytes, shardOptimizer }: LeafSettings,
  ) {
    this.#model = model;
    this.#settings = settings;
    this.#pace = pace;
    this.#standing = standing;
    this.#communicator = communicator;
    this.#isDistributed = isDistributed;
    const tensors = settings.optimizer.parameters().filter((parameter) => parameter instanceof Tensor);
    const whole = tensors.filter((tensor) => !isSparse(tensor));
    this.#gradients = new LeafGradients(whole, bucketBytes);
    this.#rows = new LeafRows(tensors.filter(isSparse));
    this.#statistics = new LeafStatistics(model.buffers());
    this.#figures = new Means(settings.metrics).count;
    this.#plans = new StepPlans(communicator, this.#figures + 1 + Math.ceil(tensors.length / FLAGS));
    this.shards = shardOptimizer ? new Shards(communicator, this.#gradients, pace) : null;
  }

  /** Before the first step. @param options what decides the bits of the run */
  async start(options: Readonly<Record<string, unknown>>): Promise<void> {
    const { optimizer, hooks, epochs, saving, leaves } = this.#settings;
    const { epoch, stepsInEpoch, steps } = this.#standing;
    const { bucketBytes, shardOptimizer } = leaves ?? {};
    await startTogether(this.#communicator, this.#model, {
      options: { ...options, epochs, hooks: hooks.names, saves: saving?.every ?? null },
      'distributed option': { bucketBytes, shardOptimizer },
      optimizer: { class: optimizer.constructor.name, names: optimizer.parameters().map(({ name }) => name) },
      'state to begin with': { epoch, stepsInEpoch, steps, optimizer: optimizer.steps },
    });
    this.#gradients.start();
    this.#rows.start();
    this.shards?.start(optimizer);
  }

  /**
   * Has all parameters have the gradient of the step.
   * @param means gets the loss and the metrics of the step
   * @param lossFrom makes the loss of a leaf from what the leaf draws from. Default: that of the training.
   */
  async learn(
    step: Step<Y>,
    means: Means<Y>,
    lossFrom: LossFrom<Y> = () => this.#settings.loss,
  ): Promise<void> {
    const plan = this.#plans.of(step.count);
    const { begin, end } = plan.leaves.range(this.#communicator.rank);
    const batches = step.batches(begin, end)[Symbol.iterator]();
    const sending = this.#sendingOf(plan);
    for (const turn of plan.turns) {
      const batch = this.#pace.run(() => nextOf(batches));
      const isLast = turn === plan.turns.at(-1);
      await this.#learnLeaf(batch, turn, plan, means, lossFrom, isLast ? sending : null);
      await this.#pace.breather.breathe();
    }
    await sending?.finish();
    await this.#share(plan);
    this.#finish(plan, means);
  }

  /** The loss of the step at the weights as they now are, with its gradients. */
  again(step: Step<Y>, means: Means<Y>): void {
    if (this.#isDistributed) {
      throw new Error(
        'the optimizer must take its step without evaluating the loss again, which ranks cannot do in the midst of one: ' +
          'use another optimizer, or no distributed',
      );
    }
    const plan = this.#plans.of(step.count);
    const batches = step.batches()[Symbol.iterator]();
    for (const turn of plan.turns) {
      const batch = nextOf(batches);
      const output = this.#forward(batch, turn, () => this.#settings.loss);
      noGrad(() => this.#observe(plan, turn, batch, output, means));
      for (const _ of backwardSteps(output.loss, batch.share));
      this.#add(plan, turn);
    }
    this.#finish(plan, means);
  }

  #sendingOf({ leaves, turns }: StepPlan): Sending | null {
    if (this.#communicator.size === 1) return null;
    const label = `step ${this.#standing.steps + 1}`;
    return new Sending(
      this.#communicator,
      this.#gradients,
      this.shards,
      this.#pace,
      leaves,
      turns.at(-1) ?? null,
      label,
    );
  }

  /** @param sending sends the gradients while they come; null where more leaves come, or nobody else is there. */
  async #learnLeaf(
    batch: Batch<Y>,
    turn: Turn,
    plan: StepPlan,
    means: Means<Y>,
    lossFrom: LossFrom<Y>,
    sending: Sending | null,
  ): Promise<void> {
    const pace = this.#pace;
    const output = pace.run(() => this.#forward(batch, turn, lossFrom));
    const observe = () => noGrad(() => this.#observe(plan, turn, batch, output, means));
    // In the background the loss can wait for the way back, after which what a metric reads is gone.
    const isLate = pace.background && Object.keys(this.#settings.metrics).length === 0;
    if (!isLate) {
      await pace.settled();
      observe();
    }
    const steps = backwardSteps(output.loss, batch.share, (operations) => sending?.follow(operations));
    const goBack = () => {
      for (let next = steps.next(); next.done !== true; next = steps.next()) {
        if (sending?.advance() || pace.breather.isDue) return false;
      }
      return true;
    };
    while (!pace.run(goBack)) {
      await sending?.send();
      if (pace.breather.isDue) await pace.breather.turn();
    }
    if (sending === null) pace.run(() => this.#add(plan, turn));
    else {
      await sending.sendAll();
      pace.run(() => this.#addRows(plan, turn));
    }
    await pace.settled();
    if (isLate) observe();
  }

  #forward(batch: Batch<Y>, { leaf, place }: Turn, lossFrom: LossFrom<Y>): Output {
    const { seed } = this.#settings;
    const { epoch, stepsInEpoch } = this.#standing;
    this.#gradients.begin(place);
    this.#rows.begin(place);
    const generator = generatorOfLeaf(seed, epoch, stepsInEpoch, leaf);
    // Alone the running statistics move as they are seen, in the same order.
    const mover = this.#communicator.size === 1 ? null : this.#statistics.note;
    return withMover(mover, () =>
      withGenerator(generator, () => outputOf(this.#model, lossFrom(generator), batch)),
    );
  }

  #observe({ numbers }: StepPlan, { leaf }: Turn, batch: Batch<Y>, output: Output, means: Means<Y>): void {
    const figures = means.observe(output.loss.item(), output.output, batch.y);
    for (const [i, figure] of figures.entries()) numbers.set(leaf, i, batch.share * figure);
  }

  #add(plan: StepPlan, turn: Turn): void {
    for (let bucket = 0; bucket < this.#gradients.buckets.length; bucket++) this.#gradients.add(bucket, turn);
    this.#addRows(plan, turn);
  }

  /** What is left to do when the whole gradients of a leaf are added up. */
  #addRows(plan: StepPlan, turn: Turn): void {
    this.#noteFlags(plan, turn);
    this.#rows.add(turn);
  }

  #noteFlags({ numbers }: StepPlan, { leaf }: Turn): void {
    const { count } = this;
    for (let first = 0, column = this.#figures + 1; first < count; first += FLAGS, column++) {
      let word = 0;
      for (let index = first; index < Math.min(count, first + FLAGS); index++) {
        if (this.#hasArrived(index)) word |= 1 << (index - first);
      }
      numbers.set(leaf, column, word);
    }
  }

  /** How many parameters there are: those with whole gradients come first. */
  get count(): number {
    return this.#gradients.count + this.#rows.count;
  }

  #hasArrived(index: number): boolean {
    const { count } = this.#gradients;
    return index < count ? this.#gradients.hasArrived(index) : this.#rows.hasArrived(index - count);
  }

  /** Notes that a parameter has a gradient from now on. */
  #note(index: number): void {
    const { count } = this.#gradients;
    if (index < count) this.#gradients.note(index);
    else this.#rows.note(index - count);
  }

  /** Has all ranks know the numbers of all leaves, and move their running statistics by what was seen in them. */
  async #share({ leaves, turns, numbers }: StepPlan): Promise<void> {
    const communicator = this.#communicator;
    if (communicator.size === 1) return;
    // The first leaf of a rank stands for all of its own.
    for (const { leaf } of turns) {
      numbers.set(leaf, this.#figures, leaf === turns[0].leaf ? this.#statistics.length : 0);
    }
    const label = `step ${this.#standing.steps + 1}`;
    await numbers.share(communicator, `losses, ${label}`);
    const lengths = Array.from({ length: communicator.size }, (_, rank) => {
      const { begin, end } = leaves.range(rank);
      return begin === end ? 0 : numbers.of(begin, this.#figures);
    });
    await this.#statistics.share(communicator, lengths, this.#pace, `running statistics, ${label}`);
    await this.#rows.share(communicator, leaves, this.#pace, label);
  }

  /** Gives parameters their gradients, and `means` their numbers. */
  #finish({ leaves, numbers }: StepPlan, means: Means<Y>): void {
    for (let index = 0; index < this.count; index++) {
      const column = this.#figures + 1 + Math.floor(index / FLAGS);
      for (let leaf = 0; leaf < leaves.leaves; leaf++) {
        if ((numbers.of(leaf, column) >> (index % FLAGS)) & 1) this.#note(index);
      }
    }
    this.#rows.finish(this.#communicator.size === 1);
    this.#gradients.finish((slot) => this.shards === null || this.shards.isOurs(slot));
    means.addNumbers(Array.from({ length: this.#figures }, (_, i) => numbers.sum(i)));
  }
}

function nextOf<Y extends Target>(batches: Iterator<Batch<Y>>): Batch<Y> {
  const { value, done } = batches.next();
  if (done === true) throw new Error('data must have as many batches in a step as it says');
  return value;
}
