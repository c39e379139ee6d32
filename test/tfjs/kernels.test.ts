// What tfjs-core's own suite does not ask of the kernels.
import * as tf from '@tensorflow/tfjs-core';
import 'lockstep/tfjs';
import { expect, test } from 'vitest';

test('einsum refuses a result that has a dimension twice', () => {
  const x = tf.ones([2, 2]);
  expect(() => tf.einsum('ij,jk->ii', x, x)).toThrow(/'ij,jk->ii' has a dimension twice/);
  expect([...tf.einsum('ij,jk->ki', x, x).dataSync()]).toEqual([2, 2, 2, 2]);
});
