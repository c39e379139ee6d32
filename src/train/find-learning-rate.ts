import { checkOptions, type OptionNames } from '../core/options.js';
import { checkBoolean, checkDecayRate, checkGreater, checkInteger, show } from '../core/validate.js';
import { written } from '../core/written.js';
import { MOST_EPOCHS } from '../data/epochs.js';
import { Module } from '../nn/index.js';
import { keepRates, Optimizer } from '../optim/optimizer.js';
import { DivergedError } from './diverged-error.js';
import type { Loss } from './evaluate.js';
import type { Target } from './examples.js';
import type { Data } from './feed.js';
import { fit } from './fit.js';
import type { StepReport } from './reports.js';
import type { SampledLoss } from './sampled-loss.js';

/** See {@link findLearningRate}. */
export interface FindLearningRateOptions<Y extends Target> {
  /** As that of `fit`. */
  readonly loss: Loss<Y>;
  /** One of this package's, of the model's parameters. */
  readonly optimizer: Optimizer;
  /** As that of `fit`. */
  readonly sampledLoss?: SampledLoss<Y>;
  /** The rate of the first step. Default 1e-7. */
  readonly from?: number;
  /** The rate of the last step. Default 10. */
  readonly to?: number;
  /** Steps from the one to the other, each rate the one before times the same factor. Default 100. */
  readonly steps?: number;
  /**
   * How much of the mean of the losses so far stays at each step, in [0, 1). The curve and its slope are taken over
   * 1 / (1 - smoothing) steps to both sides. Default 0.9.
   */
  readonly smoothing?: number;
  /** The test ends where that mean is more than this times its least so far. Default 4. */
  readonly divergence?: number;
  /** Rows of a step. Not with data that decide it. Default 32. */
  readonly batchSize?: number;
  /** As that of `fit`. Default: never. */
  readonly clipGradNorm?: number;
  /** Decides the order of the rows, and the numbers of layers. Default 0. */
  readonly seed?: number;
  /** As that of `fit`. Default false. */
  readonly background?: boolean;
  /** Ends the test with its reason. */
  readonly signal?: AbortSignal;
}

const OPTIONS: OptionNames<FindLearningRateOptions<Target>> = {
  loss: true,
  optimizer: true,
  sampledLoss: true,
  from: true,
  to: true,
  steps: true,
  smoothing: true,
  divergence: true,
  batchSize: true,
  clipGradNorm: true,
  seed: true,
  background: true,
  signal: true,
};

/** What a range test has seen: as many numbers in each array as steps. */
export interface RangeTest {
  readonly rates: readonly number[];
  /** The loss of each step's rows, before it was taken. */
  readonly losses: readonly number[];
  /** The losses, smoothed from both sides, so that the curve lies where they do. */
  readonly smoothed: readonly number[];
  /**
   * The rate around which the smoothed loss falls fastest, before its minimum, by the logarithm of the rate. Null where it never
   * falls.
   */
  readonly suggestion: number | null;
  /** The rate at which the smoothed loss is least: a tenth of it is the other common choice. */
  readonly minimum: number;
  /** Whether the test ended because the loss grew, or was no number any more. */
  readonly diverged: boolean;
}

/**
 * Which learning rate suits a model: the range test of Smith ("Cyclical learning rates for training neural networks", 2017,
 * section 3.3), with a rate that grows exponentially.
 *
 * ```ts
 * const { suggestion } = await findLearningRate(model, examples, { loss: crossEntropy, optimizer });
 * if (suggestion !== null) optimizer.lr = suggestion;
 * ```
 *
 * The weights and buffers of the model, the state of the optimizer and its learning rates are then what they were, whatever
 * happens; gradients are cleared, and a layer's own generator has gone on.
 *
 * @param data as `fit` takes them; those that are fewer than the steps need are gone through again.
 * @throws TypeError or RangeError naming what does not fit; the reason of the signal.
 */
