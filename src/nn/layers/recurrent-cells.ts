import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import type { Tensor } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import { recur } from '../functions/recurrent.js';
import { gru, type Kind, lstm } from '../functions/recurrent-kinds.js';
import { stepsOf } from '../functions/steps.js';
import type { LinearOptions } from './affine.js';
import { Module } from './module.js';
import {
  checkState,
  kindOf,
  type LSTMState,
  lstmState,
  makeWeights,
  plainState,
  readMaking,
  type StateForm,
} from './recurrent-parts.js';

export interface RNNCellOptions extends LinearOptions {
  /** Default `'tanh'`. */
  readonly nonlinearity?: 'tanh' | 'relu';
}

const OPTIONS: OptionNames<LinearOptions> = { bias: true, dtype: true, generator: true };
const RNN_OPTIONS: OptionNames<RNNCellOptions> = { ...OPTIONS, nonlinearity: true };

abstract class Cell<State> extends Module<State, [x: Tensor, hidden?: State]> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  readonly #kind: Kind;
  readonly #form: StateForm<State>;

  constructor(
    kind: Kind,
    form: StateForm<State>,
    inputSize: number,
    hiddenSize: number,
    options: LinearOptions,
  ) {
    super();
    const making = readMaking(inputSize, hiddenSize, options);
    const { ih, hh, biases } = makeWeights(kind.gates, inputSize, hiddenSize, making);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.weightIh = ih;
    this.weightHh = hh;
    this.biasIh = biases?.[0] ?? null;
    this.biasHh = biases?.[1] ?? null;
    this.#kind = kind;
    this.#form = form;
  }

  /**
   * @param x [batch, inputSize] or [inputSize].
   * @param hidden [batch, hiddenSize] or [hiddenSize], for LSTM both h and c. Default: zeros.
   * @returns as hidden.
   */
  override forward(x: Tensor, hidden?: State): State {
    const [h, c] = hidden === undefined ? [] : this.#form.read(hidden);
    const { weightIh: ih, weightHh: hh, biasIh, biasHh, inputSize, hiddenSize } = this;
    checkSameType('x', x, ih);
    const { shape } = x;
    if ((shape.length !== 1 && shape.length !== 2) || shape.at(-1) !== inputSize) {
      throw new RangeError(
        `x must have shape [batch, ${inputSize}] or [${inputSize}], got ${showShape(shape)}`,
      );
    }
    const batch = shape.length === 2 ? shape[0] : 1;
    const stateShape = [...shape.slice(0, -1), hiddenSize];
    const isCell = this.#kind.hasCell;
    const initial = (name: string, state: unknown) =>
      state === undefined ? null : checkState(name, state, hh, stateShape).reshape([batch, hiddenSize]);
    const states = { h: initial(isCell ? 'hidden.h' : 'hidden', h), c: initial('hidden.c', c) };
    const biases = biasIh === null || biasHh === null ? null : ([biasIh, biasHh] as const);
    const steps = stepsOf(Int32Array.of(batch), false);
    const recurred = recur(this.#kind, x.reshape([batch, inputSize]), steps, { ih, hh, biases }, states);
    return this.#form.make(
      () => recurred.out.reshape(stateShape),
      () => recurred.lastCells().reshape(stateShape),
    );
  }
}

/** One step of an `RNN` of one layer, as torch.nn.RNNCell: `weightIh`, `weightHh`, `biasIh` and `biasHh`. */
export class RNNCell extends Cell<Tensor> {
  readonly nonlinearity: 'tanh' | 'relu';

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    checkOptions('RNNCell', options, RNN_OPTIONS);
    const { nonlinearity = 'tanh', ...rest } = options;
    super(kindOf(nonlinearity), plainState, inputSize, hiddenSize, rest);
    this.nonlinearity = nonlinearity;
  }
}

/** One step of a `GRU` of one layer, as torch.nn.GRUCell; parameters as {@link RNNCell}. */
export class GRUCell extends Cell<Tensor> {
  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(inputSize: number, hiddenSize: number, options: LinearOptions = {}) {
    checkOptions('GRUCell', options, OPTIONS);
    super(gru, plainState, inputSize, hiddenSize, options);
  }
}

/** One step of an `LSTM` of one layer, as torch.nn.LSTMCell; parameters as {@link RNNCell}. */
export class LSTMCell extends Cell<LSTMState> {
  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(inputSize: number, hiddenSize: number, options: LinearOptions = {}) {
    checkOptions('LSTMCell', options, OPTIONS);
    super(lstm, lstmState, inputSize, hiddenSize, options);
  }
}
