import type { Activation } from '../../backend/contract/activations.js';
import { UNARY } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/stream.js';
import type { FloatArray } from '../../core/types.js';

/** The arrays of one step, of which a kind of layer takes its own: for those that it has not, others stand. */
export interface Arrays {
  readonly rows: number;
  readonly width: number;
  /** The states before. */
  readonly before: FloatArray;
  readonly cellBefore: FloatArray;
  /** The sums of the gates, which become their values, and going back their gradients. */
  readonly sums: FloatArray;
  /** What of the sums comes from the state, where that is apart. */
  readonly hidden: FloatArray;
  readonly cell: FloatArray;
  readonly out: FloatArray;
}

export interface Slopes extends Arrays {
  /** The gradients of the output, and of the states behind the step: they become those of the states before. */
  readonly dy: FloatArray;
  readonly dh: FloatArray;
  readonly dc: FloatArray;
}

/** A kind of recurrent layer. */
export interface Kind {
  readonly name: string;
  /** How many sums make a number of the state. */
  readonly gates: number;
  /** What the product with the state, which completes the sums, is put under. */
  readonly activation: Activation;
  /** Whether there is a second state, that of the cells. */
  readonly hasCell: boolean;
  /** Whether the sums of the state are apart from those of the input. */
  readonly isApart: boolean;
  readonly forward: (arrays: Arrays) => void;
  readonly backward: (slopes: Slopes) => void;
}

function plain(activation: 'tanh' | 'relu'): Kind {
  return {
    name: 'rnn',
    gates: 1,
    activation,
    hasCell: false,
    isApart: false,
    forward() {},
    backward({ out, dy, dh }) {
      const { length } = out;
      kernels().add(0, 1, 1, length, dy, dh, dy);
      kernels()[UNARY[activation].backward](length, out, dy, dy);
    },
  };
}

export const tanhRnn = plain('tanh');
export const reluRnn = plain('relu');

export const lstm: Kind = {
  name: 'lstm',
  gates: 4,
  activation: 'none',
  hasCell: true,
  isApart: false,
  forward({ rows, width, cellBefore, sums, cell, out }) {
    kernels().lstmForward(rows, width, cellBefore, sums, cell, out);
  },
  backward({ rows, width, cellBefore, sums, cell, dy, dh, dc }) {
    kernels().lstmBackward(rows, width, cellBefore, cell, dy, dh, sums, dc);
  },
};

export const gru: Kind = {
  name: 'gru',
  gates: 3,
  activation: 'none',
  hasCell: false,
  isApart: true,
  forward({ rows, width, before, sums, hidden, out }) {
    kernels().gruForward(rows, width, before, hidden, sums, out);
  },
  backward({ rows, width, before, sums, hidden, dy, dh }) {
    kernels().gruBackward(rows, width, before, dy, sums, hidden, dh);
  },
};
