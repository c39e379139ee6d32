import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkBoolean, checkInteger, checkProbability, isObject } from '../../core/validate.js';
import { Tensor } from '../engine/tensor.js';
import { checkSameType } from '../functions/check.js';
import { dropout } from '../functions/dropout.js';
import { embedding } from '../functions/embedding.js';
import { join } from '../functions/join.js';
import { type PackedSequence, readPacked } from '../functions/packed.js';
import { permute } from '../functions/permute.js';
import { type Recurred, recur, type Weights } from '../functions/recurrent.js';
import { gru, type Kind, lstm } from '../functions/recurrent-kinds.js';
import { type Steps, stepsOf } from '../functions/steps.js';
import type { LinearOptions } from './affine.js';
import { Module } from './module.js';
import {
  checkState,
  kindOf,
  type LSTMState,
  lstmState,
  makeWeights,
  once,
  plainState,
  readMaking,
  type StateForm,
} from './recurrent-parts.js';

/** What {@link LSTM} and {@link GRU} take. */
export interface RecurrentOptions extends LinearOptions {
  /** How many layers there are: each takes what the one before gives. Default 1. */
  readonly numLayers?: number;
  /** Whether x and what is made of it are [batch, steps, ...] rather than [steps, batch, ...]; hidden never is. Default false. */
  readonly batchFirst?: boolean;
  /** How probable it is that a number between two layers is dropped in training. Default 0. */
  readonly dropout?: number;
  /** Whether each layer also goes backwards, its output twice as wide. Default false. */
  readonly bidirectional?: boolean;
}

export interface RNNOptions extends RecurrentOptions {
  /** Default `'tanh'`. */
  readonly nonlinearity?: 'tanh' | 'relu';
}

const OPTIONS: OptionNames<RecurrentOptions> = {
  numLayers: true,
  bias: true,
  batchFirst: true,
  dropout: true,
  bidirectional: true,
  dtype: true,
  generator: true,
};

const RNN_OPTIONS: OptionNames<RNNOptions> = { ...OPTIONS, nonlinearity: true };

/** What a recurrent layer gives. */
export interface RecurrentResult<Sequence, State> {
  /** [steps, batch, directions hiddenSize], as x is: the last layer's state behind every step. */
  readonly output: Sequence;
  /** [layers directions, batch, hiddenSize]: every state behind the last step. Made when it is read: before backward(). */
  readonly hidden: State;
}

/** The sequences as a layer goes through them. */
interface Sequences {
  /** [rows of all steps, features]. */
  readonly data: Tensor;
  readonly batchSizes: Int32Array;
  readonly sorted: Int32Array | null;
  readonly unsorted: Int32Array | null;
  /** The dimensions of a state between layers and features: none where x has no batch. */
  readonly batch: readonly number[];
}

type Inputs<State> = [x: Tensor | PackedSequence, hidden?: State];

abstract class Recurrent<State> extends Module<
  RecurrentResult<Tensor | PackedSequence, State>,
  Inputs<State>
> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** `weightIhL0`, `weightHhL0`, `biasIhL0`, `biasHhL0`, then those of `L0Reverse`, `L1` ... */
  readonly [weight: `weight${'Ih' | 'Hh'}L${string}`]: Tensor;
  readonly [bias: `bias${'Ih' | 'Hh'}L${string}`]: Tensor | undefined;
  readonly #kind: Kind;
  readonly #form: StateForm<State>;
  readonly #weights: readonly Weights[];

  constructor(
    kind: Kind,
    form: StateForm<State>,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions,
  ) {
    super();
    const making = readMaking(inputSize, hiddenSize, options);
    const { numLayers = 1, batchFirst = false, dropout: probability = 0, bidirectional = false } = options;
    checkInteger('numLayers', numLayers, 1);
    checkBoolean('batchFirst', batchFirst);
    checkProbability(probability, 'dropout');
    checkBoolean('bidirectional', bidirectional);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.batchFirst = batchFirst;
    this.dropout = probability;
    this.bidirectional = bidirectional;
    this.#kind = kind;
    this.#form = form;
    this.#weights = this.#places().map((place, k) => {
      const inputs = k < this.#directions ? inputSize : this.#directions * hiddenSize;
      const weights = makeWeights(kind.gates, inputs, hiddenSize, making);
      const { ih, hh, biases } = weights;
      Object.assign(this, { [`weightIh${place}`]: ih, [`weightHh${place}`]: hh });
      if (biases !== null)
        Object.assign(this, { [`biasIh${place}`]: biases[0], [`biasHh${place}`]: biases[1] });
      return weights;
    });
  }

  get #directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** PyTorch's `_l0`, `_l0_reverse` ... as the ends of names here. */
  #places(): string[] {
    const ends = this.bidirectional ? ['', 'Reverse'] : [''];
    return Array.from({ length: this.numLayers }, (_, layer) => ends.map((end) => `L${layer}${end}`)).flat();
  }

  /**
   * @param x [steps, batch, inputSize], [batch, steps, inputSize] with `batchFirst`, [steps, inputSize] without a batch, or
   * sequences that are packed.
   * @param hidden the states before the first step, as the result has them. Default: zeros.
   */
  override forward(x: Tensor, hidden?: State): RecurrentResult<Tensor, State>;
  override forward(x: PackedSequence, hidden?: State): RecurrentResult<PackedSequence, State>;
  override forward(
    x: Tensor | PackedSequence,
    hidden?: State,
  ): RecurrentResult<Tensor | PackedSequence, State>;
  override forward(
    x: Tensor | PackedSequence,
    hidden?: State,
  ): RecurrentResult<Tensor | PackedSequence, State> {
    const sequences = this.#read(x);
    const initial = this.#initial(hidden, sequences);
    const parts: Recurred[] = [];
    const steps = [false, true]
      .slice(0, this.#directions)
      .map((isReverse) => stepsOf(sequences.batchSizes, isReverse));
    let { data } = sequences;
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0 && this.training) data = dropout(data, this.dropout);
      const own = steps.map((one, direction) => {
        const k = layer * this.#directions + direction;
        return recur(this.#kind, data, one, this.#weights[k], { h: initial.h[k], c: initial.c[k] });
      });
      parts.push(...own);
      const [rows] = data.shape;
      const outs = own.map(({ out }) => out);
      data = outs.length === 1 ? outs[0] : join(outs, rows, [rows, outs.length * this.hiddenSize]);
    }
    const state = once(() => this.#state(parts, steps, sequences));
    return {
      output: this.#restore(x, data, sequences),
      get hidden() {
        return state();
      },
    };
  }

  #read(x: Tensor | PackedSequence): Sequences {
    const [{ hh }] = this.#weights;
    const features = this.inputSize;
    if (!(x instanceof Tensor) && isObject(x)) {
      const { data, batchSizes, sortedIndices, unsortedIndices } = readPacked('x', x);
      checkSameType('x.data', data, hh);
      if (data.shape.length !== 2 || data.shape[1] !== features) {
        throw new RangeError(`x.data must have shape [rows, ${features}], got ${showShape(data.shape)}`);
      }
      return { data, batchSizes, sorted: sortedIndices, unsorted: unsortedIndices, batch: [batchSizes[0]] };
    }
    checkSameType('x', x, hh);
    const { shape } = x;
    if ((shape.length !== 3 && shape.length !== 2) || shape.at(-1) !== features) {
      const dimensions = this.batchFirst ? 'batch, steps' : 'steps, batch';
      throw new RangeError(
        `x must have shape [${dimensions}, ${features}] or [steps, ${features}], got ${showShape(shape)}`,
      );
    }
    const ordered = this.batchFirst && shape.length === 3 ? permute(x, { axes: [1, 0, 2] }) : x;
    const [steps, count] = shape.length === 2 ? [shape[0], 1] : ordered.shape;
    return {
      data: ordered.reshape([steps * count, features]),
      batchSizes: new Int32Array(steps).fill(count),
      sorted: null,
      unsorted: null,
      batch: shape.length === 2 ? [] : [count],
    };
  }

  /** What the last layer gives for all rows, as x has its rows. */
  #restore(x: Tensor | PackedSequence, data: Tensor, { batchSizes, sorted, unsorted, batch }: Sequences) {
    if (!(x instanceof Tensor)) {
      return { data, batchSizes, sortedIndices: sorted, unsortedIndices: unsorted };
    }
    const output = data.reshape([batchSizes.length, ...batch, data.shape[1]]);
    return this.batchFirst && batch.length > 0 ? permute(output, { axes: [1, 0, 2] }) : output;
  }

  /** The initial states [batch, hidden] of each layer and direction, in the order in which the sequences are here. */
  #initial(hidden: State | undefined, { batchSizes, sorted, batch }: Sequences) {
    const [[count], parts] = [batchSizes, this.#weights.length];
    const shape = [parts, ...batch, this.hiddenSize];
    const split = (name: string, state: unknown) => {
      const checked = checkState(name, state, this.#weights[0].hh, shape);
      const rows = checked.reshape([parts * count, this.hiddenSize]);
      if (parts === 1 && sorted === null) return [rows];
      return this.#weights.map((_, k) =>
        embedding(
          rows,
          Int32Array.from({ length: count }, (_, i) => k * count + (sorted?.[i] ?? i)),
        ),
      );
    };
    const none = this.#weights.map(() => null);
    if (hidden === undefined) return { h: none, c: none };
    const [h, c] = this.#form.read(hidden);
    if (!this.#kind.hasCell) return { h: split('hidden', h), c: none };
    return { h: split('hidden.h', h), c: split('hidden.c', c) };
  }

  #state(parts: readonly Recurred[], steps: readonly Steps[], { unsorted, batch }: Sequences): State {
    const shape = [parts.length, ...batch, this.hiddenSize];
    const whole = (tensors: readonly Tensor[]) =>
      tensors.length === 1 ? tensors[0].reshape(shape) : join(tensors, 1, shape);
    const inOrder = (last: Int32Array) => unsorted?.map((i) => last[i]) ?? last;
    return this.#form.make(
      () => whole(parts.map(({ out }, k) => embedding(out, inOrder(steps[k % steps.length].last)))),
      () =>
        whole(
          parts.map(({ lastCells }) => (unsorted === null ? lastCells() : embedding(lastCells(), unsorted))),
        ),
    );
  }
}

