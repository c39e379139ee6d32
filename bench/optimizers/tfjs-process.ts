// Steps of TensorFlow.js, timed in here. One JSON object a line: requests from stdin, replies to stdout.
//
// prepare { optimizer, args, tensors, length }; run { steps } -> { seconds }; finish {}.

import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import { checkInteger, checkOneOf } from '../../src/validate.js';
import { checkNormal, makeTensors } from './problem.js';
import { tfjsNames } from './rows.js';

const backends = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};

type Request = Readonly<Record<string, unknown>>;

function prepare({ optimizer: name, args, tensors, length }: Request) {
  checkOneOf('optimizer', name, tfjsNames);
  checkInteger('tensors', tensors, 1);
  checkInteger('length', length, 1);
  const numbers = Array.isArray(args) ? args.map(Number) : [];
  const optimizer = create(name, numbers);
  const variables: tf.Variable[] = [];
  const gradients: Record<string, tf.Tensor> = {};
  makeTensors({ name, tensors, length }).forEach(({ value, grad }, i) => {
    variables.push(tf.variable(tf.tensor1d(value), true, `w${i}`));
    gradients[`w${i}`] = tf.tensor1d(grad);
  });
  return {
    run(steps: number): number {
      const start = performance.now();
      for (let s = 0; s < steps; s++) optimizer.applyGradients(gradients);
      return (performance.now() - start) / 1000;
    },
    async finish(): Promise<void> {
      const states = await optimizer.getWeights();
      const values = [...variables, ...states.map(({ tensor }) => tensor)].map((tensor) => tensor.dataSync());
      checkNormal(
        'tfjs',
        values.map((array) => (typeof array === 'string' ? [] : array)),
      );
      optimizer.dispose();
      tf.dispose([...variables, ...Object.values(gradients)]);
    },
  };
}

function create(name: (typeof tfjsNames)[number], args: readonly number[]): tf.Optimizer {
  const [lr, second] = args;
  switch (name) {
    case 'sgd':
      return tf.train.sgd(lr);
    case 'momentum':
      return tf.train.momentum(lr, second);
    case 'adagrad':
      return tf.train.adagrad(lr);
    case 'rmsprop':
      return tf.train.rmsprop(lr, second);
    case 'adam':
      return tf.train.adam(lr);
  }
}

async function main(): Promise<void> {
  const backend = process.argv[2];
  checkOneOf('backend', backend, ['cpu', 'wasm']);
  await backends[backend]();
  await tf.setBackend(backend);
  const reply = (message: object) => console.log(JSON.stringify(message));
  reply({ version: tf.version_core });
  let current: ReturnType<typeof prepare> | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request: Request = JSON.parse(line);
    try {
      if (request.command === 'prepare') {
        current = prepare(request);
        reply({});
      } else if (request.command === 'run') {
        reply({ seconds: current?.run(Number(request.steps)) });
      } else {
        await current?.finish();
        current = undefined;
        reply({});
      }
    } catch (error) {
      reply({ error: String(error) });
    }
  }
}

await main();
