import { alignedZerosLike } from '../../backend/memory.js';
import { copy } from '../../backend/stream.js';
import { zeros } from '../../core/dtypes.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { show } from '../../core/validate.js';
import { contribute, give, isRecording, record, takeLike } from './autograd.js';
import { tensor } from './make-leaf.js';
import { pool } from './pool.js';
import { Storage } from './storage.js';
import { arrayOf, makeTensor, storageOf, Tensor } from './tensor.js';

/** A gradient for each tensor, null where none has arrived. */
export type Gradients = readonly (Tensor | null)[];

const NAME = 'a backward hook';

/**
 * What `fn` gives for the inputs, whose tensors are watched: once backward() has come through, `hook` is called with copies of
 * the gradients by the inputs and by the output, which is a tensor or an array of them. What it returns takes the place of
 * the former.
 *
 * Inputs and outputs become views. Before those of the inputs, and so later on the way back, there is an operation that all of
 * them lead to: the gate, where the gradients wait for each other.
 */
export function watchGradients(
  inputs: readonly unknown[],
  fn: (inputs: readonly unknown[]) => unknown,
  hook: (gradInput: Gradients, gradOutput: Gradients) => unknown,
): unknown {
  if (!isRecording()) return fn(inputs);
  // So that the gate is recorded whatever the inputs are.
  const leaf = tensor(zeros('float32', 1), { requiresGrad: true });
  const isWatched = (x: unknown): x is Tensor => x instanceof Tensor && x.requiresGrad;
  const arrived: (FloatArray | null)[] = inputs.map(() => null);
  const gradOutput: (Tensor | null)[] = [];

  const out = takeLike(leaf);
  const gate = record({ name: NAME, out, inputs: [leaf, ...inputs.filter(isWatched)] }, (gradient) => {
    pool.release(gradient);
    const shapes = inputs.map((x) => (x instanceof Tensor ? x.shape : []));
    const gradInput = arrived.map((array, k) => array && copyOf(array, shapes[k]));
    replace(gradInput, hook(gradInput, gradOutput), arrived);
    for (const [k, x] of inputs.entries()) {
      const array = arrived[k];
      if (x instanceof Tensor && array !== null) give(x, array);
    }
  });
  const viewOf = (x: Tensor, onGradient: (gradient: FloatArray) => void) =>
    record({ name: NAME, shape: x.shape, out: storageOf(x), inputs: [x, gate] }, (gradient) => {
      // Whatever it is, the gate is to run.
      contribute(gate, () => {});
      onGradient(gradient);
    });

  const watched = inputs.map((x, k) =>
    isWatched(x)
      ? viewOf(x, (gradient) => {
          arrived[k] = gradient;
        })
      : x,
  );
  const result = fn(watched);
  const outputs: readonly unknown[] = Array.isArray(result) ? result : [result];
  const seen = outputs.map((y, k) => {
    if (!(y instanceof Tensor)) {
      throw new TypeError(
        `a module with a backward hook must give a Tensor or an array of them, got ${show(y)}`,
      );
    }
    gradOutput.push(null);
    if (!y.requiresGrad) return y;
    return viewOf(y, (gradient) => {
      gradOutput[k] = copyOf(gradient, y.shape);
      give(y, gradient);
    });
  });
  return Array.isArray(result) ? seen : seen[0];
}

function copyOf(array: FloatArray, shape: readonly number[]): Tensor {
  const own = alignedZerosLike(array, array.length);
  copy(array, own);
  return makeTensor(Storage.permanent(own), shape);
}

/** Writes what a hook returned, in the place of what it was given, to the arrays. */
function replace(given: Gradients, returned: unknown, arrays: readonly (FloatArray | null)[]): void {
  if (returned === given || returned === undefined) return;
  if (!Array.isArray(returned) || returned.length !== given.length) {
    throw new TypeError(
      `a backward hook must return an array of ${given.length} gradients or nothing, got ${show(returned)}`,
    );
  }
  for (const [k, array] of arrays.entries()) {
    const [one, before]: unknown[] = [returned[k], given[k]];
    if (one === before || array === null || !(before instanceof Tensor)) continue;
    if (!(one instanceof Tensor) || one.dtype !== before.dtype || !sameShape(one.shape, before.shape)) {
      throw new TypeError(
        `a backward hook must return a ${before.dtype} Tensor of shape ${showShape(before.shape)} for input ${k}, got ${show(one)}`,
      );
    }
    copy(arrayOf(one), array);
  }
}
