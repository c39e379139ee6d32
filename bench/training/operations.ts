import { CLASSES, LETTERS, type NetworkName, type Sizes } from './networks.js';

/** Multiplications and additions of a network's matrix products, convolutions among them; nothing else is counted. */
interface Products {
  /** Of the forward pass of one sample. */
  readonly all: number;
  /** Of these, those of the first layer where it multiplies the input: nothing wants the gradient of that. */
  readonly first: number;
}

type Count = (sizes: Sizes) => Products;

const product = (m: number, n: number, k: number) => 2 * m * n * k;

const counts: Readonly<Record<NetworkName, Count>> = {
  mlp({ hidden, side }) {
    const widths = [side * side, ...hidden, CLASSES];
    const layers = widths.slice(1).map((width, i) => product(1, width, widths[i]));
    return { all: sum(layers), first: layers[0] };
  },

  cnn({ channels: [one, two], dense, side }) {
    const first = product(side * side, one, 9);
    const layers = [
      first,
      product((side * side) / 4, two, 9 * one),
      product(1, dense, (two * side * side) / 16),
      product(1, CLASSES, dense),
    ];
    return { all: sum(layers), first };
  },

  transformer({ positions, width }) {
    // A position attends to itself and those before it: scores, and the sum of the values that they weigh.
    const attention = 2 * product((positions * (positions + 1)) / 2, 1, width);
    const dense = 4 * product(positions, width, width) + 2 * product(positions, 4 * width, width);
    return { all: 2 * (attention + dense) + product(positions, LETTERS, width), first: 0 };
  },
};

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, x) => total + x, 0);
}

/** Of the forward pass of a batch. */
export function forwardOperations(name: NetworkName, sizes: Sizes, batch: number): number {
  return batch * counts[name](sizes).all;
}

/** Of a training step: backwards, each product becomes two as large, for the gradients of its two factors. */
export function trainingOperations(name: NetworkName, sizes: Sizes, batch: number): number {
  const { all, first } = counts[name](sizes);
  return batch * (3 * all - first);
}