export async function findLearningRate<Y extends Target>(
  model: Module,
  data: Data<Y>,
  options: FindLearningRateOptions<NoInfer<Y>>,
): Promise<RangeTest> {
  if (!(model instanceof Module)) throw new TypeError(`model must be a Module, got ${show(model)}`);
  checkOptions('findLearningRate', options, OPTIONS);
  const { from = 1e-7, to = 10, steps = 100, smoothing = 0.9, divergence = 4, ...training } = options;
  const { optimizer } = options;
  if (!(optimizer instanceof Optimizer)) {
    throw new TypeError(
      `optimizer must be an optimizer such as new Adam(model.parameters()), got ${show(optimizer)}`,
    );
  }
  checkGreater('from', from, 0);
  checkGreater('to', to, from);
  checkInteger('steps', steps, 2);
  checkDecayRate('smoothing', smoothing);
  checkGreater('divergence', divergence, 1);
  if (training.background !== undefined) checkBoolean('background', training.background);
  const test = new Test(smoothing, divergence);
  const first = optimizer.steps;
  const restore = keep(model, optimizer);
  try {
    await fit(model, data, {
      ...training,
      schedule: (step) => from * (to / from) ** ((step - first) / (steps - 1)),
      // An epoch has a step at least.
      epochs: Math.min(steps, MOST_EPOCHS),
      observe: false,
      afterStep: (report) => (test.add(report) || test.rates.length === steps) && 'stop',
    });
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    test.diverged = true;
  } finally {
    restore();
  }
  return test.result();
}

/** Remembers what a training changes. @returns what puts it back. */
function keep(model: Module, optimizer: Optimizer): () => void {
  const tensors = [...model.parameters(), ...model.buffers()];
  const copies = tensors.map(({ value }) => value.slice());
  const state = optimizer.stateDict();
  const restoreRates = keepRates(optimizer);
  return () => {
    for (const [i, tensor] of tensors.entries()) {
      tensor.value.set(copies[i]);
      tensor[written]();
    }
    restoreRates();
    optimizer.loadStateDict(state);
  };
}

class Test {
  readonly rates: number[] = [];
  readonly #losses: number[] = [];
  readonly #smoothing: number;
  readonly #divergence: number;
  #mean = 0;
  #least = Number.POSITIVE_INFINITY;
  diverged = false;

  constructor(smoothing: number, divergence: number) {
    this.#smoothing = smoothing;
    this.#divergence = divergence;
  }

  /** @returns whether the loss has grown so much that the rest says nothing. */
  add({ lr, loss }: StepReport): boolean {
    this.rates.push(lr);
    this.#losses.push(loss);
    this.#mean = this.#smoothing * this.#mean + (1 - this.#smoothing) * loss;
    // It began at 0.
    const mean = this.#mean / (1 - this.#smoothing ** this.rates.length);
    this.#least = Math.min(this.#least, mean);
    this.diverged = mean > this.#divergence * this.#least;
    return this.diverged;
  }

  result(): RangeTest {
    const { rates, diverged } = this;
    const losses = this.#losses;
    // As many steps as the mean of the losses so far looks back.
    const width = Math.round(1 / (1 - this.#smoothing));
    const smoothed = losses.map((_, i) => meanAround(losses, i, width));
    const at = smoothed.indexOf(Math.min(...smoothed));
    const minimum = rates[at] ?? Number.NaN;
    return { rates, losses, smoothed, suggestion: steepest(rates, smoothed, at, width), minimum, diverged };
  }
}

/** The mean of the values that are less than `width` places away, with weights that fall to both sides. */
function meanAround(values: readonly number[], place: number, width: number): number {
  let [sum, weights] = [0, 0];
  for (let i = Math.max(0, place - width + 1); i < Math.min(values.length, place + width); i++) {
    const weight = width - Math.abs(i - place);
    sum += weight * values[i];
    weights += weight;
  }
  return sum / weights;
}

/** What is less than this share of a loss is rounding. */
const LEAST_FALL = 1e-6;

/**
 * The rate where the loss falls fastest, before its minimum; the steps are of one length by the logarithm of the rate.
 * @param width over so many steps to both sides: from one to the next, noise would be steeper.
 */
function steepest(
  rates: readonly number[],
  losses: readonly number[],
  minimum: number,
  width: number,
): number | null {
  let best: number | null = null;
  let most = LEAST_FALL * Math.abs(losses[0] ?? 0);
  for (let i = width; i < Math.min(minimum, losses.length - width); i++) {
    const fall = losses[i - width] - losses[i + width];
    if (fall > most) [most, best] = [fall, rates[i]];
  }
  return best;
}
