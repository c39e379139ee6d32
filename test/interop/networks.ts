// The networks of test/golden/interop.py.
import * as nn from '../../src/nn/index.js';

export interface Entry {
  readonly shape: number[];
  readonly value: number[];
  readonly counts?: boolean;
}
type Entries = Record<string, Entry>;

interface Training {
  readonly optimizer:
    | 'SGD'
    | 'Adagrad'
    | 'Adadelta'
    | 'RMSprop'
    | 'Adam'
    | 'AdamW'
    | 'Adamax'
    | 'RAdam'
    | 'ASGD'
    | 'Rprop';
  readonly options: object;
  readonly order: string[];
  readonly before: Entries;
  readonly states: Entries;
  readonly positions: string[];
  readonly after: Entries;
}

export interface Golden {
  readonly state: Entries;
  readonly inputs: Entries;
  readonly outputs: Entries;
  readonly batch: Entry;
  readonly rows: Entry;
  readonly trainings: Training[];
}

const f64 = { dtype: 'float64' } as const;

/** As a file of safetensors has them. */
export function stored(entries: Entries) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, { value, shape, counts = false }]) => [
      name,
      { value: counts ? BigInt64Array.from(value, BigInt) : Float64Array.from(value), shape },
    ]),
  );
}

export const leaf = ({ value, shape }: Entry) => nn.tensor(value, shape, f64);

/** The networks of test/golden/interop.py. */
export class Networks extends nn.Module<never, never[]> {
  readonly images = new nn.Sequential(
    new nn.Conv2d(2, 4, [3, 2], { stride: [2, 1], padding: [1, 0], groups: 2, ...f64 }),
    new nn.BatchNorm2d(4, f64),
    new nn.ReLU(),
    new nn.ConvTranspose2d(4, 6, 2, { stride: 2, groups: 2, ...f64 }),
    new nn.GroupNorm(2, 6, f64),
    new nn.InstanceNorm2d(6, { affine: true, ...f64 }),
    new nn.PReLU({ numParameters: 6, ...f64 }),
    new nn.MaxPool2d(2),
    new nn.Conv2d(6, 3, 1, { bias: false, ...f64 }),
    new nn.BatchNorm2d(3, { affine: false, ...f64 }),
    new nn.Flatten(),
    new nn.Dropout(),
    new nn.Linear(36, 5, f64),
  );
  readonly sequences = new nn.Sequential(
    new nn.Conv1d(2, 4, 3, { padding: 1, ...f64 }),
    new nn.BatchNorm1d(4, f64),
    new nn.ConvTranspose1d(4, 3, 2, { stride: 2, ...f64 }),
    new nn.InstanceNorm1d(3, f64),
    new nn.Flatten(),
    new nn.Linear(30, 2, f64),
  );
  readonly encoder = new nn.TransformerEncoder(
    () => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, activation: 'gelu', ...f64 }),
    2,
  );
  readonly decoder = new nn.TransformerDecoder(
    () => new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 6, normFirst: true, ...f64 }),
    2,
    { norm: new nn.LayerNorm(4, f64) },
  );
  readonly attention = new nn.MultiHeadAttention(4, 2, { bias: false, ...f64 });
  readonly lstm = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, ...f64 });
  readonly gru = new nn.GRU(3, 4, { batchFirst: true, ...f64 });
  readonly rnn = new nn.RNN(3, 4, { nonlinearity: 'relu', bias: false, ...f64 });
  readonly lstmCell = new nn.LSTMCell(3, 4, f64);
  readonly gruCell = new nn.GRUCell(3, 4, f64);
  readonly words = new nn.Embedding(7, 4, f64);
  readonly bilinear = new nn.Bilinear(2, 3, 4, f64);
  readonly norm = new nn.LayerNorm([3, 4], { elementwiseAffine: false, ...f64 });

  override forward(): never {
    throw new Error('each is called by itself');
  }
}

/** The trained network of test/golden/interop.py. */
export class Net extends nn.Module<nn.Tensor, []> {
  readonly attention = new nn.MultiHeadAttention(4, 2, { bias: false, ...f64 });
  readonly images = new nn.Sequential(
    new nn.Conv2d(1, 2, 2, f64),
    new nn.Tanh(),
    new nn.Flatten(),
    new nn.Linear(18, 4, f64),
  );

  readonly #golden: Golden;

  constructor(golden: Golden) {
    super();
    this.#golden = golden;
  }

  override forward(): nn.Tensor {
    const golden = this.#golden;
    const y = leaf(golden.rows).add(this.images.forward(leaf(golden.batch)).unsqueeze(1));
    return nn.mean(this.attention.forward(y).square());
  }
}
