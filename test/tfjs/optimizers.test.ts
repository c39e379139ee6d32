// The optimizers of this package under TensorFlow.js: the same numbers as over plain parameters, wherever an optimizer goes there.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as lockstep from 'lockstep';
import { cosine, gradualWarmup } from 'lockstep/schedule';
import * as backend from 'lockstep/tfjs';
import { describe, expect, test } from 'vitest';

const { SGD, Adagrad, RMSprop, Adam, AdamW, SWATS } = lockstep;

const KINDS = [
  ['sgd', backend.sgd, SGD, { lr: 0.1 }],
  ['momentum', backend.momentum, SGD, { lr: 0.1, momentum: 0.9 }],
  ['adagrad', backend.adagrad, Adagrad, { lr: 0.1 }],
  ['rmsprop', backend.rmsprop, RMSprop, { lr: 0.01, weightDecay: 0.1 }],
  ['adam', backend.adam, Adam, { lr: 0.01 }],
  ['adamw', backend.adamw, AdamW, { lr: 0.01, weightDecay: 0.1 }],
  ['swats', backend.swats, SWATS, { lr: 0.01 }],
] as const;

const start = [1, -2, 3, 0.5];
const loss = (w: tf.Tensor) => tf.sum<tf.Scalar>(tf.square(tf.sub(w, [0.5, 0.25, -1, 2])));

describe.each(KINDS)('%s', (_, make, Own, options) => {
  const steps = (optimizer: tf.Optimizer, w: tf.Variable, count: number) => {
    for (let i = 0; i < count; i++) optimizer.minimize(() => loss(w), false, [w]);
    return Array.from(w.dataSync());
  };

  test('steps as over plain parameters', () => {
    const w = tf.variable(tf.tensor1d(start));
    const parameter = { value: Float32Array.from(start), grad: new Float32Array(4) };
    const own = new Own([parameter], options);
    const optimizer = make(options);
    for (let i = 0; i < 10; i++) {
      const { grads } = tf.variableGrads(() => loss(w), [w]);
      parameter.grad.set(grads[w.name].dataSync());
      own.step();
      optimizer.applyGradients(grads);
    }
    expect(Array.from(w.dataSync())).toEqual(Array.from(parameter.value));
    expect(optimizer.iterations).toBe(10);
  });

  test('goes on from what it has saved, also under other names', async () => {
    const [w, v] = [tf.variable(tf.tensor1d(start)), tf.variable(tf.tensor1d(start))];
    const [first, second] = [make(options), make(options)];
    const half = steps(first, w, 5);
    v.assign(tf.tensor1d(half));
    await second.setWeights(await first.getWeights());
    expect(steps(second, v, 5)).toEqual(steps(first, w, 5));
    expect(second.iterations).toBe(10);
  });

  test('makes itself again from its configuration', () => {
    const config = JSON.parse(JSON.stringify(make(options).getConfig()));
    const again = make(config);
    expect(again.getConfig()).toEqual(config);
    expect(config).toMatchObject(options);
  });
});

function classifier(optimizer: string | tf.Optimizer): tfl.Sequential {
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 3 });
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 8, activation: 'relu', inputShape: [4], kernelInitializer }),
      tfl.layers.dense({ units: 3, activation: 'softmax', kernelInitializer }),
    ],
  });
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  return model;
}

const x = () => tf.randomUniform([32, 4], -1, 1, 'float32', 1);
const y = () =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 32 }, (_, i) => i % 3),
      'int32',
    ),
    3,
  );

async function fit(model: tfl.LayersModel, epochs: number): Promise<number[]> {
  const { history } = await model.fit(x(), tf.cast(y(), 'float32'), {
    epochs,
    batchSize: 8,
    shuffle: false,
    verbose: 0,
  });
  return history.loss.map(Number);
}

describe('in a model', () => {
  test('of tfjs-layers, saved with its state and loaded again', async () => {
    const model = classifier(backend.adam({ lr: 0.01, clipGradNorm: 1 }));
    await fit(model, 2);
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
      { includeOptimizer: true },
    );
    if (saved === undefined) throw new Error('nothing was saved');
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(saved));
    expect(loaded.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
    expect(await fit(loaded, 2)).toEqual(await fit(model, 2));
  });

  test('learns with every optimizer', async () => {
    for (const [, make] of KINDS) {
      const [first, last] = await fit(classifier(make({ lr: 0.02 })), 2);
      expect(last).toBeLessThan(first);
    }
  });
});

