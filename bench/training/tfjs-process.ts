// Training steps of TensorFlow.js: prepare { network, quick }. It has neither layers (they are another package) nor AdamW:
// the transformer takes its steps with Adam. Its embedding is a product with one-hot rows, whose gradient both backends have.
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

import { checkOneOf } from '../../src/core/validate.js';
import { timed } from '../measure.js';
import type { Message } from '../peers/child.js';
import type { Prepared } from '../peers/serve.js';
import { serveTfjs } from '../peers/tfjs-process.js';
import { numbers } from '../work/work.js';
import {
  BATCHES,
  CLASSES,
  classes,
  HEADS,
  LABELS,
  LETTERS,
  type NetworkName,
  networkNames,
  type Sizes,
  sizesOf,
} from './networks.js';

/** Makes the variables and the data, and returns the loss of a step. */
type Losses = Readonly<Record<NetworkName, (sizes: Sizes) => (step: number) => tf.Scalar>>;

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

/** Makes as many as take turns, and returns the one of a step. */
function turns<T>(count: number, make: (seed: number) => T): (step: number) => T {
  const all = Array.from({ length: count }, (_, b) => make(b + 1));
  return (step) => all[step % count];
}

function crossEntropy(rows: number, limit: number): (logits: tf.Tensor, step: number) => tf.Scalar {
  const wanted = turns(LABELS, (seed) => tf.oneHot(tf.tensor1d(classes(rows, limit, seed), 'int32'), limit));
  return (logits, step) => tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(wanted(step), logits);
}

const losses: Losses = {
  mlp({ batch, hidden, side }) {
    const pixels = side * side;
    const layers = [dense(pixels, hidden[0]), dense(hidden[0], hidden[1]), dense(hidden[1], CLASSES)];
    const [first, second, last] = layers;
    const x = turns(BATCHES, (seed) => tf.tensor2d(numbers(batch * pixels, seed), [batch, pixels]));
    const loss = crossEntropy(batch, CLASSES);
    return (step) => loss(last(tf.relu(second(tf.relu(first(x(step)))))), step);
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
    const x = turns(BATCHES, (seed) =>
      tf.tensor4d(numbers(batch * side * side, seed), [batch, side, side, 1]),
    );
    const loss = crossEntropy(batch, CLASSES);
    return (step) => loss(last(tf.relu(inner(tf.reshape(two(one(x(step))), [batch, features])))), step);
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
    const x = turns(BATCHES, (seed) =>
      tf.cast(tf.oneHot(tf.tensor1d(classes(rows, LETTERS, seed), 'int32'), LETTERS), 'float32'),
    );
    const loss = crossEntropy(rows, LETTERS);
    return (step) =>
      loss(head(layers.reduce<tf.Tensor>((h, layer) => layer(h), tf.matMul(x(step), letters))), step);
  },
};

function prepare({ network, quick }: Message): Prepared {
  checkOneOf('network', network, networkNames);
  const loss = losses[network](sizesOf(quick === true));
  const optimizer = tf.train.adam(1e-3);
  let step = 0;
  return {
    run: (steps) => timed(() => optimizer.minimize(() => loss(step++)), steps),
    finish() {
      const last = tf.tidy(() => loss(step).dataSync()[0]);
      if (!Number.isFinite(last)) throw new Error(`the loss became ${last}: what was measured is void`);
    },
  };
}

// Gradients are not in the file that Node loads, and come as modules that only a bundler, or tsx, can resolve.
createRequire(import.meta.url)('@tensorflow/tfjs-core/dist/register_all_gradients');
await serveTfjs(prepare);
