// Arrays come back to be used again, but never while somebody else can see them.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { sgd } from 'lockstep/tfjs';
import { describe, expect, test } from 'vitest';
import { Arrays } from '../../src/tfjs/arrays.js';

const N = 1000;
const ones = () => tf.ones([N]);

/** Takes and leaves arrays of this length, so that one that came back by mistake is written over. */
function churn(length = N): void {
  for (let i = 0; i < 8; i++) tf.tidy(() => tf.sub(tf.fill([length], -7), 1));
}

/** What a tensor holds must not change while others come and go. */
function expectKept(values: ArrayLike<number>, expected: number): void {
  churn();
  expect(Array.from(values).every((value) => value === expected)).toBe(true);
}

describe('an array that somebody else sees is not used again', () => {
  test('dataSync', () => {
    const x = tf.add(ones(), 1);
    const values = x.dataSync();
    x.dispose();
    expectKept(values, 2);
  });

  test('data, of a tensor that is gone when it resolves', async () => {
    const x = tf.add(ones(), 1);
    const promise = x.data();
    x.dispose();
    churn();
    expectKept(await promise, 2);
  });

  test('bufferSync', () => {
    const x = tf.add(ones(), 1);
    const { values } = x.bufferSync();
    x.dispose();
    expectKept(values, 2);
  });

  test('what the user gave', () => {
    const given = new Float32Array(N).fill(3);
    const x = tf.tensor1d(given);
    x.dispose();
    expectKept(given, 3);
  });

  test('an array of a result that was given back as a tensor', () => {
    const values = tf.add(ones(), 1).dataSync();
    const again = tf.tensor1d(values);
    again.dispose();
    expectKept(values, 2);
  });

  test.each([
    ['reshape', (x: tf.Tensor) => tf.reshape(x, [10, N / 10])],
    ['clone', (x: tf.Tensor) => tf.clone(x)],
    ['expandDims', (x: tf.Tensor) => tf.expandDims(x)],
    ['cast to its own type', (x: tf.Tensor) => tf.cast(x, 'float32')],
    ['slice', (x: tf.Tensor) => tf.slice(x, [100], [800])],
    ['slice of all', (x: tf.Tensor) => tf.slice(x, [0], [N])],
    ['split', (x: tf.Tensor) => tf.split(x, 2)[1]],
    ['unstack', (x: tf.Tensor) => tf.unstack(tf.reshape(x, [2, N / 2]))[1]],
    ['stridedSlice', (x: tf.Tensor) => tf.stridedSlice(x, [0], [N], [1])],
    ['stack of one', (x: tf.Tensor) => tf.stack([x])],
    ['concat of one', (x: tf.Tensor) => tf.concat([x])],
    [
      'pooling of single pixels',
      (x: tf.Tensor) => tf.maxPool(tf.reshape<tf.Rank.R4>(x, [1, 10, 10, 10]), 1, 1, 'same'),
    ],
    ['einsum that does nothing', (x: tf.Tensor) => tf.einsum('i->i', x)],
    ['the parts of complex numbers', (x: tf.Tensor) => tf.real(tf.complex(x, x))],
    [
      'batchToSpaceND, which runs as in the cpu backend',
      (x: tf.Tensor) =>
        tf.batchToSpaceND(
          tf.reshape(x, [4, 5, 5, 10]),
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ),
    ],
  ])('%s', (_, make) => {
    const x = tf.add(ones(), 1);
    const y = make(x);
    x.dispose();
    churn();
    expectKept(y.dataSync(), 2);
    y.dispose();
  });
});

describe('a variable is stepped in a copy', () => {
  const stepped = () => {
    const variable = tf.variable(tf.zeros([N]));
    const optimizer = sgd(1);
    const step = () => optimizer.applyGradients([{ name: variable.name, tensor: ones() }]);
    step();
    return { variable, step };
  };

  test('where it was read', () => {
    const { variable, step } = stepped();
    const values = variable.dataSync();
    step();
    expectKept(values, -1);
    expect(variable.dataSync()[0]).toBe(-2);
  });

  test('where a tensor was taken of it', () => {
    const { variable, step } = stepped();
    const clone = tf.clone(variable);
    step();
    expect([clone.dataSync()[0], variable.dataSync()[0]]).toEqual([-1, -2]);
  });

  test('and else where it is', () => {
    const { variable, step } = stepped();
    const { dataId } = variable;
    step();
    expect(variable.dataId).toBe(dataId);
  });
});

describe('tf.memory()', () => {
  test('counts exactly', () => {
    const { numTensors, numBytes, numDataBuffers } = tf.memory();
    const x = tf.ones([10, 10]);
    const y = tf.reshape(x, [100]);
    const z = tf.add(x, 1);
    expect(tf.memory()).toMatchObject({
      numTensors: numTensors + 3,
      numBytes: numBytes + 1200,
      numDataBuffers: numDataBuffers + 2,
      unreliable: false,
    });
    tf.dispose([x, y, z]);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes, numDataBuffers });
  });
});

test('2,000 steps of training take no more memory than 200', async () => {
  const { dense, batchNormalization, dropout } = tfl.layers;
  const model = tfl.sequential({
    layers: [
      dense({ units: 64, activation: 'relu', inputShape: [32] }),
      batchNormalization(),
      dropout({ rate: 0.1, seed: 1 }),
      dense({ units: 4, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const x = tf.randomUniform([64, 32], -1, 1, 'float32', 1);
  const y = tf.softmax(tf.randomUniform([64, 4], -1, 1, 'float32', 2));
  const after = async (steps: number) => {
    for (let i = 0; i < steps; i++) await model.trainOnBatch(x, y);
    const { numTensors, numBytes } = tf.memory();
    return {
      numTensors,
      numBytes,
      rss: process.memoryUsage().rss,
      buffers: process.memoryUsage().arrayBuffers,
    };
  };
  const start = await after(200);
  const end = await after(1800);
  expect(end.numTensors).toBe(start.numTensors);
  expect(end.numBytes).toBe(start.numBytes);
  expect(end.buffers - start.buffers).toBeLessThan(2 ** 22);
  expect(end.rss - start.rss).toBeLessThan(2 ** 26);
});

test('a few elements of an array keep all of it', () => {
  const arrays = new Arrays();
  const array = arrays.take('float32', N);
  arrays.keep(array.subarray(0, 3));
  arrays.release('float32', array);
  expect(arrays.take('float32', N)).not.toBe(array);
});
