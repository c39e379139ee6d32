// What TensorFlow.js predicts with a model that was written here is what the model gives.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { toTensorFlowJs } from '../../src/interop/index.js';
import * as nn from '../../src/nn/index.js';
import { fileSystem } from '../../src/tfjs/index.js';

nn.manualSeed(5);
tf.env().set('IS_TEST', true); // no advice to install another package
await tf.setBackend('cpu');

const words = () => nn.tensor(Int32Array.of(1, 0, 6, 3, 2, 2), [2, 3]);
const image = () => nn.randn([2, 6, 8, 3]);
const line = () => nn.randn([2, 7, 3]);
const rows = () => nn.randn([4, 5]);

function used(model: nn.Sequential): nn.Sequential {
  for (const [name, tensor] of [...model.namedParameters(), ...model.namedBuffers()]) {
    const { value } = nn.randn([tensor.size]);
    tensor.value.set(
      name.endsWith('runningVar') ? value.map((x) => Math.abs(x) + 0.5) : value.map((x) => x / 2),
    );
  }
  return model;
}

function expectSame(model: nn.Sequential, loaded: tfl.LayersModel, x: nn.Tensor): void {
  expectTensor(model.eval().forward(x), loaded, x);
}

function expectTensor(expected: nn.Tensor, loaded: tfl.LayersModel, x: nn.Tensor): void {
  const predicted = loaded.predict(tf.tensor(Array.from(x.data), [...x.shape], 'float32'));
  if (Array.isArray(predicted)) throw new Error('one output is expected');
  expect(predicted.shape).toEqual(expected.shape);
  const data = predicted.dataSync();
  const worst = Math.max(
    ...Array.from(expected.value, (y, i) => Math.abs(y - data[i]) / Math.max(1, Math.abs(y))),
  );
  expect(worst).toBeLessThan(1e-5);
}

const models: Record<string, [nn.Sequential, nn.Tensor]> = {
  rows: [
    new nn.Sequential(
      new nn.Linear(5, 6),
      new nn.BatchNorm1d(6, { eps: 0.1 }),
      new nn.Sequential(new nn.Tanh(), new nn.Dropout(0.3), new nn.Linear(6, 4, { bias: false })),
      new nn.LayerNorm(4),
      new nn.LeakyReLU(0.2),
      new nn.Softmax(),
    ),
    rows(),
  ],
  images: [
    new nn.Sequential(
      new nn.Conv2d(3, 4, [3, 2], { padding: [1, 2], stride: [1, 2] }),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.Conv2d(4, 5, 3, { padding: 'same', dilation: 2, bias: false }),
      new nn.MaxPool2d(2),
      new nn.ConvTranspose2d(5, 2, [3, 2], { stride: 2 }),
      new nn.AvgPool2d([2, 1], { stride: 2 }),
      new nn.Flatten(),
      new nn.Linear(18, 3),
    ),
    image(),
  ],
  'images as a whole': [new nn.Sequential(new nn.Conv2d(3, 4, 1), new nn.GlobalAvgPool2d()), image()],
  sequences: [
    new nn.Sequential(
      new nn.Conv1d(3, 4, 3, { padding: 1 }),
      new nn.ELU(),
      new nn.MaxPool1d(2),
      new nn.Conv1d(4, 2, 2),
      new nn.AvgPool1d(2, { stride: 1 }),
    ),
    line(),
  ],
  words: [new nn.Sequential(new nn.Embedding(7, 4), new nn.Linear(4, 2), new nn.ReLU6()), words()],
  ...Object.fromEntries(
    (['Sigmoid', 'SiLU', 'GELU', 'SELU', 'Softsign', 'Mish'] as const).map((name) => [
      name,
      [new nn.Sequential(new nn[name]()), rows()],
    ]),
  ),
};

describe('TensorFlow.js predicts what is computed here', () => {
  it.each(Object.keys(models))('of %s', async (name) => {
    const [model, x] = models[name];
    const made = toTensorFlowJs(used(model), x.shape.slice(1));
    expectSame(model, await tfl.loadLayersModel(tf.io.fromMemory(made)), x);
  });

  it('through a folder', async () => {
    const path = mkdtempSync(join(tmpdir(), 'lockstep-tfjs-'));
    const [model, x] = models.images;
    toTensorFlowJs(model, [6, 8, 3], { path: join(path, 'deep', 'model') });
    expectSame(model, await tfl.loadLayersModel(fileSystem(join(path, 'deep', 'model', 'model.json'))), x);
    rmSync(path, { recursive: true });
  });
});

