import type { FloatArray } from '../../../core/types.js';
import type { Ctc } from '../../contract/arguments.js';

// Connectionist temporal classification: Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf, forward and
// backward in time in the space of logarithms, in double. Mirror: native/matrix/ctc-losses.h.
//
// State s of a target of S labels is its label (s - 1) / 2, or a blank where s is even: 2 S + 1 states, of which a step goes to
// the same one, the next one, or over a blank between two labels that differ.

/** log(e^a + e^b + e^c) */
function logSumOfThree(a: number, b: number, c: number): number {
  const top = Math.max(a, b, c);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return Math.log(Math.exp(a - top) + Math.exp(b - top) + Math.exp(c - top)) + top;
}

/** Whether state s may follow the one before the last: a label after another one. */
function mayLeap(states: Int32Array, s: number): boolean {
  return s % 2 === 1 && s > 1 && s < states.length && states[s] !== states[s - 2];
}

/** One sequence, whose elements of x start at `first`, `stride` of them from one step to the next. */
interface Sequence {
  readonly x: FloatArray;
  readonly first: number;
  readonly stride: number;
  readonly steps: number;
  readonly states: Int32Array;
}

/** Fills alpha[t, s]: what leads to state s at step t, with its own. @returns the loss. */
function forward({ x, first, stride, steps, states }: Sequence, alpha: Float64Array): number {
  const width = states.length;
  if (steps === 0) return width === 1 ? 0 : Number.POSITIVE_INFINITY;
  alpha.fill(Number.NEGATIVE_INFINITY, 0, width);
  for (let s = 0; s < Math.min(2, width); s++) alpha[s] = x[first + states[s]];
  const nothing = Number.NEGATIVE_INFINITY;
  for (let t = 1; t < steps; t++) {
    const before = (t - 1) * width;
    const at = first + t * stride;
    for (let s = 0; s < width; s++) {
      const neighbour = s > 0 ? alpha[before + s - 1] : nothing;
      const leap = mayLeap(states, s) ? alpha[before + s - 2] : nothing;
      alpha[before + width + s] = logSumOfThree(alpha[before + s], neighbour, leap) + x[at + states[s]];
    }
  }
  const end = steps * width;
  return -logSumOfThree(alpha[end - 1], width > 1 ? alpha[end - 2] : nothing, nothing);
}

/** The gradient by a logarithm is minus the probability that the way goes through its class at its step. */
function backward(
  { x, first, stride, steps, states }: Sequence,
  alpha: Float64Array,
  slopes: FloatArray,
  loss: number,
  share: number,
): void {
  const width = states.length;
  const nothing = Number.NEGATIVE_INFINITY;
  // What follows state s, without its own; and with its own, of the step after.
  const rest = new Float64Array(width).fill(nothing);
  const next = new Float64Array(width);
  rest.fill(0, Math.max(0, width - 2));
  for (let t = steps - 1; t >= 0; t--) {
    const at = first + t * stride;
    for (let s = 0; s < width; s++) {
      slopes[at + states[s]] -= share * Math.exp(alpha[t * width + s] + rest[s] + loss);
      next[s] = rest[s] + x[at + states[s]];
    }
    for (let s = 0; s < width; s++) {
      const neighbour = s + 1 < width ? next[s + 1] : nothing;
      const leap = mayLeap(states, s + 2) ? next[s + 2] : nothing;
      rest[s] = logSumOfThree(next[s], neighbour, leap);
    }
  }
}

/**
 * The negative logarithm of the probability of each target, and its gradient by `logProbs` [steps, batch, classes] where
 * `gradients` is 1. `targets` is [batch, longest], each of which ends before a -1; input lengths are taken to lie in [0, steps]. Where `isMean` is 1 the losses and
 * gradients of a target are divided by its length, 1 at least; where `zeroInfinity` is 1 an infinite loss is 0, without a gradient.
 */
// biome-ignore format: sizes, flags, then arrays
export const ctcLosses: Ctc = (
  batch, steps, classes, longest, blank, isMean, zeroInfinity, gradients, logProbs, inputLengths, targets, losses, gradient,
) => {
  if (gradients === 1) gradient.fill(0, 0, steps * batch * classes);
  const alpha = new Float64Array(steps * (2 * longest + 1));
  for (let n = 0; n < batch; n++) {
    const end = targets.subarray(n * longest, (n + 1) * longest).indexOf(-1);
    const labels = end < 0 ? longest : end;
    const length = Math.min(steps, Math.max(0, inputLengths[n]));
    const states = Int32Array.from({ length: 2 * labels + 1 }, (_, s) =>
      s % 2 === 0 ? blank : targets[n * longest + (s - 1) / 2],
    );
    const sequence = { x: logProbs, first: n * classes, stride: batch * classes, steps: length, states };
    const loss = forward(sequence, alpha);
    const share = isMean === 1 ? 1 / Math.max(1, labels) : 1;
    const isLeftOut = zeroInfinity === 1 && loss === Number.POSITIVE_INFINITY;
    losses[n] = isLeftOut ? 0 : share * loss;
    if (gradients === 1 && !isLeftOut) backward(sequence, alpha, gradient, loss, share);
  }
};
