// Calls that work: what to disturb.
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

export type Values = readonly unknown[];

export interface Case {
  readonly name: string;
  readonly call: (...values: readonly unknown[]) => unknown;
  /** Arguments that fit, new ones each time. */
  readonly values: () => Values;
}

/** The function for arguments of any kind. */
function of(f: unknown): Case['call'] {
  if (typeof f !== 'function') throw new TypeError('there is no such function');
  return (...values) => Reflect.apply(f, undefined, values);
}

export const floats = (length: number) => Float32Array.from({ length }, (_, i) => 0.25 + i / 16);
export const tensor = (...shape: number[]) =>
  nn.tensor(floats(shape.reduce((size, length) => size * length, 1)), shape, { requiresGrad: true });

/** Forward and backward. */
function learn(f: unknown): Case['call'] {
  const call = of(f);
  return (...values) => {
    const result = call(...values);
    if (result instanceof nn.Tensor && result.requiresGrad) nn.sum(result).backward();
  };
}

const unary = ['exp', 'log', 'tanh', 'gelu', 'silu', 'sigmoid', 'abs', 'sqrt'] as const;
const binary = ['add', 'mul', 'pow', 'maximum', 'lt'] as const;
const reductions = ['sum', 'mean', 'prod', 'amax', 'norm', 'argmax', 'softmax', 'logSoftmax'] as const;

export const arrays: Case[] = [
  ...unary.map((name) => ({ name, call: of(lockstep[name]), values: () => [floats(6), { out: floats(6) }] })),
  ...binary.map((name) => ({
    name,
    call: of(lockstep[name]),
    values: () => [
      floats(6),
      floats(3),
      {
        shapes: [
          [2, 3],
          [1, 3],
        ],
        out: floats(6),
      },
    ],
  })),
  ...reductions.map((name) => ({
    name,
    call: of(lockstep[name]),
    values: () => [floats(6), { shape: [2, 3] }],
  })),
  { name: 'where', call: of(lockstep.where), values: () => [floats(4), floats(4), 2, { out: floats(4) }] },
  {
    name: 'clamp',
    call: of(lockstep.clamp),
    values: () => [floats(4), { min: 0.3, max: 1, out: floats(4) }],
  },
  {
    name: 'permute',
    call: of(lockstep.permute),
    values: () => [floats(6), { shape: [1, 2, 3], axes: [2, 0, 1] }],
  },
  {
    name: 'transpose',
    call: of(lockstep.transpose),
    values: () => [floats(6), { shape: [2, 3], out: floats(6) }],
  },
  {
    name: 'gemm',
    call: of(lockstep.gemm),
    values: () => [
      { m: 2, n: 3, k: 2, a: floats(4), b: floats(6), c: floats(6), lda: 2, beta: 1, bias: floats(3) },
    ],
  },
  {
    name: 'gemmBatched',
    call: of(lockstep.gemmBatched),
    values: () => [
      {
        batch: 2,
        m: 2,
        n: 2,
        k: 2,
        a: floats(8),
        b: floats(8),
        c: floats(8),
        strideA: 4,
        strideB: 4,
        strideC: 4,
      },
    ],
  },
  {
    name: 'gatherRows',
    call: of(lockstep.gatherRows),
    values: () => [floats(6), Int32Array.of(2, 0), { columns: 2, out: floats(4) }],
  },
  {
    name: 'scatterAddRows',
    call: of(lockstep.scatterAddRows),
    values: () => [floats(4), Int32Array.of(2, 0), { columns: 2, out: floats(6) }],
  },
  {
    name: 'conv2d',
    call: of(lockstep.conv2d),
    values: () => [
      floats(32),
      floats(24),
      { shape: [1, 4, 4, 2], weightShape: [3, 2, 2, 2], stride: [1, 2], padding: 1, dilation: 1, groups: 1 },
    ],
  },
  {
    name: 'maxPool2d',
    call: of(lockstep.maxPool2d),
    values: () => [
      floats(32),
      { shape: [1, 4, 4, 2], kernel: 2, stride: [2, 2], positions: new Int32Array(8) },
    ],
  },
  {
    name: 'avgPool2d',
    call: of(lockstep.avgPool2d),
    values: () => [floats(32), { shape: [1, 4, 4, 2], kernel: [2, 2], padding: 1, ceilMode: true }],
  },
  {
    name: 'uniform',
    call: of(lockstep.uniform),
    values: () => [floats(4), { seed: 3, offset: 0, low: 0, high: 1 }],
  },
  {
    name: 'normal',
    call: of(lockstep.normal),
    values: () => [floats(4), { seed: 3, offset: 0, mean: 0, std: 1 }],
  },
  {
    name: 'dropout',
    call: of(lockstep.dropout),
    values: () => [floats(4), { seed: 3, probability: 0.5, out: floats(4) }],
  },
];

