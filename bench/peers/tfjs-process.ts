// Work of TensorFlow.js, timed in a process of its own: see serve().
import * as tf from '@tensorflow/tfjs-core';
import { checkOneOf } from '../../src/core/validate.js';
import type { Message } from './child.js';
import { type Prepared, serve } from './serve.js';

const backends = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};

/** Answers requests on the backend that the command line names. */
export async function serveTfjs(prepare: (request: Message) => Prepared): Promise<void> {
  const backend = process.argv[2];
  checkOneOf('backend', backend, ['cpu', 'wasm']);
  await backends[backend]();
  await tf.setBackend(backend);
  await serve({ version: tf.version_core }, prepare);
}
