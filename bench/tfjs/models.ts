import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { timed } from '../measure.js';
import type { Prepared } from '../peers/serve.js';
import { numbers } from '../work/work.js';

// What users of tfjs-layers do, the same on every backend.

const { layers } = tfl;
/** Batches that one call of `fit` goes through. */
export const BATCHES = 4;
const CLASSES = 10;

export interface Model {
  readonly name: string;
  /** Samples to a step. */
  readonly batch: number;
  /** Whether steps are calls of `fit`; else of `predict`. */
  readonly trains: boolean;
  build(): tfl.LayersModel;
}

const dense = (units: number, activation: 'relu' | 'softmax', inputShape?: number[]) =>
  layers.dense({ units, activation, ...(inputShape && { inputShape }) });

function mlp(): tfl.LayersModel {
  return tfl.sequential({
    layers: [dense(512, 'relu', [784]), dense(256, 'relu'), dense(CLASSES, 'softmax')],
  });
}

function cnn(): tfl.LayersModel {
  const conv = (filters: number, inputShape?: number[]) =>
    layers.conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      ...(inputShape && { inputShape }),
    });
  const pool = () => layers.maxPooling2d({ poolSize: 2 });
  return tfl.sequential({
    layers: [
      conv(32, [28, 28, 1]),
      pool(),
      conv(64),
      pool(),
      layers.flatten(),
      dense(128, 'relu'),
      dense(CLASSES, 'softmax'),
    ],
  });
}

function lstm(): tfl.LayersModel {
  // The default, orthogonal weights, needs methods of tensors that only the package of all parts has.
  const recurrentInitializer = 'glorotUniform';
  return tfl.sequential({
    layers: [
      layers.lstm({ units: 32, inputShape: [10, 32], recurrentInitializer }),
      dense(CLASSES, 'softmax'),
    ],
  });
}

/** The depthwise and pointwise convolutions of MobileNet at three of its sizes. */
function mobilenet(): tfl.LayersModel {
  const block = (filters: number, strides: number, inputShape?: number[]) => [
    layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', ...(inputShape && { inputShape }) }),
    layers.reLU({ maxValue: 6 }),
    layers.conv2d({ filters, kernelSize: 1 }),
    layers.reLU({ maxValue: 6 }),
  ];
  return tfl.sequential({
    layers: [
      ...block(64, 1, [112, 112, 32]),
      ...block(128, 2),
      ...block(128, 1),
      ...block(256, 2),
      ...block(256, 1),
      layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
      dense(CLASSES, 'softmax'),
    ],
  });
}

export const MODELS = {
  mlp: { name: 'fit, MLP 784-512-256-10, batch 128, adam', batch: 128, trains: true, build: mlp },
  cnn: { name: 'fit, CNN 32-64, batch 64, adam', batch: 64, trains: true, build: cnn },
  lstm: { name: 'fit, LSTM 32, 10 steps, batch 32, adam', batch: 32, trains: true, build: lstm },
  mobilenet: { name: 'predict, MobileNet blocks at 112, 56, 28', batch: 1, trains: false, build: mobilenet },
  forward: { name: 'predict, MLP 784-512-256-10, batch 128', batch: 128, trains: false, build: mlp },
} as const satisfies Readonly<Record<string, Model>>;

export type ModelName = keyof typeof MODELS;

export function prepareModel(name: ModelName): Prepared {
  const { batch, trains, build } = MODELS[name];
  const model = build();
  const rows = trains ? BATCHES * batch : batch;
  const shape = model.inputs[0].shape.map((length, d) => (d === 0 ? rows : (length ?? 1)));
  const x = tf.tensor(numbers(tf.util.sizeFromShape(shape), 1), shape);
  if (!trains) {
    return {
      run: (steps) =>
        timed(() => tf.tidy(() => void outputOf(model.predict(x, { batchSize: batch })).dataSync()), steps),
    };
  }
  const labels = tf.tensor1d(
    Array.from({ length: rows }, (_, i) => i % CLASSES),
    'int32',
  );
  const y = tf.cast(tf.oneHot(labels, CLASSES), 'float32');
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  let loss = Number.NaN;
  return {
    async run(steps) {
      const before = process.cpuUsage();
      const start = performance.now();
      // Callbacks wait for a timer now and then: once an epoch, not between the batches, where nobody listens.
      const { history } = await model.fit(x, y, {
        epochs: steps,
        batchSize: batch,
        shuffle: false,
        verbose: 0,
        yieldEvery: 'never',
      });
      const seconds = (performance.now() - start) / 1000;
      loss = Number(history.loss.at(-1));
      const { user, system } = process.cpuUsage(before);
      return { seconds, processor: (user + system) / 1e6 };
    },
    finish() {
      if (!Number.isFinite(loss)) throw new Error(`the loss became ${loss}: what was measured is void`);
    },
  };
}

function outputOf(output: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(output) ? output[0] : output;
}
