// The optimizers of tf.train step natively in this backend, to the same numbers as without.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { useBackend } from 'lockstep/tfjs';
import { describe, expect, test } from 'vitest';

const OPTIMIZERS: Readonly<Record<string, () => tf.Optimizer>> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  nesterov: () => tf.train.momentum(0.1, 0.9, true),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  rmsprop: () => tf.train.rmsprop(0.01),
  'rmsprop, momentum': () => tf.train.rmsprop(0.01, 0.8, 0.5),
  'rmsprop, centered': () => tf.train.rmsprop(0.01, 0.8, 0.5, undefined, true),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01),
  'adamax, decay': () => tf.train.adamax(0.01, 0.8, 0.9, undefined, 0.1),
};

const start = [1, -2, 3, 0.5];

/** The weights after each of these steps, and what the optimizer has kept. */
async function train(make: () => tf.Optimizer, steps: number) {
  const [w, v] = [tf.variable(tf.tensor1d(start)), tf.variable(tf.tensor1d([2, -1]))];
  const optimizer = make();
  const after: number[][] = [];
  for (let i = 0; i < steps; i++) {
    optimizer.minimize(
      () =>
        tf.add(
          tf.sum<tf.Scalar>(tf.square(tf.sub(w, [0.5, 0.25, -1, 2]))),
          tf.sum<tf.Scalar>(tf.mul(tf.square(v), 3)),
        ),
      false,
      [w, v],
    );
    after.push([...w.dataSync(), ...v.dataSync()]);
  }
  return { after, iterations: optimizer.iterations, optimizer };
}

describe.each(Object.entries(OPTIMIZERS))('%s', (name, make) => {
  test('gives the numbers of the cpu backend', async () => {
    await tf.setBackend('cpu');
    const expected = await train(make, 12);
    useBackend();
    const { after, iterations } = await train(make, 12);
    expect(iterations).toBe(expected.iterations);
    after.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(expected.after.flat()[i], 5);
    });
  });

  test.skipIf(name.startsWith('adamax'))('saves what it did, and goes on from it', async () => {
    useBackend();
    const { optimizer } = await train(make, 4);
    const weights = await optimizer.getWeights();
    const again = make();
    await again.setWeights(weights);
    expect(again.iterations).toBe(4);
    expect((await again.getWeights()).map(({ tensor }) => [...tensor.dataSync()])).toEqual(
      weights.map(({ tensor }) => [...tensor.dataSync()]),
    );
  });
});

test('a step is one kernel call, whatever the number of variables', async () => {
  useBackend();
  const variables = Array.from({ length: 20 }, () => tf.variable(tf.ones([10])));
  const gradients = variables.map(({ name }) => ({ name, tensor: tf.ones([10]) }));
  const optimizer = tf.train.adam(0.01);
  optimizer.applyGradients(gradients);
  const { kernels } = await tf.profile(() => {
    optimizer.applyGradients(gradients);
    return tf.scalar(0);
  });
  expect(kernels).toEqual([]);
});