export const networks: Case[] = [
  ...unary.map((name) => ({ name: `nn.${name}`, call: learn(nn[name]), values: () => [tensor(2, 3)] })),
  ...(['add', 'mul', 'pow', 'maximum'] as const).map((name) => ({
    name: `nn.${name}`,
    call: learn(nn[name]),
    values: () => [tensor(2, 3), tensor(3)],
  })),
  ...(['sum', 'prod', 'amax', 'norm'] as const).map((name) => ({
    name: `nn.${name}`,
    call: learn(nn[name]),
    values: () => [tensor(2, 3), { axes: [1], keepDim: true }],
  })),
  { name: 'nn.softmax', call: learn(nn.softmax), values: () => [tensor(2, 3), { axis: 1 }] },
  { name: 'nn.permute', call: learn(nn.permute), values: () => [tensor(2, 3), { axes: [1, 0] }] },
  { name: 'nn.bmm', call: learn(nn.bmm), values: () => [tensor(2, 3), tensor(3, 2), { scale: 1 }] },
  { name: 'nn.mse', call: learn(nn.mse), values: () => [tensor(2, 3), tensor(2, 3)] },
  {
    name: 'nn.crossEntropy',
    call: learn(nn.crossEntropy),
    values: () => [tensor(2, 3), Int32Array.of(0, 2)],
  },
  { name: 'nn.embedding', call: learn(nn.embedding), values: () => [tensor(4, 2), Int32Array.of(3, 0)] },
  {
    name: 'nn.conv2d',
    call: learn(nn.conv2d),
    values: () => [tensor(1, 4, 4, 2), tensor(3, 2, 2, 2), { stride: 1, padding: [1, 1], dilation: 1 }],
  },
  {
    name: 'nn.maxPool2d',
    call: learn(nn.maxPool2d),
    values: () => [tensor(1, 4, 4, 2), { kernel: 2, stride: 1 }],
  },
  { name: 'nn.tensor', call: learn(nn.tensor), values: () => [floats(6), [2, 3], { requiresGrad: true }] },
  {
    name: 'reshape',
    call: learn((x: nn.Tensor, shape: number[]) => x.reshape(shape)),
    values: () => [tensor(2, 3), [3, -1]],
  },
  {
    name: 'Linear',
    call: learn((x: nn.Tensor, weight: nn.Tensor) =>
      Object.assign(new nn.Linear(3, 2), { weight }).forward(x),
    ),
    values: () => [tensor(2, 3), tensor(2, 3)],
  },
];

const parameters = () => [
  { name: 'a', value: floats(4), grad: floats(4) },
  { name: 'b', value: floats(3), grad: floats(3) },
];

/** Two steps, with something of the first parameter exchanged in between. */
function train(Optimizer: unknown): Case['call'] {
  return (params, options, exchanged) => {
    if (typeof Optimizer !== 'function') throw new TypeError('there is no such optimizer');
    const optimizer: unknown = Reflect.construct(Optimizer, [params, options]);
    if (!(optimizer instanceof lockstep.Optimizer)) throw new TypeError('this is no optimizer');
    optimizer.step();
    Object.assign(optimizer.parameters()[0], exchanged);
    lockstep.clipGradNorm(optimizer.parameters(), 1);
    optimizer.step();
  };
}

export const optimizers: Case[] = (
  [
    'SGD',
    'Adam',
    'Adagrad',
    'Adadelta',
    'Adamax',
    'RMSprop',
    'SWATS',
    'Adan',
    'Prodigy',
    'ScheduleFreeSGD',
  ] as const
).map((name) => ({
  name,
  call: train(lockstep[name]),
  values: () => [parameters(), { lr: () => 0.1, weightDecay: 0.1 }, { grad: floats(4) }],
}));
