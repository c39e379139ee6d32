// Work of TensorFlow.js on one backend, timed in a process of its own: the command line says which, and on how many threads.
//
// prepare { model } or prepare { kernel, elements }.
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { checkOneOf } from '../../src/core/validate.js';
import type { Message } from '../peers/child.js';
import { type Prepared, serve } from '../peers/serve.js';
import { type EngineTime, engineTime } from './engine-time.js';
import { prepareKernel } from './kernels.js';
import { MODELS, type ModelName, prepareModel } from './models.js';

const [, , backend, threads] = process.argv;

// tfjs-core and tfjs-layers as they are installed; of this package what is shipped.
createRequire(import.meta.url)('@tensorflow/tfjs-core/dist/register_all_gradients');

const BACKENDS: Readonly<Record<string, () => Promise<unknown>>> = {
  async lockstep() {
    const entry: string = new URL('../../dist/tfjs/index.js', import.meta.url).href;
    await import(entry);
  },
  async wasm() {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setThreadsCount(Number(threads));
    await tf.setBackend('wasm');
  },
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
  },
};

let clock: EngineTime | null = null;

function prepare({ model, kernel, elements, engine }: Message): Prepared {
  if (engine === true) clock ??= engineTime();
  const time = engine === true ? clock : null;
  if (typeof model === 'string') {
    checkOneOf('model', model, Object.keys(MODELS));
    const prepared = prepareModel(model as ModelName);
    return time === null ? prepared : time.outside(prepared);
  }
  const prepared = prepareKernel(String(kernel), Number(elements));
  return time === null ? prepared : time.inside(prepared);
}

await BACKENDS[backend]();
if (tf.getBackend() !== backend) throw new Error(`${tf.getBackend()} is in use, not ${backend}`);
await serve({ version: tf.version_core }, prepare);
