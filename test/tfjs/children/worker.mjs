// Trains in a thread of its own and sends the weights.
import { parentPort } from 'node:worker_threads';
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { adam } from 'lockstep/tfjs';

const w = tf.variable(tf.fill([32, 32], 0.5));
const x = tf.randomUniform([64, 32], -1, 1, 'float32', 1);
const optimizer = adam(0.01);
for (let i = 0; i < 20; i++) optimizer.minimize(() => tf.mean(tf.square(tf.matMul(x, w))), false, [w]);
parentPort?.postMessage({ backend: tf.getBackend(), weights: w.dataSync() });
