import { checkGenerator, type Generator } from '../../array/generator.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkProbability } from '../../core/validate.js';
import { defaultGenerator } from '../engine/default-generator.js';
import type { Tensor } from '../engine/tensor.js';
import { type DropoutFunctionOptions, dropout, dropout1d, dropout2d } from '../functions/dropout.js';
import { Module } from './module.js';

export interface DropoutOptions {
  /** How probable it is that an element is dropped, in [0, 1]. Default 0.5. */
  readonly probability?: number;
  /** Where the choices come from. Default: at every call, the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

const OPTIONS: OptionNames<DropoutOptions> = { probability: true, generator: true };

/**
 * In training, sets elements to 0 with a probability and divides the others by 1 - probability; in evaluation, x as it is.
 * See `dropout`.
 */
export class Dropout extends Module {
  readonly probability: number;
  /** Where the choices come from; undefined for the generator that `manualSeed()` restarts. */
  readonly generator: Generator | undefined;

  /** @param options or the probability alone: `new Dropout(0.2)`. */
  constructor(options: number | DropoutOptions = {}) {
    super();
    const given: DropoutOptions = typeof options === 'number' ? { probability: options } : options;
    checkOptions(new.target.name, given, OPTIONS);
    const { probability = 0.5, generator } = given;
    checkProbability(probability);
    if (generator !== undefined) checkGenerator(generator);
    this.probability = probability;
    this.generator = generator;
  }

  override forward(x: Tensor): Tensor {
    const { probability, training, generator = defaultGenerator() } = this;
    return this.drop(x, { probability, training, generator });
  }

  protected drop(x: Tensor, options: DropoutFunctionOptions): Tensor {
    return dropout(x, options);
  }
}

/** The same for whole channels of images [batch, height, width, channels]: see `dropout2d`. */
export class Dropout2d extends Dropout {
  protected override drop(x: Tensor, options: DropoutFunctionOptions): Tensor {
    return dropout2d(x, options);
  }
}

/** The same for whole channels of sequences [batch, length, channels]: see `dropout1d`. */
export class Dropout1d extends Dropout {
  protected override drop(x: Tensor, options: DropoutFunctionOptions): Tensor {
    return dropout1d(x, options);
  }
}
