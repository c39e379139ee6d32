import type { Optimizer, Parameter } from '../../src/index.js';
import type { Lockstep } from '../lockstep.js';

/** An optimizer, and the same one of every peer that has it. */
export interface Row {
  readonly name: string;
  /** Arrays beside the parameter and its gradient: a step reads 2 + states and writes 1 + states. */
  readonly states: 0 | 1 | 2 | 3 | 4;
  /** Whether a step is several passes, which the loop over its states does not know; and too long for the largest shape. */
  readonly isComposed?: true;
  /** What its states are in, where that is not float32. */
  readonly packed?: 'bfloat16' | 'int8';
  create(lockstep: Lockstep, params: Iterable<Parameter>): Optimizer;
  /** A class of torch.optim and its options. */
  readonly pytorch?: { readonly name: string; readonly options: Readonly<Record<string, number>> };
  /** A method of tf.train and its arguments. */
  readonly tfjs?: { readonly name: TfjsName; readonly args: readonly number[] };
}

export const tfjsNames = ['sgd', 'momentum', 'adagrad', 'adadelta', 'rmsprop', 'adam'] as const;
export type TfjsName = (typeof tfjsNames)[number];

/** As square as a length that is a power of two allows; others are columns. */
function asMatrix({ value, grad }: Parameter): Parameter {
  const { length } = value;
  const rows = 2 ** Math.floor(Math.log2(length) / 2);
  return { value, grad, shape: length % rows === 0 ? [rows, length / rows] : [length, 1] };
}

