// The networks that end in the same bits for every number of ranks: trained by ranks of MPI (training.mjs, over the package that is built),
// and by ranks inside of one process (test/train/leaves/).
import { Adagrad, AdamW, SGD, SophiaG, SWATS } from 'lockstep';
import * as nn from 'lockstep/nn';

/** The last batch of an epoch has 11 rows. */
const ROWS = 43;

/** Has a layer, used twice, that some micro-batches leave out: its parameters have no gradient before the first one that does not. */
class Sometimes extends nn.Module {
  inner = new nn.Linear(8, 8);
  /** @param {nn.Tensor} x */
  forward(x) {
    const [first] = x.value;
    return this.training && first < 0 ? x : nn.add(x, this.inner.forward(nn.tanh(this.inner.forward(x))));
  }
}

/** Tables of which micro-batches use a few rows, now of the one, now of the other. */
class Words extends nn.Module {
  tables = [new nn.Embedding(6, 4, { sparse: true }), new nn.Embedding(6, 4, { sparse: true })];
  output = new nn.Linear(4, 2);
  /** @param {nn.Tensor} x */
  forward(x) {
    const words = Int32Array.from({ length: x.shape[0] }, (_, row) => Math.abs(6 * x.value[3 * row]) % 6);
    const [first] = x.value;
    return this.output.forward(this.tables[first < 0 ? 0 : 1].forward(words));
  }
}

/** Has a parameter for each of eight ranks, as an optimizer needs that measures all of them together. */
const deep = () =>
  new nn.Sequential(
    ...[8, 6, 4].flatMap((wide, i, all) => [new nn.Linear(all[i - 1] ?? 3, wide), new nn.Tanh()]),
    new nn.Linear(4, 2),
  );

/**
 * @typedef {object} Network
 * @property {readonly number[]} shape
 * @property {() => nn.Module} model
 * @property {(params: nn.Tensor[]) => SophiaG | AdamW | Adagrad | SGD | SWATS} optimizer
 * @property {Partial<import('lockstep/train').FitOptions<Int32Array>>} [options]
 */

/** @type {Readonly<Record<string, Network>>} */
export const networks = {
  mlp: {
    shape: [3],
    model: () => new nn.Sequential(new nn.Linear(3, 8), new Sometimes(), new nn.Tanh(), new nn.Linear(8, 2)),
    optimizer: (params) =>
      new SophiaG(params, { lr: 0.02, betas: [0.9, 0.5], rho: 10, batchSize: 16, hessianInterval: 2 }),
    options: {
      sampledLoss: (output, generator) => nn.crossEntropy(output, nn.sampleCategorical(output, generator)),
    },
  },
  cnn: {
    shape: [6, 6, 1],
    model: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 4, 3),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.Dropout(0.2),
        new nn.Flatten(),
        new nn.Linear(64, 2),
      ),
    optimizer: (params) => new SGD(params, { lr: 0.05, momentum: 0.9 }),
  },
  transformer: {
    shape: [4, 8],
    model: () =>
      new nn.Sequential(
        new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0.1 }),
        new nn.Flatten(),
        new nn.Linear(32, 2),
      ),
    optimizer: (params) => new AdamW(params, { lr: 0.02 }),
    options: { clipGradNorm: 0.5 },
  },
  words: {
    shape: [3],
    model: () => new Words(),
    optimizer: (params) => new Adagrad(params, { lr: 0.1 }),
    options: { clipGradNorm: 0.3 },
  },
  swats: {
    shape: [3],
    model: deep,
    optimizer: (params) => new SWATS(params, { lr: 0.02, switchTolerance: 10 }),
  },
};

/**
 * @param {readonly number[]} shape
 * @returns {{ x: nn.Tensor, y: Int32Array }}
 */
export function examplesFor(shape) {
  const size = shape.reduce((product, length) => product * length, 1);
  const x = nn.tensor(
    Float32Array.from({ length: ROWS * size }, (_, i) => Math.sin(i * i)),
    [ROWS, ...shape],
  );
  return { x, y: Int32Array.from({ length: ROWS }, (_, i) => i % 2) };
}
