// What onnx.test.ts writes: every layer with options that matter, and its inputs.
import * as nn from '../../src/nn/index.js';
import type { AnyModule } from '../../src/nn/layers/module.js';

nn.manualSeed(11);
export const random = (...shape: number[]) => nn.randn(shape);
export const words = (...shape: number[]) =>
  nn.tensor(
    Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (3 * i + 1) % 7),
    shape,
  );

export const image = () => random(2, 6, 7, 4);
const line = () => random(2, 7, 4);
export const rows = () => random(3, 4);

/** A layer that has seen a batch in training. */
function observed(layer: nn.InstanceNorm2d): nn.InstanceNorm2d {
  layer.forward(image());
  return layer;
}

export const layers: Record<string, [AnyModule, ...nn.Tensor[]]> = {
  Linear: [new nn.Linear(4, 3), rows()],
  'Linear of more dimensions': [new nn.Linear(4, 3, { bias: false }), line()],
  Conv1d: [new nn.Conv1d(4, 6, 3, { padding: 'same', groups: 2 }), line()],
  Conv2d: [new nn.Conv2d(4, 6, [3, 2], { stride: [1, 2], padding: [1, 0], dilation: [2, 1] }), image()],
  ConvTranspose1d: [new nn.ConvTranspose1d(4, 6, 3, { stride: 2, outputPadding: 1, bias: false }), line()],
  ConvTranspose2d: [
    new nn.ConvTranspose2d(4, 6, [3, 2], {
      stride: [3, 2],
      padding: [1, 0],
      outputPadding: [2, 1],
      groups: 2,
    }),
    image(),
  ],
  MaxPool1d: [new nn.MaxPool1d(3, { stride: 2, padding: 1, dilation: 2 }), line()],
  MaxPool2d: [new nn.MaxPool2d([3, 2], { stride: 2, ceilMode: true, padding: [1, 0] }), image()],
  AvgPool1d: [new nn.AvgPool1d(3, { stride: 3, padding: 1, ceilMode: true, countIncludePad: false }), line()],
  AvgPool2d: [new nn.AvgPool2d(3, { stride: 2, padding: 1 }), image()],
  'AvgPool2d, only by ceilMode': [new nn.AvgPool2d(3, { stride: 2, ceilMode: true }), image()],
  'ConvTranspose1d, more outputs than the stride': [
    new nn.ConvTranspose1d(4, 6, 3, { dilation: 2, padding: 2, outputPadding: 1 }),
    line(),
  ],
  AdaptiveMaxPool1d: [new nn.AdaptiveMaxPool1d(3), line()],
  AdaptiveMaxPool2d: [new nn.AdaptiveMaxPool2d([4, null]), image()],
  AdaptiveAvgPool1d: [new nn.AdaptiveAvgPool1d(3), line()],
  AdaptiveAvgPool2d: [new nn.AdaptiveAvgPool2d([4, null]), image()],
  GlobalAvgPool2d: [new nn.GlobalAvgPool2d(), image()],
  'Upsample, nearest': [new nn.Upsample({ scaleFactor: [1.5, 2] }), image()],
  'Upsample, bilinear': [new nn.Upsample({ size: [9, 5], mode: 'bilinear' }), image()],
  'Upsample, corners': [new nn.Upsample({ scaleFactor: 2, mode: 'linear', alignCorners: true }), line()],
  BatchNorm1d: [new nn.BatchNorm1d(4), rows()],
  'BatchNorm1d of sequences': [new nn.BatchNorm1d(4), line()],
  BatchNorm2d: [new nn.BatchNorm2d(4, { eps: 0.1 }), image()],
  InstanceNorm1d: [new nn.InstanceNorm1d(4, { affine: true }), line()],
  InstanceNorm2d: [new nn.InstanceNorm2d(4), image()],
  'InstanceNorm2d by running statistics': [
    observed(new nn.InstanceNorm2d(4, { trackRunningStats: true })),
    image(),
  ],
  GroupNorm: [new nn.GroupNorm(2, 4), image()],
  'GroupNorm of rows': [new nn.GroupNorm(2, 4), rows()],
  LayerNorm: [new nn.LayerNorm([7, 4]), line()],
  RMSNorm: [new nn.RMSNorm(4), line()],
  Embedding: [new nn.Embedding(7, 3), words(2, 4)],
  SinusoidalPositions: [new nn.SinusoidalPositions(), line()],
  Bilinear: [new nn.Bilinear(4, 3, 2), random(2, 5, 4), random(2, 5, 3)],
  MultiHeadAttention: [new nn.MultiHeadAttention(4, 2), line()],
  'MultiHeadAttention, causal, to others': [
    new nn.MultiHeadAttention(4, 2, { causal: true }),
    line(),
    random(2, 9, 4),
  ],
  TransformerEncoder: [
    new nn.TransformerEncoder(
      () => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 5, activation: 'gelu' }),
      2,
    ),
    line(),
  ],
  TransformerDecoderLayer: [
    new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 5, normFirst: true }),
    line(),
    random(2, 3, 4),
  ],
  RNN: [new nn.RNN(4, 3, { nonlinearity: 'relu', bias: false }), line()],
  GRU: [new nn.GRU(4, 3, { batchFirst: true, bidirectional: true }), line()],
  LSTM: [new nn.LSTM(4, 3, { numLayers: 2, bidirectional: true }), line()],
  'GRU with a state': [new nn.GRU(4, 3, { numLayers: 2 }), line(), random(2, 7, 3)],
  Flatten: [new nn.Flatten(), image()],
  Unflatten: [new nn.Unflatten(-1, [2, 2]), rows()],
  Dropout: [new nn.Dropout(), rows()],
  Softmax: [new nn.Softmax(1), line()],
  LogSoftmax: [new nn.LogSoftmax(), line()],
  LeakyReLU: [new nn.LeakyReLU(0.2), rows()],
  ELU: [new nn.ELU(0.5), rows()],
  Softplus: [new nn.Softplus({ beta: 2 }), rows()],
  'Softplus with a threshold': [new nn.Softplus({ beta: 2, threshold: 0.5 }), rows()],
  Hardtanh: [new nn.Hardtanh({ minVal: -0.5 }), rows()],
  ReLU6: [new nn.ReLU6(), rows()],
  GLU: [new nn.GLU(), rows()],
  Tanhshrink: [new nn.Tanhshrink(), rows()],
  PReLU: [new nn.PReLU({ numParameters: 4 }), image()],
  'GELU by tanh': [new nn.GELU({ approximate: 'tanh' }), rows()],
  ...Object.fromEntries(
    (
      [
        'ReLU',
        'Tanh',
        'Sigmoid',
        'SiLU',
        'GELU',
        'SELU',
        'Hardswish',
        'Hardsigmoid',
        'Mish',
        'LogSigmoid',
        'Softsign',
      ] as const
    ).map((name) => [name, [new nn[name](), rows()]]),
  ),
  'a network over images': [
    new nn.Sequential(
      new nn.Conv2d(4, 6, 3, { padding: 1 }),
      new nn.BatchNorm2d(6),
      new nn.ReLU(),
      new nn.Residual(new nn.Sequential(new nn.Conv2d(6, 6, 3, { padding: 1 }), new nn.SiLU())),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Dropout(),
      new nn.Linear(54, 5),
    ),
    image(),
  ],
};