describe('of modules one after the other, recurrent ones among them', () => {
  const both = { batchFirst: true, bidirectional: true, numLayers: 2, dropout: 0.2 };
  const lists: Record<string, () => nn.AnyModule[]> = {
    LSTM: () => [new nn.Linear(3, 4), new nn.LSTM(4, 5, { batchFirst: true }), new nn.Linear(5, 2)],
    'LSTM of several layers, both ways': () => [
      new nn.LSTM(3, 4, both),
      new nn.Sequential(new nn.Linear(8, 2)),
    ],
    'two in a row': () => [
      new nn.LSTM(3, 4, { batchFirst: true, bias: false }),
      new nn.RNN(4, 5, { batchFirst: true, nonlinearity: 'relu' }),
    ],
    RNN: () => [new nn.RNN(3, 4, both)],
  };
  const isRecurrent = (module: nn.AnyModule) => module instanceof nn.LSTM || module instanceof nn.RNN;
  /** The state behind the last step, of both directions of the last layer. */
  const lastState = (module: nn.LSTM | nn.RNN, x: nn.Tensor) => {
    const h = module instanceof nn.LSTM ? module.forward(x).hidden.h : module.forward(x).hidden;
    const directions = module.bidirectional ? 2 : 1;
    return nn.cat(
      Array.from({ length: directions }, (_, d) => h.select(0, h.shape[0] - directions + d)),
      1,
    );
  };

  it.each(Object.keys(lists))('%s', async (name) => {
    const modules = lists[name]();
    used(new nn.Sequential(...(modules as nn.Module[]))).eval();
    const last = modules.findLastIndex(isRecurrent);
    for (const returnSequences of [true, false]) {
      const x = line();
      const made = toTensorFlowJs(modules, [7, 3], { returnSequences });
      const expected = modules.reduce((y, module, i) => {
        if (!(module instanceof nn.LSTM || module instanceof nn.RNN)) return (module as nn.Module).forward(y);
        if (!returnSequences && i === last) return lastState(module, y);
        return module instanceof nn.LSTM ? module.forward(y).output : module.forward(y).output;
      }, x);
      expectTensor(expected, await tfl.loadLayersModel(tf.io.fromMemory(made)), x);
    }
  });

  it('what cannot be is told', () => {
    expect(() => toTensorFlowJs([new nn.LSTM(3, 4)], [7, 3])).toThrow(
      '0 (LSTM): TensorFlow.js has the batch first',
    );
    expect(() => toTensorFlowJs([new nn.GRU(3, 4)], [7, 3])).toThrow('0 (GRU): TensorFlow.js has no GRU');
    expect(() => Reflect.apply(toTensorFlowJs, null, [[3], [7, 3]])).toThrow(
      'model must be a Sequential or an array of modules',
    );
  });
});

it('what it has no layer for is told with its module', () => {
  const inside = (module: nn.Module) => () =>
    toTensorFlowJs(new nn.Sequential(new nn.Sequential(module)), [4, 4, 4]);
  expect(inside(new nn.Residual(new nn.Tanh()))).toThrow('0.0 (Residual): it is no layer of TensorFlow.js');
  expect(inside(new nn.Conv2d(4, 4, 1, { groups: 2 }))).toThrow(
    '0.0 (Conv2d): TensorFlow.js has no convolution in groups',
  );
  expect(inside(new nn.Conv1d(4, 4, 4, { padding: 1 }))).toThrow("pads sequences as 'same' or not at all");
  expect(inside(new nn.MaxPool2d(2, { ceilMode: true }))).toThrow('no padding, dilation or ceilMode');
  expect(inside(new nn.ConvTranspose2d(4, 4, 2, { padding: 1 }))).toThrow('0.0 (ConvTranspose2d)');
  expect(inside(new nn.ELU(0.5))).toThrow('other than 1');
  expect(inside(new nn.Softmax(-2))).toThrow('no Softmax but over the last dimension');
  expect(inside(new nn.GELU({ approximate: 'tanh' }))).toThrow('0.0 (GELU): it is no layer');
  const hooked = new nn.Linear(4, 4);
  hooked.registerForwardHook((_, __, y) => y.mul(2));
  expect(inside(hooked)).toThrow('0.0 (Linear): what hooks do is not written');
  class Doubled extends nn.Linear {
    override forward(x: nn.Tensor): nn.Tensor {
      return super.forward(x).mul(2);
    }
  }
  expect(inside(new Doubled(4, 4))).toThrow('0.0 (Doubled): it is no layer of TensorFlow.js');
  expect(inside(new nn.Hardsigmoid())).toThrow('0.0 (Hardsigmoid)');
  expect(inside(new nn.Dropout2d())).toThrow('no Dropout of channels');
  expect(inside(new nn.LayerNorm([4, 4]))).toThrow('over the last dimension');
});
