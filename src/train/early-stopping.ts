import { plainCopies } from '../backend/memory.js';
import { isLike } from '../core/dtypes.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import {
  checkAtLeast,
  checkBoolean,
  checkInteger,
  checkNumber,
  checkObject,
  checkOneOf,
  show,
} from '../core/validate.js';
import { written } from '../core/written.js';
import type { Module } from '../nn/index.js';

/** Ends a training that gets no better. What is watched is the option `monitor` of `fit`. */
export interface EarlyStoppingOptions {
  /** Epochs in a row without an improvement after which training ends. Default 5. */
  readonly patience?: number;
  /** By how much more than this the best so far must be beaten to be an improvement. Default 0. */
  readonly minDelta?: number;
  /** Whether lower or higher is better. Default: `'min'` for the loss; a metric needs to be told. */
  readonly mode?: 'min' | 'max';
  /**
   * Whether the model ends with the weights and buffers of its best epoch, whatever ended the training but an error.
   * The optimizer keeps its own state. Default true.
   */
  readonly restoreBest?: boolean;
}

const OPTIONS: OptionNames<EarlyStoppingOptions> = {
  patience: true,
  minDelta: true,
  mode: true,
  restoreBest: true,
};

interface EarlyStoppingState {
  readonly best: number;
  readonly bestEpoch: number | null;
  /** Epochs without an improvement. */
  readonly since: number;
  /** Of the best epoch; null where there was none, or they are not kept. */
  readonly weights: Readonly<Record<string, FloatArray>> | null;
}

export class EarlyStopping {
  readonly #model: Module;
  readonly #patience: number;
  readonly #minDelta: number;
  readonly #sign: 1 | -1;
  readonly #restoreBest: boolean;
  #best = Number.POSITIVE_INFINITY;
  #bestEpoch: number | null = null;
  #since = 0;
  /** Copies of all parameters and buffers, which are never written to: what saves them needs none of its own. */
  #copies: readonly FloatArray[] | null = null;

  constructor(model: Module, options: EarlyStoppingOptions, monitor: string) {
    checkObject('earlyStopping', options);
    checkOptions('earlyStopping of fit', options, OPTIONS);
    const { patience = 5, minDelta = 0, mode, restoreBest = true } = options;
    checkInteger('earlyStopping.patience', patience, 1);
    checkAtLeast('earlyStopping.minDelta', minDelta, 0);
    checkBoolean('earlyStopping.restoreBest', restoreBest);
    if (mode === undefined && monitor !== 'loss') {
      throw new TypeError(
        `earlyStopping.mode must say whether a lower or a higher ${monitor} is better: 'min' or 'max'`,
      );
    }
    if (mode !== undefined) checkOneOf('earlyStopping.mode', mode, ['min', 'max']);
    this.#model = model;
    this.#patience = patience;
    this.#minDelta = minDelta;
    this.#sign = mode === 'max' ? -1 : 1;
    this.#restoreBest = restoreBest;
  }

  get bestEpoch(): number | null {
    return this.#bestEpoch;
  }

  /** Whether there was no improvement for so long that training ends. */
  get isOver(): boolean {
    return this.#since >= this.#patience;
  }

  /** What decides which epochs are improvements: a run that goes on must have the same. */
  get rules(): { readonly mode: string; readonly minDelta: number; readonly restoreBest: boolean } {
    const mode = this.#sign === 1 ? 'min' : 'max';
    return { mode, minDelta: this.#minDelta, restoreBest: this.#restoreBest };
  }

  /** Takes in what an epoch ended with; the model must hold the weights that were judged. @returns whether to stop. */
  observe(epoch: number, value: number): boolean {
    const judged = this.#sign * value;
    if (judged < this.#best - this.#minDelta) {
      this.#best = judged;
      this.#bestEpoch = epoch;
      this.#since = 0;
      if (this.#restoreBest) this.#copies = this.#tensors().map(([, { value }]) => plainCopies.copy(value));
    } else {
      this.#since++;
    }
    return this.isOver;
  }

  /** Puts the best weights into the model, if it is to end with them. */
  finish(): void {
    if (this.#copies === null) return;
    for (const [i, [, tensor]] of this.#tensors().entries()) {
      tensor.value.set(this.#copies[i]);
      tensor[written]();
    }
  }

  /** The standing, and the best weights by name. */
  stateDict(): EarlyStoppingState {
    const names = this.#tensors().map(([name]) => name);
    const copies = this.#copies;
    return {
      best: this.#best,
      bestEpoch: this.#bestEpoch,
      since: this.#since,
      weights: copies === null ? null : Object.fromEntries(names.map((name, i) => [name, copies[i]])),
    };
  }

  /** Takes what `stateDict()` gave; the weights become its own. */
  loadStateDict(state: unknown): void {
    checkObject('state', state);
    const { best, bestEpoch, since, weights } = state;
    checkNumber('state.best', best);
    if (bestEpoch !== null) checkInteger('state.bestEpoch', bestEpoch, 0);
    checkInteger('state.since', since, 0);
    const copies = weights === null ? null : this.#readWeights(weights);
    this.#best = best;
    this.#bestEpoch = bestEpoch;
    this.#since = since;
    this.#copies = copies;
  }

  #readWeights(weights: unknown): FloatArray[] {
    checkObject('state.weights', weights);
    const found = new Map(Object.entries(weights));
    return this.#tensors().map(([name, { value }]) => {
      const array = found.get(name);
      if (isLike(array, value) && array.length === value.length) return array;
      throw new RangeError(`state.weights[${show(name)}] must be a ${show(value)}, got ${show(array)}`);
    });
  }

  #tensors() {
    return [...this.#model.namedParameters(), ...this.#model.namedBuffers()];
  }
}
