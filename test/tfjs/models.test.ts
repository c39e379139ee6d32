// Networks train in this backend as in the cpu backend: the losses agree.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from 'lockstep/tfjs';
import { describe, expect, test } from 'vitest';
import { MODELS } from './models.js';

const STEPS = 20;

describe.each(['sgd', 'adam', 'rmsprop'])('trained with %s', (optimizer) => {
  test.each(Object.entries(MODELS))('%s', async (_, train) => {
    await tf.setBackend('cpu');
    const expected = await train(STEPS, () => optimizer);
    useBackend();
    const losses = await train(STEPS, () => optimizer);
    expect(tf.getBackend()).toBe('lockstep');
    expect(expected[0]).not.toBeCloseTo(expected[STEPS - 1], 3);
    losses.forEach((loss, step) => {
      expect(Math.abs(loss - expected[step])).toBeLessThan(1e-4);
    });
  });
});
