import { UNARY } from '../../../src/backend/contract/kernels.js';
import {
  type Draw,
  few,
  inner,
  type KernelCase,
  large,
  normal,
  outer,
  positive,
  read,
  wide,
  write,
} from './case.js';

// Around every vector length, and long enough for several threads.
const lengths = [1, 2, 3, 15, 16, 17, 31, 33, 63, 64, 65, 127, 4095, 4096, 4099, 70_001];

/** Where functions take less than all numbers, or grow fast. */
const draws: Readonly<Record<string, Draw>> = {
  ...{ log: large, log2: large, log10: large, sqrt: large, rsqrt: large, log1p: positive },
  ...{ asin: inner, acos: inner, atanh: inner, acosh: outer, sinh: normal, cosh: normal },
};

/** Functions of one number, and where a draw from them makes sense. */
const unary = Object.entries(UNARY).map(([name, { forward, backward, reads }]) => ({
  forward,
  backward,
  draw: draws[name] ?? wide,
  // The output of a function that saturates, and that of one that does not.
  at: reads === 'output' ? positive : name === 'log' ? wide : (draws[name] ?? wide),
}));
const withScalar = ['addScalar', 'mulScalar', 'leakyReluForward', 'unitStep', 'huber'] as const;
const steps = ['floor', 'ceil', 'round', 'trunc', 'sign', 'frac'] as const;
const arithmetic = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const;
const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
export const binary = [...arithmetic, ...comparisons, 'prelu'] as const;

export const elementwise = lengths.flatMap((n): KernelCase[] => [
  ...binary.map((kernel): KernelCase => {
    const draw = kernel === 'div' ? normal : few;
    const args = [0, 1, 1, n, read(n, draw), read(n, draw), write(n)];
    return {
      kernel,
      args,
      bound: 0,
      relativeTo: 'element',
      inPlace: [
        [4, 6],
        [5, 6],
      ],
    };
  }),
  {
    kernel: 'atan2',
    args: [0, 1, 1, n, read(n, few), read(n, wide), write(n)],
    bound: 4,
    relativeTo: 'element',
    inPlace: [
      [4, 6],
      [5, 6],
    ],
  },
  {
    kernel: 'pow',
    args: [0, 1, 1, n, read(n, large), read(n), write(n)],
    bound: 4,
    relativeTo: 'element',
    inPlace: [
      [4, 6],
      [5, 6],
    ],
  },
  {
    kernel: 'bceWithLogits',
    args: [0, 1, 1, n, read(n, wide), read(n), write(n)],
    bound: 4,
    relativeTo: 'largest',
    inPlace: [
      [4, 6],
      [5, 6],
    ],
  },
  ...withScalar.map((kernel): KernelCase => {
    const args = [n, 0.1, read(n), write(n)];
    return { kernel, args, bound: 0, relativeTo: 'element', inPlace: [[2, 3]] };
  }),
  ...steps.flatMap((kernel): KernelCase[] =>
    [few, wide].map((draw) => {
      const args = [n, read(n, draw), write(n)];
      return { kernel, args, bound: 0, relativeTo: 'element', inPlace: [[1, 2]] };
    }),
  ),
  {
    kernel: 'leakyReluBackward',
    args: [n, 0.1, read(n, few), read(n), write(n)],
    bound: 0,
    relativeTo: 'element',
    inPlace: [[3, 4]],
  },
  ...unary.flatMap(({ forward, backward, draw, at }): KernelCase[] => [
    {
      kernel: forward,
      args: [n, read(n, draw), write(n)],
      bound: 4,
      relativeTo: 'element',
      inPlace: [[1, 2]],
    },
    {
      kernel: backward,
      args: [n, read(n, at), read(n), write(n)],
      bound: 8,
      relativeTo: 'largest',
      inPlace: [[2, 3]],
    },
  ]),
  {
    kernel: 'clampForward',
    args: [n, -0.5, 0.7, read(n), write(n)],
    bound: 0,
    relativeTo: 'element',
    inPlace: [[3, 4]],
  },
  {
    kernel: 'clampBackward',
    args: [n, -0.5, 0.7, read(n), read(n), write(n)],
    bound: 0,
    relativeTo: 'element',
    inPlace: [[4, 5]],
  },
  // Seeds and offsets of more than 32 bits, and a first word in the middle of a block.
  ...[n % 5, 2 ** 40 + 4099].flatMap((offset): KernelCase[] => {
    const place = [n, 2 ** 52 + 12_345, offset];
    const rest = { bound: 0, relativeTo: 'element' } as const;
    return [
      { kernel: 'uniform', args: [...place, -0.25, 3.5, write(n)], ...rest },
      { kernel: 'normal', args: [...place, 0.5, 2, write(n)], ...rest },
      { kernel: 'bernoulli', args: [...place, 0.3, write(n)], ...rest },
      { kernel: 'dropout', args: [...place, 0.3, read(n), write(n)], ...rest, inPlace: [[4, 5]] },
    ];
  }),
  { kernel: 'sum', args: [1, n, 1, 1 / n, read(n), write(1)], bound: 1, relativeTo: 'element' },
  { kernel: 'squaredDistance', args: [n, 0.5, read(n), read(n), write(1)], bound: 2, relativeTo: 'element' },
  { kernel: 'dotProduct', args: [n, 0.5, read(n), read(n), write(1)], bound: 0, relativeTo: 'element' },
]);
