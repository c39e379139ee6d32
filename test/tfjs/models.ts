import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

// Models with seeded weights and inputs, small enough for the cpu backend: what they come to does not depend on who computes it.

const { layers } = tfl;
type Symbolic = tfl.SymbolicTensor;
type Layer = InstanceType<typeof layers.Layer>;

/** The losses of so many steps with an optimizer made for it, in the backend in use. */
export type Train = (steps: number, optimizer: () => string | tf.Optimizer) => Promise<number[]>;

let seed = 0;
const initializer = () => tfl.initializers.glorotUniform({ seed: ++seed });
const dense = (units: number, activation: 'relu' | 'softmax') =>
  layers.dense({ units, activation, kernelInitializer: initializer() });
const conv = (filters: number, kernelSize: number, useBias = true) =>
  layers.conv2d({ filters, kernelSize, padding: 'same', useBias, kernelInitializer: initializer() });

function apply(x: Symbolic, ...list: readonly Layer[]): Symbolic {
  return list.reduce((y, layer) => {
    const next = layer.apply(y);
    if (!(next instanceof tfl.SymbolicTensor)) throw new TypeError('a layer of symbols gives a symbol');
    return next;
  }, x);
}

function mlp(x: Symbolic): Symbolic {
  return apply(x, dense(16, 'relu'), dense(12, 'relu'));
}

function cnn(x: Symbolic): Symbolic {
  return apply(
    x,
    conv(8, 3),
    layers.batchNormalization(),
    layers.reLU(),
    layers.maxPooling2d({ poolSize: 2 }),
    conv(12, 3),
    layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
    layers.flatten(),
    layers.dropout({ rate: 0.25, seed: 3 }),
  );
}

/** Inverted residuals as in MobileNetV2: wider by a pointwise convolution, depthwise, narrower again. */
function mobilenet(x: Symbolic): Symbolic {
  const block = (input: Symbolic, channels: number, strides: number) =>
    apply(
      input,
      conv(2 * channels, 1, false),
      layers.batchNormalization(),
      layers.reLU({ maxValue: 6 }),
      layers.depthwiseConv2d({
        kernelSize: 3,
        strides,
        padding: 'same',
        depthwiseInitializer: initializer(),
      }),
      layers.batchNormalization(),
      layers.reLU({ maxValue: 6 }),
      conv(channels, 1, false),
      layers.batchNormalization(),
    );
  const start = apply(x, conv(4, 3));
  const residual = layers.add().apply([start, block(start, 4, 1)]);
  if (!(residual instanceof tfl.SymbolicTensor)) throw new TypeError('a layer of symbols gives a symbol');
  return apply(block(residual, 4, 2), layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }));
}

const VOCABULARY = 11;

function recurrent(kind: 'lstm' | 'gru') {
  return (x: Symbolic): Symbolic => {
    const config = { units: 6, kernelInitializer: initializer(), recurrentInitializer: initializer() };
    const cell = kind === 'lstm' ? layers.lstm(config) : layers.gru(config);
    const embeddings = tfl.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: ++seed });
    return apply(
      x,
      layers.embedding({ inputDim: VOCABULARY, outputDim: 5, embeddingsInitializer: embeddings }),
      cell,
    );
  };
}

const BATCH = 8;
const CLASSES = 3;

/** A classifier of tfjs-layers over `body`, trained on random inputs. */
function classifier(inputShape: number[], body: (x: Symbolic) => Symbolic, ofWords = false): Train {
  return async (steps, optimizer) => {
    seed = 0;
    const input = tfl.input({ shape: inputShape });
    const model = tfl.model({ inputs: input, outputs: apply(body(input), dense(CLASSES, 'softmax')) });
    model.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const shape = [BATCH, ...inputShape];
    const x = ofWords
      ? tf.floor(tf.randomUniform(shape, 0, VOCABULARY, 'float32', 5))
      : tf.randomUniform(shape, -1, 1, 'float32', 5);
    const labels = tf.tensor1d(
      Array.from({ length: BATCH }, (_, i) => i % CLASSES),
      'int32',
    );
    const y = tf.cast(tf.oneHot(labels, CLASSES), 'float32');
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const result = await model.trainOnBatch(x, y);
      losses.push(Array.isArray(result) ? result[0] : result);
    }
    tf.dispose([x, y, labels]);
    model.dispose();
    return losses;
  };
}

/** One block of a transformer, written with the operations of tfjs-core alone. */
const transformer: Train = async (steps, optimizer) => {
  const [words, width, heads, length] = [9, 8, 2, 6];
  const sizes: Readonly<Record<string, number[]>> = {
    table: [words, width],
    query: [width, width],
    key: [width, width],
    value: [width, width],
    wide: [width, 2 * width],
    narrow: [2 * width, width],
    head: [width, words],
  };
  const weights = Object.fromEntries(
    Object.entries(sizes).map(([name, size], i) => [
      name,
      tf.variable(tf.randomUniform(size, -0.4, 0.4, 'float32', 20 + i), true, `transformer/${name}`),
    ]),
  );
  const tokens = tf.tensor2d(
    Array.from({ length: BATCH * length }, (_, i) => (i * 5 + (i % 7)) % words),
    [BATCH, length],
    'int32',
  );
  const split = (x: tf.Tensor) =>
    tf.transpose(tf.reshape(x, [BATCH, length, heads, width / heads]), [0, 2, 1, 3]);
  const times = (x: tf.Tensor, name: string) =>
    tf.reshape(tf.matMul(tf.reshape(x, [BATCH * length, -1]), weights[name]), [
      BATCH,
      length,
      sizes[name][1],
    ]);
  const norm = (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
  };
  const loss = () => {
    const x = tf.gather(weights.table, tokens);
    const [q, k, v] = ['query', 'key', 'value'].map((name) => split(times(norm(x), name)));
    const scores = tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(width / heads)));
    const mixed = tf.reshape(tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]), [BATCH, length, width]);
    const y = tf.add(x, mixed);
    const z = tf.add(y, times(tf.relu(times(norm(y), 'wide')), 'narrow'));
    const logits = tf.reshape(times(z, 'head'), [BATCH * length, words]);
    const labels = tf.oneHot(tf.reshape(tokens, [-1]), words);
    return tf.reshape<tf.Rank.R0>(tf.losses.softmaxCrossEntropy(labels, logits), []);
  };
  const made = optimizer();
  const own = typeof made === 'string' ? tf.train.adam(1e-2) : made;
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const cost = own.minimize(loss, true, Object.values(weights));
    losses.push(cost === null ? Number.NaN : cost.dataSync()[0]);
    cost?.dispose();
  }
  tf.dispose([tokens, ...Object.values(weights)]);
  own.dispose();
  return losses;
};

export const MODELS: Readonly<Record<string, Train>> = {
  MLP: classifier([20], mlp),
  CNN: classifier([8, 8, 2], cnn),
  LSTM: classifier([5], recurrent('lstm'), true),
  GRU: classifier([5], recurrent('gru'), true),
  MobileNet: classifier([8, 8, 3], mobilenet),
  transformer,
};
