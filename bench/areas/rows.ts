import { workArea } from '../work/area.js';
import { backwardWays, clearGradients } from '../work/gradients.js';
import { normalizations } from '../work/normalizations.js';
import { numbers, type Work } from '../work/work.js';

export type Shape = readonly [rows: number, columns: number];

const shapes: readonly Shape[] = [
  [128, 1000],
  [4096, 512],
];

/** Softmax, normalisations, losses and reductions over the rows of a matrix. */
export const rows = workArea({
  summary: 'row-wise operations, Gelement/s, float32',
  work: shapes.flatMap(workOver),
  quickWork: workOver([3, 17]),
  notes: [
    'limit: a loop that reads each input and writes each result once. kernels: the same without tensors, autograd and',
    'memory of their own; no peer is compared with them. Gradients are of the sum of the results times given numbers.',
  ],
});

function workOver(shape: Shape): Work[] {
  return [
    softmax(shape),
    ...normalizations(shape),
    crossEntropy(shape),
    ...(['sum', 'mean', 'amax'] as const).flatMap((name) => [
      reduction(name, shape, 0),
      reduction(name, shape, 1),
    ]),
  ];
}

function softmax(shape: Shape): Work {
  const [height, width] = shape;
  const size = height * width;
  return {
    name: `softmax [${height}, ${width}]`,
    elements: size,
    demand: { elements: size, reads: 1, writes: 1 },
    targets: { pytorch: 1.5 },
    prepare({ lockstep }) {
      const [x, out] = [numbers(size), new Float32Array(size)];
      return { step: () => lockstep.softmax(x, { shape, out }) };
    },
    pytorch: {
      setup: `x = 6 * torch.rand(${height}, ${width}) - 3\ny = torch.empty_like(x)`,
      ways: {
        call: { step: 'torch.softmax(x, 1)' },
        out: { step: 'torch._softmax(x, 1, False, out=y)' },
      },
    },
  };
}

function crossEntropy([height, width]: Shape): Work {
  const size = height * width;
  const labels = Int32Array.from({ length: height }, (_, r) => (r * 7) % width);
  return {
    name: `cross-entropy forward + backward [${height}, ${width}]`,
    elements: size,
    demand: { elements: size, reads: 1, writes: 1 },
    targets: { pytorch: 1.5 },
    prepare({ nn }) {
      const x = nn.tensor(numbers(size), [height, width], { requiresGrad: true });
      return {
        step() {
          clearGradients(x);
          nn.crossEntropy(x, labels).backward();
        },
      };
    },
    prepareKernels({ kernels }) {
      const [logits, losses] = [numbers(size), new Float32Array(height)];
      const [gradient, loss] = [new Float32Array(size), new Float32Array(1)];
      return {
        step() {
          const k = kernels();
          k.crossEntropy(height, width, 0, logits, labels, losses, gradient);
          k.sum(1, height, 1, 1 / height, losses, loss);
          k.mulScalar(size, 1 / height, gradient, gradient);
        },
      };
    },
    pytorch: {
      setup: [
        `x = (6 * torch.rand(${height}, ${width}) - 3).requires_grad_()`,
        `labels = torch.arange(${height}) * 7 % ${width}`,
      ].join('\n'),
      ways: backwardWays(['x'], 'functional.cross_entropy(x, labels)'),
    },
  };
}

function reduction(name: 'sum' | 'mean' | 'amax', shape: Shape, axis: 0 | 1): Work {
  const [height, width] = shape;
  const size = height * width;
  return {
    name: `${name} along axis ${axis} [${height}, ${width}]`,
    elements: size,
    demand: { elements: size, reads: 1, writes: 0 },
    targets: {},
    prepare({ lockstep }) {
      const [x, out] = [numbers(size), new Float32Array(size / shape[axis])];
      return { step: () => lockstep[name](x, { shape, axes: axis, out }) };
    },
    pytorch: {
      setup: `x = 6 * torch.rand(${height}, ${width}) - 3\ny = torch.empty(${size / shape[axis]})`,
      ways: {
        call: { step: `torch.${name}(x, ${axis})` },
        out: { step: `torch.${name}(x, ${axis}, out=y)` },
      },
    },
  };
}
