import type { Size } from './inputs.js';
import type { Row, Sides } from './row.js';

/** Activations by PyTorch's functional names: values, and gradients by x. */
const activations: Readonly<Record<string, Sides>> = {
  relu: { ours: 'nn.relu(x)', torch: 'torch.relu(x)' },
  gelu: { ours: 'nn.gelu(x)', torch: 'functional.gelu(x)' },
  silu: { ours: 'nn.silu(x)', torch: 'functional.silu(x)' },
  softplus: { ours: 'nn.softplus(x)', torch: 'functional.softplus(x)' },
  leakyReLU: { ours: 'nn.leakyRelu(x)', torch: 'functional.leaky_relu(x)' },
  elu: { ours: 'nn.elu(x)', torch: 'functional.elu(x)' },
  selu: { ours: 'nn.selu(x)', torch: 'functional.selu(x)' },
  hardswish: { ours: 'nn.hardswish(x)', torch: 'functional.hardswish(x)' },
  hardsigmoid: { ours: 'nn.hardsigmoid(x)', torch: 'functional.hardsigmoid(x)' },
  hardtanh: { ours: 'nn.hardtanh(x)', torch: 'functional.hardtanh(x)' },
  relu6: { ours: 'nn.relu6(x)', torch: 'functional.relu6(x)' },
  mish: { ours: 'nn.mish(x)', torch: 'functional.mish(x)' },
  logSigmoid: { ours: 'nn.logsigmoid(x)', torch: 'functional.logsigmoid(x)' },
};

export function activationRows({ shape, text }: Size): Row[] {
  return Object.entries(activations).flatMap(([name, { ours, torch }]): Row[] => {
    const common = { shape, targets: { pytorch: 1 } };
    return [
      { ...common, name: `${name} ${text}`, step: { ours, torch } },
      {
        ...common,
        name: `${name}, gradient ${text}`,
        step: { ours: `nn.mul(${ours}, y).sum()`, torch: `(${torch} * y).sum()` },
        leaves: ['x'],
      },
    ];
  });
}

/** A layer with a weight and a bias, and the input of it as PyTorch has it, channels second: ours come last. */
interface Layer {
  readonly name: string;
  readonly make: Sides;
  readonly input: readonly number[];
  readonly least: number;
}

/** The gradients by input, weight and bias. */
function layerRow({ name, make, input, least }: Layer): Row {
  const [batch, channels, ...places] = input;
  return {
    name: `${name} [${input.join(', ')}], gradients`,
    shape: [1, 1],
    elements: input.reduce((product, length) => product * length, 1),
    step: {
      setup: {
        ours: `const layer = ${make.ours}; const { weight: w, bias: b } = layer;
        const x = nn.rand([${[batch, ...places, channels]}], { requiresGrad: true });
        const y = nn.rand(layer.forward(x).shape)`,
        torch: `layer = ${make.torch}\nw, b = layer.weight, layer.bias\nx = torch.rand(${input.join(', ')})\ny = torch.rand(layer(x).shape)`,
      },
      ours: 'layer.forward(x).mul(y).sum()',
      torch: '(layer(x) * y).sum()',
    },
    leaves: ['x', 'w', 'b'],
    targets: { pytorch: least },
  };
}

/** Normalisations of images with so many channels. */
export function normalizationRows(
  input: readonly [batch: number, channels: number, height: number, width: number],
): Row[] {
  const channels = input[1];
  const layers: readonly Omit<Layer, 'input' | 'least'>[] = [
    {
      name: 'GroupNorm of 8 groups',
      make: { ours: `new nn.GroupNorm(8, ${channels})`, torch: `torch.nn.GroupNorm(8, ${channels})` },
    },
    {
      name: 'InstanceNorm2d',
      make: {
        ours: `new nn.InstanceNorm2d(${channels}, { affine: true })`,
        torch: `torch.nn.InstanceNorm2d(${channels}, affine=True)`,
      },
    },
    {
      name: 'BatchNorm2d',
      make: { ours: `new nn.BatchNorm2d(${channels})`, torch: `torch.nn.BatchNorm2d(${channels})` },
    },
  ];
  return layers.map((layer) => layerRow({ ...layer, input, least: 1 }));
}

/** A convolution of lines, and one of images the other way. */
export function convolutionRows(
  sizes: Readonly<{ line: readonly number[]; image: readonly number[] }>,
  out: number,
): Row[] {
  const [inLine, inImage] = [sizes.line[1], sizes.image[1]];
  return [
    layerRow({
      name: `Conv1d to ${out}, kernel 5`,
      make: { ours: `new nn.Conv1d(${inLine}, ${out}, 5)`, torch: `torch.nn.Conv1d(${inLine}, ${out}, 5)` },
      input: sizes.line,
      least: 1.3,
    }),
    layerRow({
      name: `ConvTranspose2d to ${out / 4}, kernel 4, stride 2, padding 1`,
      make: {
        ours: `new nn.ConvTranspose2d(${inImage}, ${out / 4}, 4, { stride: 2, padding: 1 })`,
        torch: `torch.nn.ConvTranspose2d(${inImage}, ${out / 4}, 4, stride=2, padding=1)`,
      },
      input: sizes.image,
      least: 1.3,
    }),
  ];
}
