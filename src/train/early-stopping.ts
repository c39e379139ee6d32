import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkBoolean, checkInteger, checkObject, checkOneOf } from '../core/validate.js';
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

export class EarlyStopping {
  readonly #model: Module;
  readonly #patience: number;
  readonly #minDelta: number;
  readonly #sign: 1 | -1;
  readonly #restoreBest: boolean;
  #best = Number.POSITIVE_INFINITY;
  #bestEpoch: number | null = null;
  #since = 0;
  /** Copies of all parameters and buffers. */
  #copies: FloatArray[] | null = null;

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

  /** Takes in what an epoch ended with; the model must hold the weights that were judged. @returns whether to stop. */
  observe(epoch: number, value: number): boolean {
    const judged = this.#sign * value;
    if (judged < this.#best - this.#minDelta) {
      this.#best = judged;
      this.#bestEpoch = epoch;
      this.#since = 0;
      if (this.#restoreBest) this.#keep();
      return false;
    }
    this.#since++;
    return this.#since >= this.#patience;
  }

  /** Puts the best weights into the model, if it is to end with them. */
  finish(): void {
    if (this.#copies === null) return;
    for (const [i, tensor] of this.#tensors().entries()) {
      tensor.value.set(this.#copies[i]);
      tensor[written]();
    }
  }

  #keep(): void {
    this.#copies ??= this.#tensors().map(({ value }) => value.slice());
    for (const [i, { value }] of this.#tensors().entries()) this.#copies[i].set(value);
  }

  #tensors() {
    return [...this.#model.parameters(), ...this.#model.buffers()];
  }
}
