import { checkProbability } from '../random.js';
import { checkNoOthers, checkObject } from '../validate.js';
import { dropout } from './functions/dropout.js';
import { Module } from './module.js';
import { checkGenerator, defaultGenerator, type Generator } from './random.js';
import type { Tensor } from './tensor.js';

export interface DropoutModuleOptions {
  /** How probable it is that an element is dropped, in [0, 1]. Default 0.5. */
  readonly probability?: number;
  /** Where the choices come from. Default: at every call, the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

/**
 * In training, sets elements to 0 with a probability and divides the others by 1 - probability; in evaluation, x as it is.
 * See `dropout`.
 */
export class Dropout extends Module {
  readonly probability: number;
  readonly #generator: Generator | undefined;

  constructor(options: DropoutModuleOptions = {}) {
    super();
    checkObject('options', options);
    const { probability = 0.5, generator, ...others } = options;
    checkNoOthers('options', others);
    checkProbability(probability);
    if (generator !== undefined) checkGenerator(generator);
    this.probability = probability;
    this.#generator = generator;
  }

  override forward(x: Tensor): Tensor {
    const generator = this.#generator ?? defaultGenerator();
    return dropout(x, { probability: this.probability, training: this.training, generator });
  }
}