/**
 * h = tanh(x weightIh^T + biasIh + h weightHh^T + biasHh) from step to step: Elman 1990,
 * https://doi.org/10.1207/s15516709cog1402_1; or relu. As torch.nn.RNN, with its parameters: `weightIhL0` is its `weight_ih_l0`,
 * `biasHhL1Reverse` its `bias_hh_l1_reverse`. They start uniform in +-1 / sqrt(hiddenSize).
 */
export class RNN extends Recurrent<Tensor> {
  readonly nonlinearity: 'tanh' | 'relu';

  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    checkOptions('RNN', options, RNN_OPTIONS);
    const { nonlinearity = 'tanh', ...rest } = options;
    super(kindOf(nonlinearity), plainState, inputSize, hiddenSize, rest);
    this.nonlinearity = nonlinearity;
  }
}

/**
 * Gated recurrent units: Cho et al. 2014, https://arxiv.org/abs/1406.1078, with the gate r on the state's product, as
 * torch.nn.GRU has it. Rows of the weights are those of the gates r, z and n. Names and initial numbers as {@link RNN}.
 */
export class GRU extends Recurrent<Tensor> {
  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkOptions('GRU', options, OPTIONS);
    super(gru, plainState, inputSize, hiddenSize, options);
  }
}

/**
 * Long short-term memory: Hochreiter & Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735, with a forget gate, as
 * torch.nn.LSTM has it. Rows of the weights are those of the gates i, f, g and o. Names and initial numbers as {@link RNN}.
 */
export class LSTM extends Recurrent<LSTMState> {
  /** @throws TypeError or RangeError naming the argument that does not fit. */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkOptions('LSTM', options, OPTIONS);
    super(lstm, lstmState, inputSize, hiddenSize, options);
  }
}
