import { backwardWays, clearGradients } from './gradients.js';
import { numbers, type Work } from './work.js';

/** Normalisations of the rows of a matrix: forward passes as they are in evaluation, and gradients of all operands. */
export function normalizations([height, width]: readonly [rows: number, columns: number]): Work[] {
  const size = height * width;
  const name = (text: string) => `${text} [${height}, ${width}]`;
  const rows = [height, width];
  const random = `6 * torch.rand(${height}, ${width}) - 3`;
  const affine = `w, b = torch.ones(${width}), torch.zeros(${width})`;
  const layerNormArrays = () => ({
    x: numbers(size),
    weight: new Float32Array(width).fill(1),
    bias: new Float32Array(width),
    mean: new Float32Array(height),
    rstd: new Float32Array(height),
    y: new Float32Array(size),
  });
  return [
    {
      name: name('layer norm forward'),
      elements: size,
      demand: { elements: size, reads: 1, writes: 1 },
      targets: { pytorch: 1.5 },
      prepare({ nn }) {
        const [layer, x] = [new nn.LayerNorm(width), nn.tensor(numbers(size), rows)];
        return { step: () => nn.noGrad(() => void layer.forward(x)) };
      },
      prepareKernels({ kernels }) {
        const { x, weight, bias, mean, rstd, y } = layerNormArrays();
        return {
          step: () => kernels().layerNormForward(height, width, 1e-5, x, weight, bias, mean, rstd, y),
        };
      },
      pytorch: {
        setup: `x = ${random}\n${affine}`,
        ways: { call: { step: `with torch.no_grad(): functional.layer_norm(x, (${width},), w, b)` } },
      },
    },
    {
      name: name('layer norm forward + backward'),
      elements: size,
      demand: { elements: size, reads: 2, writes: 1 },
      targets: { pytorch: 1.5 },
      prepare({ nn }) {
        const layer = new nn.LayerNorm(width);
        const x = nn.tensor(numbers(size), rows, { requiresGrad: true });
        const g = nn.tensor(numbers(size, 4), rows);
        return {
          step() {
            clearGradients(x, layer.weight, layer.bias);
            layer.forward(x).mul(g).sum().backward();
          },
        };
      },
      prepareKernels({ kernels }) {
        const { x, weight, bias, mean, rstd, y } = layerNormArrays();
        const [dy, dx] = [numbers(size, 4), new Float32Array(size)];
        const [dWeight, dBias] = [new Float32Array(width), new Float32Array(width)];
        return {
          step() {
            const k = kernels();
            k.layerNormForward(height, width, 1e-5, x, weight, bias, mean, rstd, y);
            k.layerNormBackward(height, width, 0, x, weight, mean, rstd, dy, dx, dWeight, dBias);
          },
        };
      },
      pytorch: {
        setup: `x = (${random}).requires_grad_()\n${affine}\nw.requires_grad_(), b.requires_grad_()\ng = ${random}`,
        ways: backwardWays(['x', 'w', 'b'], `(functional.layer_norm(x, (${width},), w, b) * g).sum()`),
      },
    },
    {
      name: name('RMS norm forward'),
      elements: size,
      demand: { elements: size, reads: 1, writes: 1 },
      targets: {},
      prepare({ nn }) {
        const [layer, x] = [new nn.RMSNorm(width), nn.tensor(numbers(size), rows)];
        return { step: () => nn.noGrad(() => void layer.forward(x)) };
      },
      prepareKernels({ kernels }) {
        const { x, weight, rstd, y } = layerNormArrays();
        return { step: () => kernels().rmsNormForward(height, width, 1e-5, x, weight, rstd, y) };
      },
      // A function of newer versions, and what users of older ones write.
      pytorch: {
        setup: `x = ${random}\nw = torch.ones(${width})`,
        ways: {
          call: { step: `with torch.no_grad(): functional.rms_norm(x, (${width},), w, 1e-5)` },
          composed: {
            step: 'with torch.no_grad(): x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-5) * w',
          },
        },
      },
    },
  ];
}
