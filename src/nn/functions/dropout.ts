import { checkGenerator, type Generator } from '../../array/generator.js';
import { kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkProbability } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';

/** See {@link dropout}. */
export interface DropoutFunctionOptions {
  /** How probable it is that an element is dropped, in [0, 1]. Default 0.5. */
  readonly probability?: number;
  /** Whether anything is dropped. Default true. */
  readonly training?: boolean;
  /** Where the choices come from. Default: the generator that `manualSeed()` restarts. */
  readonly generator?: Generator;
}

const OPTIONS: OptionNames<DropoutFunctionOptions> = { probability: true, training: true, generator: true };

/**
 * Sets elements to 0 with a probability and divides the others by 1 - probability: Srivastava et al. 2014,
 * https://jmlr.org/papers/v15/srivastava14a.html. What was dropped is not kept: backward() draws the same numbers again.
 * Without `training`, or with probability 0, it is x itself, and no number is drawn.
 * @param options or the probability alone.
 */
export function dropout(x: Tensor, options: number | DropoutFunctionOptions = {}): Tensor {
  checkTensor('x', x);
  const given: DropoutFunctionOptions = typeof options === 'number' ? { probability: options } : options;
  checkOptions('dropout', given, OPTIONS);
  const { probability = 0.5, training = true, generator = defaultGenerator() } = given;
  checkProbability(probability);
  checkBoolean('training', training);
  checkGenerator(generator);
  if (!training || probability === 0) return x;
  const { seed } = generator;
  const { size } = x;
  // One word for each element.
  const offset = generator.skip(size);
  const out = takeLike(x);
  kernels().dropout(size, seed, offset, probability, arrayOf(x), out);
  return record({ name: 'dropout', out, inputs: [x] }, (gradient) => {
    // The same elements: their words are drawn again.
    kernels().dropout(size, seed, offset, probability, gradient, gradient);
    give(x, gradient);
  });
}