describe('learning rates', () => {
  test('a schedule, or a number alone', () => {
    const schedule = gradualWarmup(cosine(0.1, { steps: 10 }), { steps: 4 });
    const w = tf.variable(tf.tensor1d(start));
    const optimizer = backend.sgd(schedule);
    for (let step = 0; step < 6; step++) {
      expect(optimizer.learningRate).toBe(schedule.at(step));
      optimizer.minimize(() => loss(w), false, [w]);
    }
    expect(backend.adam(0.5).learningRate).toBe(0.5);
  });

  test('can be set between steps', () => {
    const w = tf.variable(tf.tensor1d(start));
    const optimizer = backend.sgd(0.1);
    optimizer.minimize(() => loss(w), false, [w]);
    optimizer.learningRate = 0;
    const before = Array.from(w.dataSync());
    optimizer.minimize(() => loss(w), false, [w]);
    expect(Array.from(w.dataSync())).toEqual(before);
  });
});

describe('gradients', () => {
  test('that are one tensor for two variables', () => {
    const [a, b] = [tf.variable(tf.tensor1d(start)), tf.variable(tf.tensor1d(start))];
    const ones = tf.ones([4]);
    backend.sgd(1).applyGradients({ [a.name]: ones, [b.name]: ones });
    expect(Array.from(a.dataSync())).toEqual(start.map((value) => value - 1));
    expect(Array.from(b.dataSync())).toEqual(Array.from(a.dataSync()));
  });

  test('are clipped together, and stay as they are', () => {
    const [a, b] = [tf.variable(tf.zeros([1])), tf.variable(tf.zeros([1]))];
    const [three, four] = [tf.tensor1d([3]), tf.tensor1d([4])];
    backend.sgd({ lr: 1, clipGradNorm: 1 }).applyGradients([
      { name: a.name, tensor: three },
      { name: b.name, tensor: four },
    ]);
    expect(a.dataSync()[0]).toBeCloseTo(-0.6, 5);
    expect(b.dataSync()[0]).toBeCloseTo(-0.8, 5);
    expect(three.dataSync()[0]).toBe(3);
  });

  test('of variables that join later, and of none', () => {
    const [a, b] = [tf.variable(tf.zeros([1])), tf.variable(tf.zeros([2]))];
    const optimizer = backend.adam(1);
    optimizer.applyGradients({});
    optimizer.applyGradients({ [a.name]: tf.ones([1]) });
    optimizer.applyGradients({ [a.name]: tf.ones([1]), [b.name]: tf.ones([2]) });
    expect(a.dataSync()[0]).toBeCloseTo(-2, 5);
    expect(b.dataSync()[0]).toBeCloseTo(-1, 5);
    expect(optimizer.iterations).toBe(3);
  });
});

describe('errors', () => {
  test('an option that there is not is told when it is given', () => {
    const wrong = { lr: 0.1, beta: 0.9 };
    expect(() => backend.adam(wrong)).toThrow(/has no option "beta"; did you mean "betas"/);
    expect(() => backend.sgd({ lr: -1 })).toThrow(/lr/);
    expect(() => backend.sgd({ clipGradNorm: -1 })).toThrow(/clipGradNorm/);
  });

  test('another backend', async () => {
    const w = tf.variable(tf.zeros([1]));
    await tf.setBackend('cpu');
    expect(() => backend.sgd(1).applyGradients({ [w.name]: tf.ones([1]) })).toThrow(/useBackend/);
    backend.useBackend();
  });

  test('a variable that is gone', () => {
    expect(() => backend.sgd(1).applyGradients({ nobody: tf.ones([1]) })).toThrow(/nobody/);
  });

  test('state of another optimizer', async () => {
    const w = tf.variable(tf.zeros([1]));
    const adam = backend.adam(1);
    adam.applyGradients({ [w.name]: tf.ones([1]) });
    const sgd = backend.sgd(1);
    sgd.applyGradients({ [w.name]: tf.ones([1]) });
    await expect(sgd.setWeights(await adam.getWeights())).rejects.toThrow(/SGD/);
  });
});
