import type { Statements, Way } from '../peers/pytorch.js';
import {
  BATCHES,
  CLASSES,
  HEADS,
  LABELS,
  LETTERS,
  type Network,
  type NetworkName,
  type Sizes,
} from './networks.js';

/** PyTorch's networks. */
interface Source {
  /** Defines what `makes` need, and `inputs()` and `labels()`, which make a batch each. */
  readonly setup: string;
  /** Ways to make `model`, and to change the inputs `xs` for it. */
  readonly makes: Readonly<Record<string, string>>;
}

type SourceOf = (sizes: Sizes, batch: number) => Source;

const sources: Readonly<Record<NetworkName, SourceOf>> = {
  mlp: ({ hidden, side }, batch) => ({
    setup: `L, R = torch.nn.Linear, torch.nn.ReLU
def make():
    return torch.nn.Sequential(
        L(${side * side}, ${hidden[0]}), R(), L(${hidden[0]}, ${hidden[1]}), R(), L(${hidden[1]}, ${CLASSES}))
def inputs():
    return 6 * torch.rand(${batch}, ${side * side}) - 3
def labels():
    return torch.randint(0, ${CLASSES}, (${batch},))`,
    makes: { '': 'model = make()' },
  }),

  cnn: ({ channels: [first, second], dense, side }, batch) => ({
    setup: `C, L, R, P = torch.nn.Conv2d, torch.nn.Linear, torch.nn.ReLU, torch.nn.MaxPool2d
def make():
    return torch.nn.Sequential(
        C(1, ${first}, 3, padding=1), R(), P(2), C(${first}, ${second}, 3, padding=1), R(), P(2),
        torch.nn.Flatten(), L(${(second * side * side) / 16}, ${dense}), R(), L(${dense}, ${CLASSES}))
def inputs():
    return 6 * torch.rand(${batch}, 1, ${side}, ${side}) - 3
def labels():
    return torch.randint(0, ${CLASSES}, (${batch},))`,
    makes: {
      '': 'model = make()',
      'channels-last ':
        'model = make().to(memory_format=torch.channels_last)\nxs = [x.to(memory_format=torch.channels_last) for x in xs]',
    },
  }),

  transformer: ({ positions, width }, batch) => ({
    setup: `class Encoder(torch.nn.Module):
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
class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        L, N = torch.nn.Linear, torch.nn.LayerNorm
        self.one, self.two = N(${width}), N(${width})
        self.qkv, self.out = L(${width}, ${3 * width}), L(${width}, ${width})
        self.mlp = torch.nn.Sequential(L(${width}, ${4 * width}), torch.nn.GELU(), L(${4 * width}, ${width}))
    def forward(self, h):
        qkv = self.qkv(self.one(h)).view(${batch}, ${positions}, 3, ${HEADS}, ${width / HEADS}).permute(2, 0, 3, 1, 4)
        a = functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], is_causal=True)
        h = h + self.out(a.transpose(1, 2).reshape(${batch}, ${positions}, ${width}))
        return h + self.mlp(self.two(h))
class Blocks(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.letters = torch.nn.Embedding(${LETTERS}, ${width})
        self.layers = torch.nn.Sequential(Block(), Block())
        self.head = torch.nn.Linear(${width}, ${LETTERS})
    def forward(self, x):
        return self.head(self.layers(self.letters(x))).flatten(0, 1)
def inputs():
    return torch.randint(0, ${LETTERS}, (${batch}, ${positions}))
def labels():
    return torch.randint(0, ${LETTERS}, (${batch * positions},))`,
    makes: { '': 'model = Encoder()', 'fused-attention ': 'model = Blocks()' },
  }),
};

function setupOf({ setup }: Source): string {
  return [
    setup,
    `xs = [inputs() for _ in range(${BATCHES})]`,
    `ys = [labels() for _ in range(${LABELS})]`,
  ].join('\n');
}

const FORWARD = `model(xs[i % ${BATCHES}])`;

/** Training steps: a loop over the parameters, its way of one call for all of them, and one of a single kernel. */
export function trainingStatements(
  name: NetworkName,
  sizes: Sizes,
  { batch, optimizer }: Pick<Network, 'batch' | 'optimizer'>,
): Statements {
  const source = sources[name](sizes, batch);
  const rules = { loop: 'foreach=False', foreach: 'foreach=True', fused: 'fused=True' };
  const ways = Object.entries(source.makes).flatMap(([kind, make]) =>
    Object.entries(rules).map(([rule, option]): [string, Way] => [
      `${kind}${rule}`,
      {
        setup: `${make}\nrule = torch.optim.${optimizer}(model.parameters(), ${option})`,
        step: [
          'rule.zero_grad(set_to_none=True)',
          `functional.cross_entropy(${FORWARD}, ys[i % ${LABELS}]).backward()`,
          'rule.step()',
        ].join('\n'),
        check: [
          'loss = functional.cross_entropy(model(xs[0]), ys[0]).item()',
          'if not 0.1 < loss < 1000:',
          '    raise ValueError(f"the loss became {loss}: what was measured is void")',
        ].join('\n'),
      },
    ]),
  );
  return { setup: setupOf(source), ways: Object.fromEntries(ways) };
}

/** Forward passes: as they are, and compiled. */
export function inferenceStatements(name: NetworkName, sizes: Sizes, batch: number): Statements {
  const source = sources[name](sizes, batch);
  const step = `with torch.inference_mode():\n    ${FORWARD}`;
  const compile =
    'model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, xs[0], check_trace=False)))';
  // A compiled model compiles for good in its first steps.
  const warm = `with torch.inference_mode():\n    for x in xs:\n        model(x)`;
  const ways = Object.entries(source.makes).flatMap(([kind, make]): [string, Way][] => [
    [`${kind}module`, { setup: `${make}\nmodel.eval()`, step }],
    [`${kind}jit`, { setup: `${make}\nmodel.eval()\n${compile}\n${warm}`, step }],
  ]);
  return { setup: setupOf(source), ways: Object.fromEntries(ways) };
}
