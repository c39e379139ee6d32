import { settledArray } from '../../backend/stream.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
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
 * Forward and backward in time in the space of logarithms, in double, on the thread that calls. The gradient is that by
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
  const counts = lengthsOf('inputLengths', inputLengths, batch, steps);
  for (const [n, count] of counts.entries()) {
    if (count === 0) throw new RangeError(`inputLengths[${n}] must be at least 1, got 0`);
  }
  const sequences = targetsOf(targets, targetLengths, batch, classes, blank);

  const losses = settledArray(takeLike(logProbs, batch));
  const array = isRecorded([logProbs]) ? settledArray(takeLike(logProbs)).fill(0) : null;
  const values = settledArray(arrayOf(logProbs));
  const paths = new Paths(values, array, batch * classes);
  for (const [n, labels] of sequences.entries()) {
    const share = reduction === 'mean' ? 1 / Math.max(1, labels.length) : 1;
    const loss = paths.visit(n * classes, counts[n], labels, blank, share, zeroInfinity);
    losses[n] = share * loss;
  }
  const slopes = array === null ? [] : [{ to: logProbs, array, outer: steps }];
  return recordLosses({ name: 'ctc', inputs: [logProbs], shape: [batch], losses, slopes, reduction });
}

function lengthsOf(name: string, lengths: Labels, batch: number, most: number): Int32Array {
  const array = toIntegers(name, lengths, most + 1);
  if (array.length === batch) return array;
  throw new RangeError(`${name} must have one length for each of ${batch} sequences, got ${array.length}`);
}

/** The target of each sequence, without the padding. */
function targetsOf(targets: Labels, lengths: Labels, batch: number, classes: number, blank: number) {
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
  let end = 0;
  return Array.from(counts, (count, n) => {
    const start = isPadded ? n * longest : end;
    end = start + count;
    const labels = all.subarray(start, end);
    const place = labels.indexOf(blank);
    if (place >= 0) throw new RangeError(`targets[${start + place}] must not be the blank, ${blank}`);
    return labels;
  });
}

/** Below this log(1 + e^d) is 0 in double. */
const NOTHING = -37;

/** log(e^a + e^b) */
function logAdd(a: number, b: number): number {
  const top = Math.max(a, b);
  const apart = Math.min(a, b) - top;
  return top === Number.NEGATIVE_INFINITY || apart < NOTHING ? top : top + Math.log1p(Math.exp(apart));
}

/**
 * The ways through a sequence. State s of a target of S labels is its label (s - 1) / 2, or a blank where s is even: 2 S + 1 states,
 * of which a step goes to the same one, the next one, or over a blank between two labels that differ.
 */
class Paths {
  readonly #logProbs: FloatArray;
  readonly #slopes: FloatArray | null;
  /** From one step to the next. */
  readonly #stride: number;
  /** alpha[t, s]: what leads to state s at step t, with its own; used again for the next sequence. */
  #alpha = new Float64Array(0);

  constructor(logProbs: FloatArray, slopes: FloatArray | null, stride: number) {
    this.#logProbs = logProbs;
    this.#slopes = slopes;
    this.#stride = stride;
  }

  /**
   * Adds `share` of the gradient of the sequence that starts at `first`.
   * @returns the loss.
   */
  visit(
    first: number,
    steps: number,
    labels: Int32Array,
    blank: number,
    share: number,
    zeroInfinity: boolean,
  ): number {
    const states = Int32Array.from({ length: 2 * labels.length + 1 }, (_, s) =>
      s % 2 === 0 ? blank : labels[(s - 1) / 2],
    );
    const loss = this.#forward(first, steps, states);
    if (loss === Number.POSITIVE_INFINITY && zeroInfinity) return 0;
    if (this.#slopes !== null) this.#backward(this.#slopes, first, steps, states, loss, share);
    return loss;
  }

  #forward(first: number, steps: number, states: Int32Array): number {
    const width = states.length;
    const x = this.#logProbs;
    if (this.#alpha.length < steps * width) this.#alpha = new Float64Array(steps * width);
    const alpha = this.#alpha;
    alpha.fill(Number.NEGATIVE_INFINITY, 0, width);
    for (let s = 0; s < Math.min(2, width); s++) alpha[s] = x[first + states[s]];
    for (let t = 1; t < steps; t++) {
      const before = (t - 1) * width;
      const at = first + t * this.#stride;
      for (let s = 0; s < width; s++) {
        let sum = alpha[before + s];
        if (s > 0) sum = logAdd(sum, alpha[before + s - 1]);
        if (mayLeap(states, s)) sum = logAdd(sum, alpha[before + s - 2]);
        alpha[before + width + s] = sum + x[at + states[s]];
      }
    }
    const end = steps * width;
    return -(width === 1 ? alpha[end - 1] : logAdd(alpha[end - 1], alpha[end - 2]));
  }

  /** The gradient by a logarithm is minus the probability that the way goes through its class at its step. */
  #backward(
    slopes: FloatArray,
    first: number,
    steps: number,
    states: Int32Array,
    loss: number,
    share: number,
  ): void {
    const width = states.length;
    const x = this.#logProbs;
    const alpha = this.#alpha;
    // What follows state s, without its own; and with its own, of the step after.
    const rest = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
    const next = new Float64Array(width);
    rest.fill(0, Math.max(0, width - 2));
    for (let t = steps - 1; t >= 0; t--) {
      const at = first + t * this.#stride;
      for (let s = 0; s < width; s++) {
        slopes[at + states[s]] -= share * Math.exp(alpha[t * width + s] + rest[s] + loss);
        next[s] = rest[s] + x[at + states[s]];
      }
      for (let s = 0; s < width; s++) {
        let sum = next[s];
        if (s + 1 < width) sum = logAdd(sum, next[s + 1]);
        if (s + 2 < width && mayLeap(states, s + 2)) sum = logAdd(sum, next[s + 2]);
        rest[s] = sum;
      }
    }
  }
}

/** Whether state s may follow the one before the last: a label after another one. */
function mayLeap(states: Int32Array, s: number): boolean {
  return s % 2 === 1 && s > 1 && states[s] !== states[s - 2];
}
