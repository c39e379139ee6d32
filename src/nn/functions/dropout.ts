import { checkGenerator, type Generator } from '../../array/generator.js';
import { fill, kernels } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkProbability } from '../../core/validate.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { imagesOf } from './windows.js';

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
  const { probability, generator } = readOptions('dropout', options);
  if (probability === 0) return x;
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

/** What the options come to: outside of training nothing is dropped. */
function readOptions(owner: string, options: number | DropoutFunctionOptions) {
  const given: DropoutFunctionOptions = typeof options === 'number' ? { probability: options } : options;
  checkOptions(owner, given, OPTIONS);
  const { probability = 0.5, training = true, generator = defaultGenerator() } = given;
  checkProbability(probability);
  checkBoolean('training', training);
  checkGenerator(generator);
  return { probability: training ? probability : 0, generator };
}

/**
 * The same for whole channels of images: each channel of each of them is dropped, or divided by 1 - probability. Tompson et al.
 * 2015, https://arxiv.org/abs/1411.4280.
 * @param x [batch, height, width, channels].
 * @param options or the probability alone.
 */
export function dropout2d(x: Tensor, options: number | DropoutFunctionOptions = {}): Tensor {
  return dropChannels('dropout2d', x, 2, options);
}

/** {@link dropout2d} for channels of sequences. @param x [batch, length, channels]. @param options or the probability alone. */
export function dropout1d(x: Tensor, options: number | DropoutFunctionOptions = {}): Tensor {
  return dropChannels('dropout1d', x, 1, options);
}

/** The `layout` of two operands, of which the second is a row for each matrix of the first. */
const ROWS_REPEATED = 1 << (3 + 1);

function dropChannels(
  owner: string,
  x: Tensor,
  rank: 1 | 2,
  options: number | DropoutFunctionOptions,
): Tensor {
  const { batch, height, width, channels } = imagesOf('x', x, rank);
  const { probability, generator } = readOptions(owner, options);
  if (probability === 0) return x;
  const size = batch * channels;
  const [factors, out] = [fill(takeLike(x, size), 1), takeLike(x)];
  kernels().dropout(size, generator.seed, generator.skip(size), probability, factors, factors);
  const sizes = [ROWS_REPEATED, batch, height * width, channels] as const;
  kernels().mul(...sizes, arrayOf(x), factors, out);
  return record({ name: owner, out, inputs: [x], saved: [factors] }, (gradient) => {
    kernels().mul(...sizes, gradient, factors, gradient);
    give(x, gradient);
  });
}
