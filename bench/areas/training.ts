import type { Module, Tensor } from '../../src/nn/index.js';
import { workArea } from '../work/area.js';
import { type Library, numbers, type Work } from '../work/work.js';

interface Sizes {
  readonly batch: number;
  readonly hidden: readonly [number, number];
  readonly channels: readonly [number, number];
  /** The side of an image, a multiple of 4. */
  readonly side: number;
  readonly positions: number;
  readonly width: number;
}

const full: Sizes = {
  batch: 128,
  hidden: [512, 256],
  channels: [32, 64],
  side: 28,
  positions: 64,
  width: 128,
};
const tiny: Sizes = { batch: 4, hidden: [8, 6], channels: [2, 3], side: 8, positions: 4, width: 8 };

const CLASSES = 10;
const LETTERS = 65;
const HEADS = 4;

/** Whole training steps: forward pass, loss, gradient, step of the optimizer. */
export const training = workArea('training, samples/s, float32', networks(full), networks(tiny), 1);

/** Whole numbers below `limit`. */
function classes(length: number, limit: number): Int32Array {
  return Int32Array.from(numbers(length), (x) => Math.floor(((x + 3) / 6) * limit));
}

type Optimizer = 'Adam' | 'AdamW';

function stepOf({ lockstep, nn }: Library, optimizer: Optimizer, model: Module, x: Tensor, y: Int32Array) {
  const rule = new lockstep[optimizer](model.parameters());
  return () => {
    rule.zeroGrad();
    nn.crossEntropy(model.forward(x).reshape([y.length, -1]), y).backward();
    rule.step();
  };
}

/** PyTorch's loop over `model`, `x` and `y`, with its optimizer's loop and with its way of one call for all parameters. */
function pytorchOf(optimizer: Optimizer, setup: string, layouts: readonly string[] = ['']) {
  const rules = ['', '_foreach'].flatMap((way) =>
    layouts.map(
      (layout) =>
        `rule${way}${layout} = torch.optim.${optimizer}(model${layout}.parameters(), foreach=${way ? 'True' : 'False'})`,
    ),
  );
  const step = (way: string, layout: string) =>
    [
      `rule${way}${layout}.zero_grad(set_to_none=True)`,
      `functional.cross_entropy(model${layout}(x${layout}), y).backward()`,
      `rule${way}${layout}.step()`,
    ].join('\n');
  const ways = ['', '_foreach'].flatMap((way) =>
    layouts.map((layout) => [`loop${way}${layout}`, step(way, layout)] as const),
  );
  return { setup: [setup, ...rules].join('\n'), steps: Object.fromEntries(ways) };
}

function networks({ batch, hidden, channels, side, positions, width }: Sizes): Work[] {
  return [
    {
      name: `MLP ${[side * side, ...hidden, CLASSES].join('-')}, batch ${batch}, Adam`,
      elements: batch,
      targets: { pytorch: 2 },
      prepare(library) {
        const { nn } = library;
        const model = new nn.Sequential(
          new nn.Linear(side * side, hidden[0]),
          new nn.ReLU(),
          new nn.Linear(hidden[0], hidden[1]),
          new nn.ReLU(),
          new nn.Linear(hidden[1], CLASSES),
        );
        const x = nn.tensor(numbers(batch * side * side), [batch, side * side]);
        return stepOf(library, 'Adam', model, x, classes(batch, CLASSES));
      },
      pytorch: pytorchOf(
        'Adam',
        `L, R = torch.nn.Linear, torch.nn.ReLU
model = torch.nn.Sequential(
    L(${side * side}, ${hidden[0]}), R(), L(${hidden[0]}, ${hidden[1]}), R(), L(${hidden[1]}, ${CLASSES}))
x, y = torch.rand(${batch}, ${side * side}), torch.randint(0, ${CLASSES}, (${batch},))`,
      ),
    },
    convolutional(batch / 2, channels, side),
    transformer(batch / 4, positions, width),
  ];
}

function convolutional(batch: number, [first, second]: readonly [number, number], side: number): Work {
  const features = (second * side * side) / 16;
  return {
    name: `CNN ${first}-${second} 3x3, ${side}x${side}, batch ${batch}, Adam`,
    elements: batch,
    targets: { pytorch: 1.5 },
    prepare(library) {
      const { nn } = library;
      const model = new nn.Sequential(
        new nn.Conv2d(1, first, 3, { padding: 'same' }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(first, second, 3, { padding: 'same' }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(features, 128),
        new nn.ReLU(),
        new nn.Linear(128, CLASSES),
      );
      const x = nn.tensor(numbers(batch * side * side), [batch, side, side, 1]);
      return stepOf(library, 'Adam', model, x, classes(batch, CLASSES));
    },
    pytorch: pytorchOf(
      'Adam',
      `C, L, R, P = torch.nn.Conv2d, torch.nn.Linear, torch.nn.ReLU, torch.nn.MaxPool2d
def make():
    return torch.nn.Sequential(
        C(1, ${first}, 3, padding=1), R(), P(2), C(${first}, ${second}, 3, padding=1), R(), P(2),
        torch.nn.Flatten(), L(${features}, 128), R(), L(128, ${CLASSES}))
model, model_last = make(), make().to(memory_format=torch.channels_last)
x, y = torch.rand(${batch}, 1, ${side}, ${side}), torch.randint(0, ${CLASSES}, (${batch},))
x_last = x.to(memory_format=torch.channels_last)`,
      ['', '_last'],
    ),
  };
}

function transformer(batch: number, positions: number, width: number): Work {
  return {
    name: `transformer of 2 layers, ${width} wide, ${positions} positions, batch ${batch}, AdamW`,
    elements: batch,
    targets: { pytorch: 1.5 },
    prepare(library) {
      const { nn } = library;
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
      const model = new nn.Sequential(
        new nn.Embedding(LETTERS, width),
        ...layer(),
        ...layer(),
        new nn.Linear(width, LETTERS),
      );
      const x = nn.tensor(Float32Array.from(classes(batch * positions, LETTERS)), [batch, positions]);
      return stepOf(library, 'AdamW', model, x, classes(batch * positions, LETTERS));
    },
    pytorch: pytorchOf(
      'AdamW',
      `class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.letters = torch.nn.Embedding(${LETTERS}, ${width})
        self.layers = torch.nn.ModuleList([torch.nn.TransformerEncoderLayer(
            ${width}, ${HEADS}, ${4 * width}, 0.0, "gelu", batch_first=True, norm_first=True) for _ in range(2)])
        self.head = torch.nn.Linear(${width}, ${LETTERS})
        self.mask = torch.triu(torch.full((${positions}, ${positions}), float("-inf")), 1)
    def forward(self, x):
        h = self.letters(x)
        for layer in self.layers:
            h = layer(h, self.mask)
        return self.head(h).flatten(0, 1)
model = Model()
x = torch.randint(0, ${LETTERS}, (${batch}, ${positions}))
y = torch.randint(0, ${LETTERS}, (${batch * positions},))`,
    ),
  };
}
