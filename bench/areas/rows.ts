import { workArea } from '../work/area.js';
import { numbers, type Work } from '../work/work.js';

type Shape = readonly [rows: number, columns: number];

const shapes: readonly Shape[] = [
  [128, 1000],
  [4096, 512],
];

/** Softmax, normalisations, losses and reductions over the rows of a matrix. */
export const rows = workArea(
  'row-wise operations, Gelement/s, float32',
  shapes.flatMap(workOver),
  workOver([3, 17]),
);

function workOver([height, width]: Shape): Work[] {
  const size = height * width;
  const text = `[${height}, ${width}]`;
  const make = `x = 6 * torch.rand(${height}, ${width}) - 3`;
  const shape = [height, width];
  const piece = (name: string, least: number | undefined, rest: Pick<Work, 'prepare' | 'pytorch'>): Work => ({
    name: `${name} ${text}`,
    elements: size,
    targets: least === undefined ? {} : { pytorch: least },
    ...rest,
  });
  const reduction = (name: 'sum' | 'mean' | 'amax', axis: number): Work =>
    piece(`${name} along axis ${axis}`, undefined, {
      prepare({ lockstep }) {
        const x = numbers(size);
        const out = new Float32Array(size / shape[axis]);
        return () => lockstep[name](x, { shape, axes: axis, out });
      },
      pytorch: { setup: make, steps: { call: `torch.${name}(x, ${axis})` } },
    });
  return [
    piece('softmax', 1.5, {
      prepare({ lockstep }) {
        const [x, out] = [numbers(size), new Float32Array(size)];
        return () => lockstep.softmax(x, { shape, out });
      },
      pytorch: {
        setup: `${make}\ny = torch.empty_like(x)`,
        steps: { call: 'torch.softmax(x, 1)', out: 'torch._softmax(x, 1, False, out=y)' },
      },
    }),
    piece('layer norm forward', 1.5, {
      prepare({ kernels }) {
        const [x, weight, bias] = [numbers(size), numbers(width, 2), numbers(width, 3)];
        const [mean, rstd, y] = [new Float32Array(height), new Float32Array(height), new Float32Array(size)];
        return () => kernels().layerNormForward(height, width, 1e-5, x, weight, bias, mean, rstd, y);
      },
      pytorch: {
        setup: `${make}\nw, b = torch.rand(${width}), torch.rand(${width})`,
        steps: { call: `with torch.no_grad(): functional.layer_norm(x, (${width},), w, b)` },
      },
    }),
    piece('layer norm forward + backward', 1.5, {
      prepare({ kernels }) {
        const [x, weight, bias, dy] = [numbers(size), numbers(width, 2), numbers(width, 3), numbers(size, 4)];
        const [mean, rstd, y] = [new Float32Array(height), new Float32Array(height), new Float32Array(size)];
        const [dx, dWeight, dBias] = [
          new Float32Array(size),
          new Float32Array(width),
          new Float32Array(width),
        ];
        return () => {
          const k = kernels();
          k.layerNormForward(height, width, 1e-5, x, weight, bias, mean, rstd, y);
          k.layerNormBackward(height, width, 0, x, weight, mean, rstd, dy, dx, dWeight, dBias);
        };
      },
      pytorch: {
        setup: [
          `${make}\nx.requires_grad_()`,
          `w, b = torch.rand(${width}, requires_grad=True), torch.rand(${width}, requires_grad=True)`,
          `g = torch.rand(${height}, ${width})`,
        ].join('\n'),
        steps: {
          call: `x.grad = w.grad = b.grad = None\nfunctional.layer_norm(x, (${width},), w, b).backward(g)`,
        },
      },
    }),
    piece('RMS norm forward', undefined, {
      prepare({ kernels }) {
        const [x, weight] = [numbers(size), numbers(width, 2)];
        const [rstd, y] = [new Float32Array(height), new Float32Array(size)];
        return () => kernels().rmsNormForward(height, width, 1e-5, x, weight, rstd, y);
      },
      // PyTorch 1.13 has no such function: what its users write.
      pytorch: {
        setup: `${make}\nw = torch.rand(${width})`,
        steps: { composed: 'x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-5) * w' },
      },
    }),
    piece('cross-entropy forward + backward', 1.5, {
      prepare({ kernels }) {
        const logits = numbers(size);
        const labels = Int32Array.from({ length: height }, (_, r) => (r * 7) % width);
        const [losses, gradient, loss] = [
          new Float32Array(height),
          new Float32Array(size),
          new Float32Array(1),
        ];
        return () => {
          const k = kernels();
          k.crossEntropy(height, width, 0, logits, labels, losses, gradient);
          k.sum(1, height, 1, 1 / height, losses, loss);
          k.mulScalar(size, 1 / height, gradient, gradient);
        };
      },
      pytorch: {
        setup: `${make}\nx.requires_grad_()\nlabels = torch.randint(0, ${width}, (${height},))`,
        steps: { call: 'x.grad = None\nfunctional.cross_entropy(x, labels).backward()' },
      },
    }),
    ...(['sum', 'mean', 'amax'] as const).flatMap((name) => [reduction(name, 0), reduction(name, 1)]),
  ];
}
