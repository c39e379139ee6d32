import {
  CLASSES,
  cnn,
  full,
  HEADS,
  LETTERS,
  mlp,
  type Network,
  type NetworkName,
  stepOf,
  tiny,
  transformer,
} from '../training/networks.js';
import { workArea } from '../work/area.js';
import type { Work } from '../work/work.js';

/** What `tfjs-process.ts` prepares. */
type TfjsRequest = Readonly<{ network: NetworkName; quick: boolean }>;

/** Whole training steps: forward pass, loss, gradient, step of the optimizer. */
export const training = workArea('training, samples/s, float32', worksOf(false), worksOf(true), 1);

/** PyTorch's loop over `model`, `x` and `y`, with its optimizer's loop and with its way of one call for all parameters. */
function pytorchOf(optimizer: Network['optimizer'], setup: string, layouts: readonly string[] = ['']) {
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

function workOf(
  network: Network,
  request: TfjsRequest,
  least: number,
  setup: string,
  layouts?: readonly string[],
): Work {
  return {
    name: network.name,
    elements: network.batch,
    targets: { pytorch: least },
    prepare(library) {
      const step = stepOf(library, network.optimizer, network.model(library.nn));
      const examples = network.examples(library.nn, 1);
      return () => step(examples);
    },
    pytorch: pytorchOf(network.optimizer, setup, layouts),
    tfjs: { script: new URL('../training/tfjs-process.ts', import.meta.url), request },
  };
}

function worksOf(quick: boolean): Work[] {
  const sizes = quick ? tiny : full;
  const { hidden, channels, dense, side, positions, width } = sizes;
  const [first, second] = channels;
  const features = (second * side * side) / 16;
  const [perceptron, images, letters] = [mlp(sizes), cnn(sizes), transformer(sizes)];
  return [
    workOf(
      perceptron,
      { network: 'mlp', quick },
      2,
      `L, R = torch.nn.Linear, torch.nn.ReLU
model = torch.nn.Sequential(
    L(${side * side}, ${hidden[0]}), R(), L(${hidden[0]}, ${hidden[1]}), R(), L(${hidden[1]}, ${CLASSES}))
x, y = torch.rand(${perceptron.batch}, ${side * side}), torch.randint(0, ${CLASSES}, (${perceptron.batch},))`,
    ),
    workOf(
      images,
      { network: 'cnn', quick },
      1.5,
      `C, L, R, P = torch.nn.Conv2d, torch.nn.Linear, torch.nn.ReLU, torch.nn.MaxPool2d
def make():
    return torch.nn.Sequential(
        C(1, ${first}, 3, padding=1), R(), P(2), C(${first}, ${second}, 3, padding=1), R(), P(2),
        torch.nn.Flatten(), L(${features}, ${dense}), R(), L(${dense}, ${CLASSES}))
model, model_last = make(), make().to(memory_format=torch.channels_last)
x, y = torch.rand(${images.batch}, 1, ${side}, ${side}), torch.randint(0, ${CLASSES}, (${images.batch},))
x_last = x.to(memory_format=torch.channels_last)`,
      ['', '_last'],
    ),
    workOf(
      letters,
      { network: 'transformer', quick },
      1.5,
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
x = torch.randint(0, ${LETTERS}, (${letters.batch}, ${positions}))
y = torch.randint(0, ${LETTERS}, (${letters.batch * positions},))`,
    ),
  ];
}
