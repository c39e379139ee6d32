import { ACTIVATIONS } from '../../backend/contract/activations.js';
import { kernels } from '../../backend/select.js';
import { sameShape, showShape } from '../../core/shapes.js';
import { checkReach, placeWindow, type Window } from '../../core/window-geometry.js';
import { contribute, factorsRead, record, takeLike, type Variable } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import { type ActivationName, activate, activations } from './activations.js';
import { checkSameType } from './check.js';
import { fusable } from './products.js';
import { giveSum } from './reductions.js';

/** The lengths of a batch of images. */
export function imagesOf(name: string, { shape }: Variable) {
  if (shape.length !== 4) {
    throw new RangeError(`${name} must have shape [batch, height, width, channels], got ${showShape(shape)}`);
  }
  const [batch, height, width, channels] = shape;
  return { batch, height, width, channels };
}

/** The convolution of x with weight [outputs, kernel height, kernel width, channels / groups], plus bias; then the function. */
export function conv2d(
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  window: Window,
  groups: number,
  name: ActivationName | null = null,
): Variable {
  checkSameType('x', x, weight);
  const { batch, height, width, channels } = imagesOf('x', x);
  const [outputs, , , inputs] = weight.shape;
  if (channels !== inputs * groups) {
    throw new RangeError(`x must have ${inputs * groups} channels, got shape ${showShape(x.shape)}`);
  }
  if (bias !== null) {
    checkSameType('bias', bias, weight);
    if (!sameShape(bias.shape, [outputs])) {
      throw new RangeError(`bias must have shape [${outputs}], got ${showShape(bias.shape)}`);
    }
  }
  const sizes = placeWindow(window, height, width);
  checkReach(sizes, batch, groups, inputs, outputs / groups);
  const [, , outHeight, outWidth] = sizes;
  const layout = [...sizes, groups, batch, inputs, outputs / groups] as const;
  const variables = bias === null ? [x, weight] : [x, weight, bias];
  const fused = fusable(name, variables);
  const pixels = batch * outHeight * outWidth;
  const y = takeLike(x, pixels * outputs);
  const finish = [ACTIVATIONS.indexOf(fused ?? 'none'), bias === null ? 0 : 1] as const;
  kernels().conv2dForward(...layout, ...finish, x.array, weight.array, bias?.array ?? null, y);
  const output = record({
    name: 'conv2d',
    shape: [batch, outHeight, outWidth, outputs],
    storage: Storage.temporary(y),
    inputs: variables,
    reads: factorsRead(x, weight),
    readsOutput: fused !== null,
    backward(gradient) {
      if (fused !== null) kernels()[activations[fused].backward](y.length, y, gradient, gradient);
      contribute(weight, (into, accumulate) =>
        kernels().conv2dBackwardWeight(...layout, accumulate, x.array, gradient, into),
      );
      if (bias !== null) giveSum(bias, [{ outer: 1, count: pixels, inner: outputs }], gradient);
      contribute(x, (into, accumulate) =>
        kernels().conv2dBackwardInput(...layout, accumulate, weight.array, gradient, into),
      );
      pool.release(gradient);
    },
  });
  return name === null || fused !== null ? output : activate(name, output);
}

/** The sizes of a pooling kernel, and the shape of its result. */
function placePool(x: Variable, window: Window) {
  const { batch, height, width, channels } = imagesOf('x', x);
  const sizes = placeWindow(window, height, width);
  const shape = [batch, sizes[2], sizes[3], channels];
  return {
    layout: [...sizes, batch, channels] as const,
    shape,
    size: batch * sizes[2] * sizes[3] * channels,
  };
}

/** The largest pixel of each window. */
export function maxPool2d(x: Variable, window: Window): Variable {
  const { layout, shape, size } = placePool(x, window);
  const y = takeLike(x, size);
  // Whole numbers in memory of the pool.
  const memory = pool.take('float32', size);
  const positions = new Int32Array(memory.buffer, memory.byteOffset, size);
  kernels().maxPool2dForward(...layout, x.array, positions, y);
  return record({
    name: 'maxPool2d',
    shape,
    storage: Storage.temporary(y),
    inputs: [x],
    saved: [memory],
    backward(gradient) {
      contribute(x, (into, accumulate) =>
        kernels().maxPool2dBackward(...layout, accumulate, positions, gradient, into),
      );
      pool.release(gradient);
    },
  });
}

/** The mean of the pixels of each window, the padding among them where it counts. */
export function avgPool2d(x: Variable, window: Window, countIncludePad: boolean): Variable {
  const { layout, shape, size } = placePool(x, window);
  const y = takeLike(x, size);
  const counted = countIncludePad ? 1 : 0;
  kernels().avgPool2dForward(...layout, counted, x.array, y);
  return record({
    name: 'avgPool2d',
    shape,
    storage: Storage.temporary(y),
    inputs: [x],
    backward(gradient) {
      contribute(x, (into, accumulate) =>
        kernels().avgPool2dBackward(...layout, counted, accumulate, gradient, into),
      );
      pool.release(gradient);
    },
  });
}
