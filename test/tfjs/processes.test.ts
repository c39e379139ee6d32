// Other copies of TensorFlow.js in the process, and other threads.
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import 'lockstep/tfjs';
import * as older from 'tfjs-core-3';
import { describe, expect, test } from 'vitest';

test('a copy of version 3 in the same process computes in this backend, for they share an engine', () => {
  expect(older.version_core).toMatch(/^3\./);
  expect(older.getBackend()).toBe('lockstep');
  const a = older.tensor2d([1, 2, 3, 4], [2, 2]);
  const product = older.matMul(a, a);
  expect([...product.dataSync()]).toEqual([7, 10, 15, 22]);
  expect([...older.add(product, 1).dataSync()]).toEqual([8, 11, 16, 23]);
  // And a tensor of the one is a tensor of the other.
  expect([...tf.slice(tf.tensor1d([...product.dataSync()]), 1, 2).dataSync()]).toEqual([10, 15]);
});

describe.skipIf(!existsSync('dist'))('worker threads', () => {
  test('train side by side, to the same bits', async () => {
    const results = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const worker = new Worker(new URL('./children/worker.mjs', import.meta.url));
        const [message] = await new Promise<unknown[]>((resolve, reject) => {
          worker.once('message', (...values) => resolve(values));
          worker.once('error', reject);
        });
        await worker.terminate();
        return message;
      }),
    );
    expect(results[0]).toMatchObject({ backend: 'lockstep' });
    for (const result of results) expect(result).toEqual(results[0]);
  });
});
