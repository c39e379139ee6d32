// Training steps of TensorFlow.js: prepare { network, quick }. It has neither layers (they are another package) nor AdamW:
// the transformer takes its steps with Adam. Its embedding is a product with one-hot rows, whose gradient both backends have.
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

import { checkOneOf } from '../../src/validate.js';
import { type Prepared, type Request, serve } from '../peers/tfjs-process.js';
import { numbers } from '../work/work.js';
import {
  CLASSES,
  classes,
  full,
  HEADS,
  LETTERS,
  type NetworkName,
  networkNames,
  type Sizes,
  tiny,
} from './networks.js';

/** Makes the variables and the data, and returns the loss. */
type Losses = Readonly<Record<NetworkName, (sizes: Sizes) => () => tf.Scalar>>;

type Layer = (x: tf.Tensor) => tf.Tensor;

/** A variable, uniform in +-1 / sqrt(inputs) as PyTorch's layers start. */
function weight<R extends tf.Rank>(shape: tf.ShapeMap[R], inputs: number): tf.Variable<R> {
  const bound = 1 / Math.sqrt(inputs);
  return tf.variable(tf.randomUniform(shape, -bound, bound));
}

function dense(from: number, to: number): Layer {
  const [w, b] = [weight<tf.Rank.R2>([from, to], from), weight<tf.Rank.R1>([to], from)];
  return (x) => tf.add(tf.matMul(x, w), b);
}

function layerNorm(width: number): Layer {
  const [scale, shift] = [tf.variable(tf.ones([width])), tf.variable(tf.zeros([width]))];
  return (x) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), shift);
  };
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

function attention(batch: number, positions: number, width: number): Layer {
  const [query, key, value, output] = [1, 2, 3, 4].map(() => dense(width, width));
  const hidden = tf.tensor2d(
    Float32Array.from({ length: positions ** 2 }, (_, i) =>
      i % positions > Math.floor(i / positions) ? -1e9 : 0,
    ),
    [positions, positions],
  );
  const split: Layer = (x) =>
    tf.transpose(tf.reshape(x, [batch, positions, HEADS, width / HEADS]), [0, 2, 1, 3]);
  return (x) => {
    const scores = tf.mul(
      tf.matMul(split(query(x)), split(key(x)), false, true),
      1 / Math.sqrt(width / HEADS),
    );
    const heads = tf.matMul(tf.softmax(tf.add(scores, hidden)), split(value(x)));
    return output(tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), [batch * positions, width]));
  };
}

function crossEntropy(labels: Int32Array, limit: number): (logits: tf.Tensor) => tf.Scalar {
  const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), limit);
  return (logits) => tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(wanted, logits);
}

const losses: Losses = {
  mlp({ batch, hidden, side }) {
    const pixels = side * side;
    const layers = [dense(pixels, hidden[0]), dense(hidden[0], hidden[1]), dense(hidden[1], CLASSES)];
    const [first, second, last] = layers;
    const x = tf.tensor2d(numbers(batch * pixels), [batch, pixels]);
    const loss = crossEntropy(classes(batch, CLASSES, 1), CLASSES);
    return () => loss(last(tf.relu(second(tf.relu(first(x))))));
  },

  cnn({ batch: most, channels: [first, second], dense: width, side }) {
    const batch = most / 2;
    const convolution = (from: number, to: number) => {
      const w = weight<tf.Rank.R4>([3, 3, from, to], 9 * from);
      const b = weight<tf.Rank.R1>([to], 9 * from);
      return (x: tf.Tensor4D) =>
        tf.maxPool(tf.relu(tf.add<tf.Tensor4D>(tf.conv2d(x, w, 1, 'same'), b)), 2, 2, 'valid');
    };
    const features = (second * side * side) / 16;
    const [one, two] = [convolution(1, first), convolution(first, second)];
    const [inner, last] = [dense(features, width), dense(width, CLASSES)];
    const x = tf.tensor4d(numbers(batch * side * side), [batch, side, side, 1]);
    const loss = crossEntropy(classes(batch, CLASSES, 1), CLASSES);
    return () => loss(last(tf.relu(inner(tf.reshape(two(one(x)), [batch, features])))));
  },

  transformer({ batch: most, positions, width }) {
    const batch = most / 4;
    const letters = weight<tf.Rank.R2>([LETTERS, width], 1);
    const layers = [1, 2].flatMap((): Layer[] => {
      const [attend, up, down] = [
        attention(batch, positions, width),
        dense(width, 4 * width),
        dense(4 * width, width),
      ];
      const parts: Layer[] = [attend, (x) => down(gelu(up(x)))];
      return parts.map((part) => {
        const norm = layerNorm(width);
        return (x) => tf.add(x, part(norm(x)));
      });
    });
    const head = dense(width, LETTERS);
    const rows = batch * positions;
    const x = tf.cast(tf.oneHot(tf.tensor1d(classes(rows, LETTERS, 1), 'int32'), LETTERS), 'float32');
    const loss = crossEntropy(classes(rows, LETTERS, 2), LETTERS);
    return () => loss(head(layers.reduce<tf.Tensor>((h, layer) => layer(h), tf.matMul(x, letters))));
  },
};

function prepare({ network, quick }: Request): Prepared {
  checkOneOf('network', network, networkNames);
  const loss = losses[network](quick === true ? tiny : full);
  const optimizer = tf.train.adam(1e-3);
  return {
    run(steps) {
      const start = performance.now();
      for (let s = 0; s < steps; s++) optimizer.minimize(loss);
      return (performance.now() - start) / 1000;
    },
    finish() {
      const last = tf.tidy(() => loss().dataSync()[0]);
      if (!Number.isFinite(last)) throw new Error(`the loss became ${last}: what was measured is void`);
    },
  };
}

// Gradients are not in the file that Node loads, and come as modules that only a bundler, or tsx, can resolve.
createRequire(import.meta.url)('@tensorflow/tfjs-core/dist/register_all_gradients');
await serve(prepare);
