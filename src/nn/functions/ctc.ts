import { kernels } from '../../backend/stream.js';
import { zerosLike } from '../../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean, checkInteger } from '../../core/validate.js';
import { isRecorded, takeLike } from '../engine/autograd.js';
import { arrayOf, checkTensor, Tensor } from '../engine/tensor.js';
import { type Labels, toIntegers } from './labels.js';
import { checkReduction, type LossOptions, type LossReduction, recordLosses } from './loss.js';

/** See {@link ctc}. */
export interface CtcOptions extends LossOptions {
  /** The class that says nothing. Default 0. */
  readonly blank?: number;
  /**
   * 'mean': each loss is divided by the length of its target, 1 at least, then the mean over the batch. 'sum', or 'none': a tensor
   * [batch]. Default 'mean'.
   */
  readonly reduction?: LossReduction;
  /** Whether a sequence too short for its target counts 0, with no gradient, instead of Infinity. Default false. */
  readonly zeroInfinity?: boolean;
}

const OPTIONS: OptionNames<CtcOptions> = { blank: true, reduction: true, zeroInfinity: true };

/**
 * Connectionist temporal classification: the negative logarithm of the probability of each target, summed over all ways to
 * spread it over the steps of its sequence, with blanks in between. Graves et al. 2006,
 * https://www.cs.toronto.edu/~graves/icml_2006.pdf.
 *
 * Forward and backward in time in the space of logarithms, in double, a sequence for a thread. The gradient is that by
 * `logProbs`; PyTorch's assumes `logSoftmax` before it, behind which both are the same.
 *
 * @param logProbs [steps, batch, classes], as {@link logSoftmax} makes them.
 * @param targets the classes of all targets, none of them the blank: one behind the other, or [batch, longest], each
 * padded with any class.
 * @param inputLengths the steps of each sequence that count, from 1 to `steps`.
 * @param targetLengths the length of each target.
 */
export function ctc(
  logProbs: Tensor,
  targets: Labels,
  inputLengths: Labels,
  targetLengths: Labels,
  options: CtcOptions = {},
): Tensor {
  checkTensor('logProbs', logProbs);
  if (logProbs.shape.length !== 3) {
    throw new RangeError(
      `logProbs must have shape [steps, batch, classes], got ${showShape(logProbs.shape)}`,
    );
  }
  checkOptions('ctc', options, OPTIONS);
  const { blank = 0, reduction = 'mean', zeroInfinity = false } = options;
  const [steps, batch, classes] = logProbs.shape;
  checkReduction(reduction);
  checkInteger('blank', blank, 0);
  if (blank >= classes) throw new RangeError(`blank must be below ${classes}, got ${blank}`);
  checkBoolean('zeroInfinity', zeroInfinity);
  // A copy: the kernel may run later.
  const counts = lengthsOf('inputLengths', inputLengths, batch, steps).slice();
  for (const [n, count] of counts.entries()) {
    if (count === 0) throw new RangeError(`inputLengths[${n}] must be at least 1, got 0`);
  }
  const sequences = targetsOf(targets, targetLengths, batch, classes, blank);

  const losses = takeLike(logProbs, batch);
  const array = isRecorded([logProbs]) ? takeLike(logProbs) : null;
  const longest = sequences.length / Math.max(1, batch);
  // biome-ignore format: sizes, flags, then arrays
  kernels().ctcLosses(
    batch, steps, classes, longest, blank, Number(reduction === 'mean'), Number(zeroInfinity), Number(array !== null),
    arrayOf(logProbs), counts, sequences, losses, array ?? zerosLike(losses, 0),
  );
  const slopes = array === null ? [] : [{ to: logProbs, array, outer: steps }];
  return recordLosses({ name: 'ctc', inputs: [logProbs], shape: [batch], losses, slopes, reduction });
}

function lengthsOf(name: string, lengths: Labels, batch: number, most: number): Int32Array {
  const array = toIntegers(name, lengths, most + 1);
  if (array.length === batch) return array;
  throw new RangeError(`${name} must have one length for each of ${batch} sequences, got ${array.length}`);
}

/** The targets [batch, longest], with -1 behind each. */
function targetsOf(
  targets: Labels,
  lengths: Labels,
  batch: number,
  classes: number,
  blank: number,
): Int32Array {
  // Not toIntegers: targets may all be empty.
  const count = targets instanceof Tensor ? targets.size : targets.length;
  const all = count === 0 ? new Int32Array(0) : toIntegers('targets', targets, classes);
  const counts = lengthsOf('targetLengths', lengths, batch, all.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const longest = all.length / batch;
  const isPadded = all.length !== total;
  if (isPadded && !(Number.isInteger(longest) && counts.every((count) => count <= longest))) {
    throw new RangeError(
      `targets must have ${total} elements as targetLengths says, or [batch, longest], got ${all.length}`,
    );
  }
  const width = counts.reduce((most, count) => Math.max(most, count), 0);
  const padded = new Int32Array(batch * width).fill(-1);
  let end = 0;
  for (const [n, count] of counts.entries()) {
    const start = isPadded ? n * longest : end;
    end = start + count;
    const labels = all.subarray(start, end);
    const place = labels.indexOf(blank);
    if (place >= 0) throw new RangeError(`targets[${start + place}] must not be the blank, ${blank}`);
    padded.set(labels, n * width);
  }
  return padded;
}
