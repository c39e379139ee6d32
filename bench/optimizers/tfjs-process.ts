// Steps of TensorFlow.js' optimizers: prepare { optimizer, args, tensors, length }.
import * as tf from '@tensorflow/tfjs-core';
import { checkInteger, checkOneOf } from '../../src/core/validate.js';
import { timed } from '../measure.js';
import type { Message } from '../peers/child.js';
import type { Prepared } from '../peers/serve.js';
import { serveTfjs } from '../peers/tfjs-process.js';
import { checkNormal, makeTensors } from './problem.js';
import { tfjsNames } from './rows.js';

function prepare({ optimizer: name, args, tensors, length }: Message): Prepared {
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
    run: (steps) => timed(() => optimizer.applyGradients(gradients), steps),
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
    case 'adadelta':
      return tf.train.adadelta(lr, second);
    case 'rmsprop':
      return tf.train.rmsprop(lr, second);
    case 'adam':
      return tf.train.adam(lr);
  }
}

await serveTfjs(prepare);