/** Options are the defaults, and the same for all. */
export const rows: readonly Row[] = [
  {
    name: 'SGD',
    states: 0,
    create: ({ SGD }, params) => new SGD(params, { lr: 1e-3 }),
    pytorch: { name: 'SGD', options: { lr: 1e-3 } },
    tfjs: { name: 'sgd', args: [1e-3] },
  },
  {
    name: 'SGD momentum',
    states: 1,
    create: ({ SGD }, params) => new SGD(params, { lr: 1e-3, momentum: 0.9 }),
    pytorch: { name: 'SGD', options: { lr: 1e-3, momentum: 0.9 } },
    tfjs: { name: 'momentum', args: [1e-3, 0.9] },
  },
  {
    name: 'Adagrad',
    states: 1,
    create: ({ Adagrad }, params) => new Adagrad(params, { lr: 1e-2 }),
    pytorch: { name: 'Adagrad', options: { lr: 1e-2 } },
    tfjs: { name: 'adagrad', args: [1e-2] },
  },
  {
    name: 'Adadelta',
    states: 2,
    create: ({ Adadelta }, params) => new Adadelta(params, { lr: 1 }),
    pytorch: { name: 'Adadelta', options: { lr: 1 } },
    tfjs: { name: 'adadelta', args: [1, 0.9] },
  },
  {
    name: 'RMSprop',
    states: 1,
    create: ({ RMSprop }, params) => new RMSprop(params, { lr: 1e-2 }),
    pytorch: { name: 'RMSprop', options: { lr: 1e-2 } },
    tfjs: { name: 'rmsprop', args: [1e-2, 0.99] },
  },
  {
    name: 'Adam',
    states: 2,
    create: ({ Adam }, params) => new Adam(params, { lr: 1e-3 }),
    pytorch: { name: 'Adam', options: { lr: 1e-3 } },
    tfjs: { name: 'adam', args: [1e-3] },
  },
  {
    name: 'AdamW',
    states: 2,
    create: ({ AdamW }, params) => new AdamW(params, { lr: 1e-3 }),
    pytorch: { name: 'AdamW', options: { lr: 1e-3 } },
  },
  {
    name: 'Adamax',
    states: 2,
    create: ({ Adamax }, params) => new Adamax(params, { lr: 2e-3 }),
    // TensorFlow.js's does not show its states, so nobody could tell whether they were normal numbers.
    pytorch: { name: 'Adamax', options: { lr: 2e-3 } },
  },
  // What composed optimizers move beyond their states is their own affair: the loop is over the states alone.
  {
    // 8 bytes of state a weight and 4 of scratch; moves 56 bytes a weight.
    name: 'LAMB',
    states: 2,
    isComposed: true,
    create: ({ LAMB }, params) => new LAMB(params, { lr: 1e-3 }),
  },
  {
    // 4 bytes of state a weight; moves 28.
    name: 'LARS',
    states: 1,
    isComposed: true,
    create: ({ LARS }, params) => new LARS(params, { lr: 1e-3, excludeVectors: false }),
  },
  {
    // A vector, as all here are: 4 bytes of state a weight, and 4 of scratch.
    name: 'Adafactor',
    states: 1,
    isComposed: true,
    create: ({ Adafactor }, params) => new Adafactor(params),
  },
  {
    // 4 bytes of state a weight; products of matrices of 2^n weights, as square as that allows.
    name: 'Muon',
    states: 1,
    isComposed: true,
    create: ({ Muon }, params) => new Muon(Array.from(params, asMatrix)),
  },
  {
    // A vector, as all here are: 4 bytes of state a weight, and 4 of scratch.
    name: 'Shampoo',
    states: 1,
    isComposed: true,
    create: ({ Shampoo }, params) => new Shampoo(params, { lr: 1e-3 }),
  },
  {
    // A vector as well: Adam's states, and 4 bytes of scratch.
    name: 'SOAP',
    states: 2,
    isComposed: true,
    create: ({ SOAP }, params) => new SOAP(params, { lr: 1e-3 }),
  },
  {
    name: 'NAdam',
    states: 2,
    create: ({ NAdam }, params) => new NAdam(params, { lr: 2e-3 }),
    pytorch: { name: 'NAdam', options: { lr: 2e-3 } },
  },
  {
    name: 'RAdam',
    states: 2,
    create: ({ RAdam }, params) => new RAdam(params, { lr: 1e-3 }),
    pytorch: { name: 'RAdam', options: { lr: 1e-3 } },
  },
  {
    name: 'ASGD',
    states: 1,
    create: ({ ASGD }, params) => new ASGD(params, { lr: 1e-2 }),
    pytorch: { name: 'ASGD', options: { lr: 1e-2 } },
  },
  {
    name: 'Rprop',
    states: 2,
    create: ({ Rprop }, params) => new Rprop(params, { lr: 1e-2 }),
    pytorch: { name: 'Rprop', options: { lr: 1e-2 } },
  },
  {
    name: 'Lion',
    states: 1,
    create: ({ Lion }, params) => new Lion(params),
  },
  ...(['bfloat16', 'int8'] as const).flatMap((stateDtype): Row[] => [
    {
      name: `Adam ${stateDtype}`,
      states: 2,
      packed: stateDtype,
      create: ({ Adam }, params) => new Adam(params, { lr: 1e-3, stateDtype }),
    },
    {
      name: `Lion ${stateDtype}`,
      states: 1,
      packed: stateDtype,
      create: ({ Lion }, params) => new Lion(params, { stateDtype }),
    },
  ]),
  {
    name: 'AdaBelief',
    states: 2,
    create: ({ AdaBelief }, params) => new AdaBelief(params),
  },
  {
    name: 'ADOPT',
    states: 2,
    create: ({ ADOPT }, params) => new ADOPT(params),
  },
  {
    name: 'Adan',
    states: 4,
    create: ({ Adan }, params) => new Adan(params),
  },
  {
    name: 'AdEMAMix',
    states: 3,
    create: ({ AdEMAMix }, params) => new AdEMAMix(params),
  },
  {
    name: 'SophiaG',
    states: 2,
    create: ({ SophiaG }, params) => new SophiaG(params),
  },
  {
    name: 'ScheduleFreeSGD',
    states: 1,
    create: ({ ScheduleFreeSGD }, params) => new ScheduleFreeSGD(params, { lr: 1e-3 }),
  },
  {
    name: 'ScheduleFreeAdamW',
    states: 2,
    create: ({ ScheduleFreeAdamW }, params) => new ScheduleFreeAdamW(params),
  },
  {
    name: 'Prodigy',
    states: 4,
    // Gradients that never change would have its estimate grow without end.
    create: ({ Prodigy }, params) => new Prodigy(params, { growthRate: 1 }),
  },
  {
    name: 'SWATS',
    states: 2,
    // Gradients that never change would have it switch to SGD, which moves less memory.
    create: ({ SWATS }, params) => new SWATS(params, { lr: 1e-3, switchTolerance: 0 }),
  },
];
