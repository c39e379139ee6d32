import type { Module, Tensor } from '../../src/nn/index.js';
import type { Lockstep, Nn } from '../lockstep.js';
import { numbers } from '../work/work.js';

/** How large the networks are: one choice for figures, another that shows that it works. */
export interface Sizes {
  readonly batch: number;
  readonly hidden: readonly [number, number];
  readonly channels: readonly [number, number];
  /** The width of the layer after the convolutions. */
  readonly dense: number;
  /** The side of an image, a multiple of 4. */
  readonly side: number;
  readonly positions: number;
  readonly width: number;
}

export const full: Sizes = {
  batch: 128,
  hidden: [512, 256],
  channels: [32, 64],
  dense: 128,
  side: 28,
  positions: 64,
  width: 128,
};

export const tiny: Sizes = {
  batch: 4,
  hidden: [8, 6],
  channels: [2, 3],
  dense: 16,
  side: 8,
  positions: 4,
  width: 8,
};

export const sizesOf = (quick: boolean): Sizes => (quick ? tiny : full);

export const CLASSES = 10;
export const LETTERS = 65;
export const HEADS = 4;

/**
 * Batches of inputs, and of labels, that take turns in what is measured. Each input meets each label in turn: nothing can
 * be learnt by heart, so that losses and gradients keep their size for as long as it takes.
 */
export const BATCHES = 8;
export const LABELS = 9;

/** What a step learns from: a tensor, and the class of each row of what the network makes of it. */
export interface Examples {
  readonly x: Tensor;
  readonly y: Int32Array;
}

/** One of the networks that training is measured and checked with. */
export interface Network {
  readonly name: string;
  readonly optimizer: 'Adam' | 'AdamW';
  /** Samples to a step. */
  readonly batch: number;
  /** The layers, as the generator of `manualSeed()` starts them. */
  model(nn: Nn): Module;
  examples(nn: Nn, seed: number): Examples;
}

/** Whole numbers below `limit`. */
export function classes(length: number, limit: number, seed: number): Int32Array {
  return Int32Array.from(numbers(length, seed), (x) => Math.floor(((x + 3) / 6) * limit));
}

export function mlp({ batch, hidden, side }: Sizes): Network {
  const pixels = side * side;
  return {
    name: `MLP ${[pixels, ...hidden, CLASSES].join('-')}, batch ${batch}, Adam`,
    optimizer: 'Adam',
    batch,
    model: (nn) =>
      new nn.Sequential(
        new nn.Linear(pixels, hidden[0]),
        new nn.ReLU(),
        new nn.Linear(hidden[0], hidden[1]),
        new nn.ReLU(),
        new nn.Linear(hidden[1], CLASSES),
      ),
    examples: (nn, seed) => ({
      x: nn.tensor(numbers(batch * pixels, seed), [batch, pixels]),
      y: classes(batch, CLASSES, seed),
    }),
  };
}

export function cnn({ batch: most, channels: [first, second], dense, side }: Sizes): Network {
  const batch = most / 2;
  return {
    name: `CNN ${first}-${second} 3x3, ${side}x${side}, batch ${batch}, Adam`,
    optimizer: 'Adam',
    batch,
    model: (nn) =>
      new nn.Sequential(
        new nn.Conv2d(1, first, 3, { padding: 'same' }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(first, second, 3, { padding: 'same' }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear((second * side * side) / 16, dense),
        new nn.ReLU(),
        new nn.Linear(dense, CLASSES),
      ),
    examples: (nn, seed) => ({
      x: nn.tensor(numbers(batch * side * side, seed), [batch, side, side, 1]),
      y: classes(batch, CLASSES, seed),
    }),
  };
}

export function transformer({ batch: most, positions, width }: Sizes): Network {
  const batch = most / 4;
  return {
    name: `transformer of 2 layers, ${width} wide, ${positions} positions, batch ${batch}, AdamW`,
    optimizer: 'AdamW',
    batch,
    model(nn) {
      const layer = () => [
        new nn.Residual(
          new nn.Sequential(
            new nn.LayerNorm(width),
            new nn.MultiHeadAttention(width, HEADS, { causal: true }),
          ),
        ),
        new nn.Residual(
          new nn.Sequential(
            new nn.LayerNorm(width),
            new nn.Linear(width, 4 * width),
            new nn.GELU(),
            new nn.Linear(4 * width, width),
          ),
        ),
      ];
      return new nn.Sequential(
        new nn.Embedding(LETTERS, width),
        ...layer(),
        ...layer(),
        new nn.Linear(width, LETTERS),
      );
    },
    examples: (nn, seed) => ({
      x: nn.tensor(Float32Array.from(classes(batch * positions, LETTERS, seed)), [batch, positions]),
      y: classes(batch * positions, LETTERS, seed + 1),
    }),
  };
}

/** All that take turns: a function from the number of a step to its examples. */
export function takeTurns(network: Network, nn: Nn): (step: number) => Examples {
  const all = Array.from({ length: LABELS }, (_, b) => network.examples(nn, b + 1));
  return (step) => ({ x: all[step % BATCHES].x, y: all[step % LABELS].y });
}

export const networks = { mlp, cnn, transformer };

export type NetworkName = keyof typeof networks;

export const networkNames = ['mlp', 'cnn', 'transformer'] as const satisfies readonly NetworkName[];

/** A training step: forward pass, loss, gradient, step of the optimizer. Returns the loss. */
export function stepOf(
  { lockstep, nn }: { readonly lockstep: Lockstep; readonly nn: Nn },
  optimizer: Network['optimizer'],
  model: Module,
): (examples: Examples) => Tensor {
  const rule = new lockstep[optimizer](model.parameters());
  return ({ x, y }) => {
    rule.zeroGrad();
    const loss = nn.crossEntropy(model.forward(x).reshape([y.length, -1]), y);
    loss.backward();
    rule.step();
    return loss;
  };
}
