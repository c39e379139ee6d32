import { checkGenerator, type Generator } from '../../array/generator.js';
import { alignedZeros } from '../../backend/memory.js';
import { checkDType, type DType } from '../../core/dtypes.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean, checkInteger, checkOneOf, isObject, show } from '../../core/validate.js';
import { defaultGenerator } from '../engine/default-generator.js';
import { tensor } from '../engine/make-leaf.js';
import type { Tensor } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import type { Weights } from '../functions/recurrent.js';
import { type Kind, reluRnn, tanhRnn } from '../functions/recurrent-kinds.js';
import { uniform } from '../init.js';
import type { LinearOptions } from './affine.js';

/** What all weights of a layer or a cell have in common. */
export interface Making {
  readonly bias: boolean;
  readonly dtype: DType;
  readonly generator: Generator;
}

/** The options that a layer's weights are made with, checked. */
export function readMaking(inputSize: number, hiddenSize: number, options: LinearOptions): Making {
  checkInteger('inputSize', inputSize, 1);
  checkInteger('hiddenSize', hiddenSize, 1);
  const { bias = true, dtype = 'float32', generator = defaultGenerator() } = options;
  checkBoolean('bias', bias);
  checkDType('dtype', dtype);
  checkGenerator(generator);
  return { bias, dtype, generator };
}

/** Weights that start uniform in +-1 / sqrt(hidden), as PyTorch's do. */
export function makeWeights(
  gates: number,
  inputs: number,
  hidden: number,
  { bias, dtype, generator }: Making,
): Weights {
  const bound = 1 / Math.sqrt(hidden);
  const make = (...shape: [number, number?]) => {
    const lengths = shape.filter((length) => length !== undefined);
    const size = lengths.reduce((product, length) => product * length, 1);
    const one = tensor(alignedZeros(dtype, size), lengths, { requiresGrad: true });
    return uniform(one, -bound, bound, { generator });
  };
  const across = gates * hidden;
  const [ih, hh] = [make(across, inputs), make(across, hidden)];
  return { ih, hh, biases: bias ? [make(across), make(across)] : null };
}

/** The initial state must be [..., hidden] of the type of x. */
export function checkState(name: string, state: unknown, like: Tensor, shape: readonly number[]): Tensor {
  checkSameType(name, state, like);
  const fits = state.shape.length === shape.length && shape.every((length, d) => length === state.shape[d]);
  if (!fits) {
    throw new RangeError(`${name} must have shape ${showShape(shape)}, got ${showShape(state.shape)}`);
  }
  return state;
}

/** The states of an `LSTM`, or of an `LSTMCell`. */
export interface LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;
}

/** How users hold the states of a kind of layer: what of them is h and what is c, and the other way round. */
export interface StateForm<State> {
  readonly read: (hidden: unknown) => readonly [h: unknown, c?: unknown];
  readonly make: (h: () => Tensor, cells: () => Tensor) => State;
}

export const plainState: StateForm<Tensor> = { read: (hidden) => [hidden], make: (h) => h() };

export const lstmState: StateForm<LSTMState> = {
  read(hidden) {
    if (!isObject(hidden) || !('h' in hidden && 'c' in hidden)) {
      throw new TypeError(`hidden must be an object with h and c, got ${show(hidden)}`);
    }
    return [hidden.h, hidden.c];
  },
  // Who reads one of them alone pays nothing for the other.
  make(h, cells) {
    const [output, cell] = [once(h), once(cells)];
    return {
      get h() {
        return output();
      },
      get c() {
        return cell();
      },
    };
  },
};

/** The function, called once at most. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The kind of layer that has this function. */
export function kindOf(nonlinearity: 'tanh' | 'relu'): Kind {
  checkOneOf('nonlinearity', nonlinearity, ['tanh', 'relu']);
  return nonlinearity === 'tanh' ? tanhRnn : reluRnn;
}
