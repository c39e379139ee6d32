import { arraysOf, type Parameter } from '../array/parameter.js';
import { alignedCopyOf, alignedZerosLike, plainCopies } from '../backend/memory.js';
import { settle } from '../backend/select.js';
import { type Copying, copiedState } from '../core/copied-state.js';
import { isLike } from '../core/dtypes.js';
import { copyOf } from '../core/float-arrays.js';
import { finishLoading, type Loading, nothingToAttempt, prepareLoading } from '../core/loading.js';
import { checkUnlocked } from '../core/locks.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkBoolean, checkDecayRate, checkInteger, checkObject, show } from '../core/validate.js';
import { written } from '../core/written.js';
import { RepeatedStep, ReusableBatch } from '../optim/batches.js';
import { checkIterable, checkParameter } from '../optim/parameters.js';
import type { EvaluationWeights } from './evaluation-weights.js';

/** See {@link ExponentialMovingAverage}. */
export interface ExponentialMovingAverageOptions {
  /** The share of the average that is kept from update to update, in [0, 1). Default 0.999. */
  readonly decay?: number;
  /**
   * Keeps at most (1 + t) / (10 + t) at update t, which counts from 1, so that the first weights are soon forgotten: as
   * tf.train.ExponentialMovingAverage with num_updates. Default true.
   */
  readonly warmup?: boolean;
}

const OPTIONS: OptionNames<ExponentialMovingAverageOptions> = { decay: true, warmup: true };

/** What `stateDict()` gives: a plain object and typed arrays that share nothing with the averages. */
export interface WeightAverageState {
  readonly updates: number;
  readonly averages: Readonly<Record<string, FloatArray>>;
}

interface Entry {
  readonly parameter: Parameter;
  readonly average: FloatArray;
  /** The weights themselves, while the averages are in their place. */
  kept: FloatArray | null;
}

/** Averages of weights, each of which has an array beside it: what is the same for all ways to take them. */
abstract class WeightAverage implements EvaluationWeights {
  readonly #entries: readonly Entry[];
  readonly #batch = new ReusableBatch();
  readonly #step = new RepeatedStep();
  #updates = 0;
  #applied = false;

