import type { Optimizer, Variable } from '@tensorflow/tfjs-core';
import type { RuleName } from '../../backend/contract/rules.js';
import { kernels } from '../../backend/select.js';
import { ReusableBatch } from '../../optim/batches.js';
import { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';
import { type Gradients, ownValues, StepGradients, variablesOf } from './variables.js';

// The optimizers of `tf.train` in one native call a step. They are what they were in all else: their definitions, fields,
// states, and what they save.

/** A step of one of them, as it is written in tfjs-core. */
interface Form {
  /** The fields that hold a state of each variable, and what is appended to the variable's name. */
  readonly states: readonly (readonly [field: string, name: string])[];
  /** What states begin with. */
  readonly initial?: (read: Reader) => number;
  readonly rule: RuleName;
  readonly scalars: (read: Reader) => Readonly<Record<string, number>>;
  /** What changes after all variables. */
  readonly after?: (read: Reader) => void;
}

/** Reads the fields of an optimizer, which are private to it. */
class Reader {
  readonly #backend: LockstepBackend;
  readonly #optimizer: Optimizer;

  constructor(backend: LockstepBackend, optimizer: Optimizer) {
    this.#backend = backend;
    this.#optimizer = optimizer;
  }

  number(field: string): number {
    const value: unknown = Reflect.get(this.#optimizer, field);
    if (typeof value === 'number') return value;
    throw unknown(field);
  }

  flag(field: string): number {
    return Reflect.get(this.#optimizer, field) === true ? 1 : 0;
  }

  /** The one element of a variable, to be read or changed. */
  scalar(field: string): Float32Array {
    const value: unknown = Reflect.get(this.#optimizer, field);
    if (value instanceof tf.Variable && value.size === 1) return ownValues(this.#backend, value);
    throw unknown(field);
  }
}

function unknown(field: string): Error {
  return new Error(
    `an optimizer of tf.train has no ${field} as that of version 4 has: use one of lockstep/tfjs in its place`,
  );
}

/** As two float32 tensors are multiplied. */
function multiply(scalar: Float32Array, factor: number): void {
  scalar[0] *= Math.fround(factor);
}

const NONE = { weightDecay: 0, shrink: 1, maximize: 0 };

const sgd: Form = {
  states: [],
  rule: 'sgd',
  scalars: (read) => ({ lr: read.number('learningRate'), ...NONE }),
};

const momentum: Form = {
  states: [['accumulations', 'momentum']],
  rule: 'momentum',
  scalars: (read) => ({
    lr: read.number('learningRate'),
    keep: read.number('momentum'),
    add: 1,
    nesterov: read.flag('useNesterov'),
    ...NONE,
  }),
};

const adagrad: Form = {
  states: [['accumulatedGrads', 'accumulator']],
  initial: (read) => read.number('initialAccumulatorValue'),
  rule: 'adagrad',
  scalars: (read) => ({
    lr: read.number('learningRate'),
    eps: 0,
    epsInside: tf.backend().epsilon(),
    ...NONE,
  }),
};

const adadelta: Form = {
  states: [
    ['accumulatedGrads', 'accum_grad'],
    ['accumulatedUpdates', 'accum_var'],
  ],
  rule: 'adadelta',
  scalars: (read) => ({
    lr: read.number('learningRate'),
    rho: read.number('rho'),
    rest: 1 - read.number('rho'),
    eps: read.number('epsilon'),
    lagged: 1,
    ...NONE,
  }),
};

const rmspropScalars = (sign: 1 | -1) => (read: Reader) => ({
  lr: 1,
  alpha: read.number('decay'),
  rest: 1 - read.number('decay'),
  eps: 0,
  epsInside: sign * read.number('epsilon'),
  momentum: read.number('momentum'),
  add: read.number('learningRate'),
  ...NONE,
});

const rmsprop: Form = {
  states: [
    ['accumulatedMeanSquares', 'rms'],
    ['accumulatedMoments', 'momentum'],
  ],
  rule: 'rmspropMomentum',
  scalars: rmspropScalars(1),
};

const rmspropCentered: Form = {
  states: [
    ['accumulatedMeanSquares', 'rms'],
    ['accumulatedMeanGrads', 'mg'],
    ['accumulatedMoments', 'momentum'],
  ],
  rule: 'rmspropCenteredMomentum',
  // Under the root TensorFlow.js takes epsilon away.
  scalars: rmspropScalars(-1),
};

const adam: Form = {
  states: [
    ['accumulatedFirstMoment', 'm'],
    ['accumulatedSecondMoment', 'v'],
  ],
  rule: 'adam',
  scalars: (read) => {
    const correction = Math.sqrt(1 - read.scalar('accBeta2')[0]);
    return {
      stepSize: (read.number('learningRate') * correction) / (1 - read.scalar('accBeta1')[0]),
      rest1: 1 - read.number('beta1'),
      beta2: read.number('beta2'),
      rest2: 1 - read.number('beta2'),
      eps: read.number('epsilon') * correction,
      ...NONE,
    };
  },
  after: (read) => {
    multiply(read.scalar('accBeta1'), read.number('beta1'));
    multiply(read.scalar('accBeta2'), read.number('beta2'));
  },
};

const adamax: Form = {
  states: [
    ['accumulatedFirstMoment', 'm'],
    ['accumulatedWeightedInfNorm', 'v'],
  ],
  rule: 'adamax',
  scalars: (read) => {
    const rate = read.number('learningRate') / (1 + read.number('decay') * read.scalar('iteration')[0]);
    return {
      stepSize: rate / (1 - read.scalar('accBeta1')[0]),
      rest1: 1 - read.number('beta1'),
      beta2: read.number('beta2'),
      eps: read.number('epsilon'),
      epsInside: 0,
      ...NONE,
    };
  },
  after: (read) => {
    read.scalar('iteration')[0] += 1;
    multiply(read.scalar('accBeta1'), read.number('beta1'));
  },
};

interface State {
  readonly originalName: string;
  readonly variable: Variable;
}

/** The state at a place of the list of gradients: TensorFlow.js goes by places. */
function stateAt(
  optimizer: Optimizer,
  field: string,
  place: number,
  name: string,
  variable: Variable,
  initial: number,
) {
  const states: unknown = Reflect.get(optimizer, field);
  if (!Array.isArray(states)) throw unknown(field);
  const list: (State | undefined)[] = states;
  list[place] ??= {
    originalName: `${variable.name}/${name}`,
    variable: tf.tidy(() => tf.variable(tf.fill(variable.shape, initial), false)),
  };
  return list[place].variable;
}

const batch = new ReusableBatch();

function step(backend: LockstepBackend, optimizer: Optimizer, form: Form, given: Gradients): void {
  const read = new Reader(backend, optimizer);
  const initial = form.initial?.(read) ?? 0;
  const gradients = new StepGradients(backend);
  batch.start(form.rule, form.scalars(read));
  try {
    variablesOf(given).forEach(({ variable, gradient }, place) => {
      const states = form.states.map(([field, name]) =>
        stateAt(optimizer, field, place, name, variable, initial),
      );
      if (gradient === null) return;
      batch.add(ownValues(backend, variable));
      batch.add(gradients.take(gradient, false));
      for (const state of states) batch.add(ownValues(backend, state));
    });
    batch.finish();
    kernels().step([batch]);
  } finally {
    gradients.done();
  }
  form.after?.(read);
}

/** Lets the optimizers of `tf.train` step natively wherever this backend is in use. */
export function accelerate(): void {
  const forms: readonly (readonly [{ prototype: Optimizer }, (optimizer: Optimizer) => Form])[] = [
    [tf.SGDOptimizer, () => sgd],
    [tf.MomentumOptimizer, () => momentum],
    [tf.AdagradOptimizer, () => adagrad],
    [tf.AdadeltaOptimizer, () => adadelta],
    [
      tf.RMSPropOptimizer,
      (optimizer) => (Reflect.get(optimizer, 'centered') === true ? rmspropCentered : rmsprop),
    ],
    [tf.AdamOptimizer, () => adam],
    [tf.AdamaxOptimizer, () => adamax],
  ];
  for (const [{ prototype }, formOf] of forms) {
    const original = prototype.applyGradients;
    prototype.applyGradients = function (this: Optimizer, gradients: Gradients): void {
      const backend = tf.backend();
      const isKnown = backend instanceof LockstepBackend && variablesOf(gradients).every(isFloat);
      if (!isKnown) {
        original.call(this, gradients as never);
        return;
      }
      step(backend, this, formOf(this), gradients);
      Reflect.apply(Reflect.get(this, 'incrementIterations'), this, []);
    };
  }
}

const isFloat = ({ variable }: { readonly variable: Variable }) => variable.dtype === 'float32';
