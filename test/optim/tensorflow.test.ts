// The rules make the steps of TensorFlow.js's optimizers too: which one, over which of its variables, with which scalars.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RuleName } from '../../src/backend/contract/rules.js';
import { kernels } from '../../src/backend/select.js';
import { targets, useTarget } from '../../src/index.js';
import { ReusableBatch } from '../../src/optim/batches.js';
import { randomNumbers } from './table.js';

interface Row {
  readonly name: string;
  create(): tf.Optimizer;
  readonly rule: RuleName;
  /** The fields of the optimizer that hold the states, in the order of the rule's operands after the parameter and its gradient. */
  readonly states: readonly string[];
  /** What they start from. Default 0. */
  readonly initial?: number;
  /** Those that are not 0. @param step the first one is 1 */
  scalars(step: number): Readonly<Record<string, number>>;
  /** Whether the bits are the same, and not the mathematics alone. */
  readonly exact?: boolean;
}

const [lr, rho, eps] = [0.01, 0.9, 1e-7];
const [beta1, beta2] = [0.9, 0.999];
const decays = { alpha: rho, rest: 1 - rho };

/** beta^step as TensorFlow.js has it: multiplied step by step, in float32, which 1 - beta^step shows in its fifth digit. */
function power(beta: number, step: number): number {
  let product = Math.fround(beta);
  for (let t = 1; t < step; t++) product = Math.fround(product * Math.fround(beta));
  return product;
}

// biome-ignore format: an optimizer a few lines
const rows: readonly Row[] = [
  {
    name: 'sgd', create: () => tf.train.sgd(lr), rule: 'sgd', states: [], scalars: () => ({ lr }), exact: true,
  },
  {
    name: 'momentum', create: () => tf.train.momentum(lr, 0.8), rule: 'momentum', states: ['accumulations'],
    scalars: () => ({ lr, keep: 0.8, add: 1 }), exact: true,
  },
  {
    name: 'momentum, nesterov', create: () => tf.train.momentum(lr, 0.8, true), rule: 'momentum', states: ['accumulations'],
    scalars: () => ({ lr, keep: 0.8, add: 1, nesterov: 1 }), exact: true,
  },
  {
    name: 'adagrad', create: () => tf.train.adagrad(lr, 1e-6), rule: 'adagrad', states: ['accumulatedGrads'],
    initial: 1e-6, scalars: () => ({ lr, epsInside: eps }),
  },
  {
    name: 'adadelta', create: () => tf.train.adadelta(lr, rho), rule: 'adadelta',
    states: ['accumulatedGrads', 'accumulatedUpdates'],
    scalars: () => ({ lr, rho, rest: 1 - rho, eps, lagged: 1 }),
  },
  // Also without momentum: TensorFlow.js then still keeps the velocity, which is the step.
  ...[0, 0.8].flatMap((momentum): Row[] => [
    {
      name: `rmsprop, momentum ${momentum}`, create: () => tf.train.rmsprop(lr, rho, momentum),
      rule: 'rmspropMomentum', states: ['accumulatedMeanSquares', 'accumulatedMoments'],
      scalars: () => ({ lr: 1, ...decays, epsInside: eps, momentum, add: lr }),
    },
    {
      // TensorFlow.js subtracts eps where it should add it.
      name: `rmsprop, centered, momentum ${momentum}`,
      create: () => tf.train.rmsprop(lr, rho, momentum, eps, true), rule: 'rmspropCenteredMomentum',
      states: ['accumulatedMeanSquares', 'accumulatedMeanGrads', 'accumulatedMoments'],
      scalars: () => ({ lr: 1, ...decays, epsInside: -eps, momentum, add: lr }),
    },
  ]),
  {
    name: 'adam', create: () => tf.train.adam(lr), rule: 'adam',
    states: ['accumulatedFirstMoment', 'accumulatedSecondMoment'],
    scalars: (step) => {
      const correction = Math.sqrt(1 - power(beta2, step));
      return {
        stepSize: (lr * correction) / (1 - power(beta1, step)), rest1: 1 - beta1, beta2, rest2: 1 - beta2,
        eps: eps * correction,
      };
    },
  },
  {
    name: 'adamax, decay 0.1', create: () => tf.train.adamax(lr, beta1, beta2, eps, 0.1), rule: 'adamax',
    states: ['accumulatedFirstMoment', 'accumulatedWeightedInfNorm'],
    scalars: (step) => ({
      stepSize: lr / (1 + 0.1 * (step - 1)) / (1 - power(beta1, step)), rest1: 1 - beta1, beta2, eps,
    }),
  },
];

const NONE = { weightDecay: 0, shrink: 1, maximize: 0, nesterov: 0, eps: 0, epsInside: 0 };
const LENGTH = 37;
const STEPS = 12;

type Arrays = readonly Float32Array[];

const random = randomNumbers(7);
// The gradient of one element is always 0.
const numbers = (): Float32Array => Float32Array.from({ length: LENGTH }, (_, i) => (i === 3 ? 0 : random()));
const value = numbers();
const grads = Array.from({ length: STEPS }, numbers);

function stateOf(optimizer: tf.Optimizer, field: string): tf.Tensor {
  const [state]: readonly { readonly variable: tf.Tensor }[] = Reflect.get(optimizer, field);
  return state.variable;
}

/** The value and the states after every step of TensorFlow.js. */
function theirs({ create, states }: Row): Arrays[] {
  return tf.tidy(() => {
    const variable = tf.variable(tf.tensor1d(value), true, 'w');
    const optimizer = create();
    const results = grads.map((grad) => {
      optimizer.applyGradients({ w: tf.tensor1d(grad) });
      const tensors = [variable, ...states.map((field) => stateOf(optimizer, field))];
      return tensors.map((tensor) => tensor.dataSync<'float32'>().slice());
    });
    variable.dispose();
    return results;
  });
}

/** The value and the states after every step of the rule. */
function ours({ rule, states, initial = 0, scalars }: Row): Arrays[] {
  const arrays = [value.slice(), ...states.map(() => new Float32Array(LENGTH).fill(initial))];
  const batch = new ReusableBatch();
  return grads.map((grad, s) => {
    batch.start(rule, { ...NONE, ...scalars(s + 1) });
    const [own, ...rest] = arrays;
    for (const operand of [own, grad, ...rest]) batch.add(operand);
    batch.finish();
    kernels().step([batch]);
    return arrays.map((array) => array.slice());
  });
}

beforeAll(() => tf.setBackend('cpu'));

describe.each(rows)('$name', (row) => {
  test.each(targets())('on %s', (target) => {
    useTarget(target);
    const [actual, expected] = [ours(row), theirs(row)];
    if (row.exact) {
      expect(actual).toEqual(expected);
      return;
    }
    const largest = expected[0].map((array) => array.map(Math.abs));
    for (let i = 0; i < LENGTH; i++) largest[0][i] = Math.max(largest[0][i], Math.abs(value[i]));
    expected.forEach((arrays, s) => {
      arrays.forEach((array, k) => {
        array.forEach((number, i) => {
          largest[k][i] = Math.max(largest[k][i], Math.abs(number));
          const error = Math.abs(actual[s][k][i] - number);
          if (error <= 16 * 2 ** -23 * largest[k][i]) return;
          expect(actual[s][k][i], `step ${s + 1}, array ${k}, element ${i}`).toBe(number);
        });
      });
    });
  });
});