  constructor(params: Iterable<Parameter>) {
    checkIterable('params', params, 'parameters');
    this.#entries = Array.from(params, (parameter, i) => {
      checkParameter(`params[${i}]`, parameter);
      return { parameter, average: alignedCopyOf(parameter.value), kept: null };
    });
  }

  /** How far the averages move towards the weights at an update, which counts from 1. */
  protected abstract shareOf(update: number): number;

  /** How often `update()` was called. */
  get updates(): number {
    return this.#updates;
  }

  /** Whether the averages are in the place of the weights. */
  get applied(): boolean {
    return this.#applied;
  }

  /** Moves the averages towards the weights as they are now. */
  update(): void {
    this.#expect(false, 'update()', 'call restore() first');
    const step = this.#updates + 1;
    this.#batch.start('interpolate', { weight: this.shareOf(step) });
    for (const { parameter, average } of this.#entries) {
      this.#batch.add(average);
      this.#batch.add(arraysOf(parameter).value);
    }
    this.#batch.finish();
    this.#step.take([this.#batch]);
    this.#updates = step;
  }

  /** Puts the averages in the place of the weights, which are kept. */
  apply(): void {
    this.#expect(false, 'apply()', 'it was called before: call restore() first');
    this.#checkAll();
    for (const entry of this.#entries) {
      entry.kept ??= alignedZerosLike(entry.average, entry.average.length);
      entry.kept.set(entry.parameter.value);
      entry.parameter.value.set(entry.average);
      entry.parameter[written]?.();
    }
    this.#applied = true;
  }

  /** Puts the weights back that `apply()` kept. */
  restore(): void {
    this.#expect(true, 'restore()', 'call apply() first');
    this.#checkAll();
    for (const { parameter, kept } of this.#entries) {
      if (kept !== null) parameter.value.set(kept);
      parameter[written]?.();
    }
    this.#applied = false;
  }

  /** A copy of the averages by the names of their parameters, `#` and its position for one without; and how often they were updated. */
  stateDict(): WeightAverageState {
    return this.#copied(plainCopies);
  }

  /** For checkpoints: see {@link copiedState}. */
  [copiedState](copying: Copying): WeightAverageState | null {
    return this.stateDict === WeightAverage.prototype.stateDict ? this.#copied(copying) : null;
  }

  #copied(copying: Copying): WeightAverageState {
    settle();
    const averages = this.#entries.map(({ average }, i) => [this.#keyOf(i), copying.copy(average)] as const);
    return { updates: this.#updates, averages: Object.fromEntries(averages) };
  }

  /**
   * Restores a copy of what `stateDict()` gave.
   * @throws TypeError or RangeError naming what does not fit; nothing has then changed.
   */
  loadStateDict(state: unknown): void {
    finishLoading(this.#prepare(state, copyOf));
  }

  /** For checkpoints, whose states are nobody else's: see {@link prepareLoading}. */
  [prepareLoading](state: unknown): Loading | null {
    if (this.loadStateDict !== WeightAverage.prototype.loadStateDict) return null;
    return this.#prepare(state, (array) => array);
  }

  #prepare(state: unknown, taken: (array: FloatArray) => FloatArray): Loading {
    this.#expect(false, 'loadStateDict()', 'call restore() first');
    checkObject('state', state);
    const { updates, averages } = state;
    checkInteger('state.updates', updates, 0);
    checkObject('state.averages', averages);
    const saved = new Map(Object.entries(averages));
    const copies = this.#entries.map(({ average }, i) => {
      const key = this.#keyOf(i);
      const array = saved.get(key);
      saved.delete(key);
      if (!isLike(array, average) || array.length !== average.length) {
        throw new RangeError(`state.averages[${show(key)}] must be a ${show(average)}, got ${show(array)}`);
      }
      return { from: taken(array), into: average };
    });
    for (const key of saved.keys())
      throw new RangeError(`state.averages has ${show(key)}, which is no parameter`);
    settle();
    return {
      attempt: nothingToAttempt,
      copies,
      finish: () => {
        this.#updates = updates;
      },
    };
  }

  #keyOf(i: number): string {
    return this.#entries[i].parameter.name ?? `#${i}`;
  }

  /** All weights still fit, before the first is written. */
  #checkAll(): void {
    for (const [i, { parameter, average }] of this.#entries.entries()) {
      checkParameter(`params[${i}]`, parameter);
      checkUnlocked(parameter);
      const { value } = parameter;
      if (value.length !== average.length || !isLike(value, average)) {
        throw new RangeError(`params[${i}].value must be a ${show(average)} as it was, got ${show(value)}`);
      }
    }
  }

  #expect(applied: boolean, what: string, remedy: string): void {
    if (this.#applied === applied) return;
    const state = this.#applied ? 'the averages are' : 'the weights themselves are';
    throw new Error(`${what} cannot run while ${state} in the model: ${remedy}`);
  }
}

/**
 * An exponential moving average of weights, which often judges better than the last weights do (Polyak & Juditsky 1992,
 * https://doi.org/10.1137/0330046): average = average - (1 - decay) (average - weight), from the weights it is made with.
 * One pass over memory for all weights (also those of sparse tables); the same bits on every target.
 *
 * ```ts
 * const ema = new ExponentialMovingAverage(model.parameters(), { decay: 0.999 });
 * // after every step: ema.update(), which fit(..., { ema }) does
 * ema.apply(); // the model now computes with the averages
 * ema.restore(); // and now with its own weights again
 * ```
 */
export class ExponentialMovingAverage extends WeightAverage {
  readonly #decay: number;
  readonly #warmup: boolean;

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(params: Iterable<Parameter>, options: ExponentialMovingAverageOptions = {}) {
    super(params);
    checkOptions('ExponentialMovingAverage', options, OPTIONS);
    const { decay = 0.999, warmup = true } = options;
    checkDecayRate('decay', decay);
    checkBoolean('warmup', warmup);
    this.#decay = decay;
    this.#warmup = warmup;
  }

  protected override shareOf(update: number): number {
    return 1 - (this.#warmup ? Math.min(this.#decay, (1 + update) / (10 + update)) : this.#decay);
  }
}

/**
 * Stochastic weight averaging (Izmailov et al. 2018, https://arxiv.org/abs/1803.05407), as torch's AveragedModel: the mean of the weights
 * at all updates, the first of which copies them. For a training whose rate stays high at its end (`swaLr`), updated once an epoch;
 * running statistics of batch normalisation are found again by `updateBatchNorm`.
 *
 * ```ts
 * const average = new StochasticWeightAverage(model.parameters());
 * // at the end of each of the last epochs: average.update()
 * average.apply();
 * updateBatchNorm(model, batches);
 * ```
 */
export class StochasticWeightAverage extends WeightAverage {
  protected override shareOf(update: number): number {
    return 1 / update;
  }
}
