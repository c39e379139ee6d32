import type { Size } from './inputs.js';
import type { Row, Step } from './row.js';

/** Losses of x and their gradients by it. */
const losses: Readonly<Record<string, Step>> = {
  mse: { ours: 'nn.mse(x, y)', torch: 'functional.mse_loss(x, y)' },
  l1: { ours: 'nn.l1(x, y)', torch: 'functional.l1_loss(x, y)' },
  smoothL1: { ours: 'nn.smoothL1(x, y)', torch: 'functional.smooth_l1_loss(x, y)' },
  huber: { ours: 'nn.huber(x, y)', torch: 'functional.huber_loss(x, y)' },
  bceWithLogits: {
    ours: 'nn.bceWithLogits(x, p)',
    torch: 'functional.binary_cross_entropy_with_logits(x, p)',
  },
  klDiv: {
    ours: "nn.klDiv(x, p, { reduction: 'batchmean' })",
    torch: "functional.kl_div(x, p, reduction='batchmean')",
  },
  nll: { ours: 'nn.nll(x, labels)', torch: 'functional.nll_loss(x, labels)' },
  crossEntropy: { ours: 'nn.crossEntropy(x, labels)', torch: 'functional.cross_entropy(x, labels)' },
  'crossEntropy, smoothed': {
    ours: 'nn.crossEntropy(x, labels, { labelSmoothing: 0.1 })',
    torch: 'functional.cross_entropy(x, labels, label_smoothing=0.1)',
  },
  hingeEmbedding: { ours: 'nn.hingeEmbedding(x, s)', torch: 'functional.hinge_embedding_loss(x, s)' },
  cosineEmbedding: {
    setup: {
      ours: 'const side = nn.tensor(Float32Array.from({ length: rows }, (_, r) => (r % 2 === 0 ? 1 : -1)), [rows])',
      torch: 'side = torch.tensor([1.0, -1.0]).repeat(rows // 2)',
    },
    ours: 'nn.cosineEmbedding(x, y, side)',
    torch: 'functional.cosine_embedding_loss(x, y, side)',
  },
  tripletMargin: { ours: 'nn.tripletMargin(x, y, z)', torch: 'functional.triplet_margin_loss(x, y, z)' },
};

export function lossRows({ shape, text }: Size): Row[] {
  return Object.entries(losses).map(([name, step]): Row => {
    return {
      name: `${name}, gradient ${text}`,
      shape,
      step,
      leaves: ['x'],
      targets: { pytorch: 1 },
    };
  });
}

/** Sequences of `steps`, of a batch, with targets of a third of their length. */
export function ctcRow(steps: number, batch: number, classes: number): Row {
  const length = Math.floor(steps / 3);
  return {
    name: `CTC and log-softmax, gradient, ${steps} steps, batch ${batch}, ${classes} classes`,
    shape: [steps * batch, classes],
    step: {
      setup: {
        ours: `const targets = Int32Array.from({ length: ${batch * length} }, (_, n) => 1 + (7 * n) % ${classes - 1});
        const [from, to] = [new Int32Array(${batch}).fill(${steps}), new Int32Array(${batch}).fill(${length})]`,
        torch: `targets = 1 + (7 * torch.arange(${batch * length})) % ${classes - 1}
counts, to = torch.full((${batch},), ${steps}), torch.full((${batch},), ${length})`,
      },
      ours: `nn.ctc(nn.logSoftmax(x.reshape([${steps}, ${batch}, ${classes}]), 2), targets, from, to)`,
      torch: `functional.ctc_loss(functional.log_softmax(x.reshape(${steps}, ${batch}, ${classes}), 2), targets, counts, to)`,
    },
    leaves: ['x'],
    targets: { pytorch: 1 },
  };
}
