import type { Parameter } from '../../array/parameter.js';
import { show } from '../../core/validate.js';
import * as optim from '../../optim/index.js';
import type { LearningRate } from '../../schedule/index.js';
import type { Stepper } from '../../train/index.js';

/** A parameter whose shape is known: a tensor of a module. */
export type Weight = Parameter & { readonly shape?: readonly number[] };

type Options = Readonly<Record<string, number | boolean | string>>;

/** An optimizer that a study can train with. */
export interface StudyOptimizer {
  /** On the command line, and the level of the factor. */
  readonly id: string;
  readonly name: string;
  /** The rate where none is given: to one digit what suits MNIST and the default network. */
  readonly lr: number;
  /** The options besides the rate, those that are not the class's defaults. */
  readonly options: Options;
  /** @param rows those of a step */
  readonly create: (params: readonly Weight[], lr: LearningRate, rows: number) => Stepper;
}

type OptimizerClass<Own> = new (params: readonly Weight[], options: Own & { lr: LearningRate }) => Stepper;

function row<Own extends Options>(
  id: string,
  name: string,
  lr: number,
  Class: OptimizerClass<Own>,
  options: Own,
): StudyOptimizer {
  return { id, name, lr, options, create: (params, rate) => new Class(params, { ...options, lr: rate }) };
}

const MOMENTUM = 0.9;

/** Those that are one class. */
const single: readonly StudyOptimizer[] = [
  row('sgd', 'SGD', 0.2, optim.SGD, {}),
  row('momentum', 'SGD with momentum', 0.05, optim.SGD, { momentum: MOMENTUM }),
  row('nesterov', 'SGD with Nesterov momentum', 0.05, optim.SGD, { momentum: MOMENTUM, nesterov: true }),
  row('adagrad', 'Adagrad', 0.05, optim.Adagrad, {}),
  row('rmsprop', 'RMSprop', 0.001, optim.RMSprop, {}),
  row('adam', 'Adam', 0.001, optim.Adam, {}),
  row('swats', 'SWATS', 0.001, optim.SWATS, {
    switchTolerance: 0.005,
    switchRelative: true,
    minSwitchStep: 500,
  }),
  row('adabelief', 'AdaBelief', 0.001, optim.AdaBelief, {}),
  row('adadelta', 'Adadelta', 1, optim.Adadelta, {}),
  row('adafactor', 'Adafactor', 0.01, optim.Adafactor, {}),
  row('adamax', 'Adamax', 0.002, optim.Adamax, {}),
  row('adamw', 'AdamW', 0.001, optim.AdamW, {}),
  row('adan', 'Adan', 0.001, optim.Adan, {}),
  row('ademamix', 'AdEMAMix', 0.001, optim.AdEMAMix, {}),
  row('adopt', 'ADOPT', 0.001, optim.ADOPT, {}),
  row('asgd', 'ASGD', 0.2, optim.ASGD, {}),
  row('lamb', 'LAMB', 0.005, optim.LAMB, {}),
  row('lars', 'LARS', 1, optim.LARS, { momentum: MOMENTUM }),
  row('lbfgs', 'L-BFGS', 1, optim.LBFGS, { lineSearchFn: 'strong_wolfe' as const, maxIter: 5 }),
  row('lion', 'Lion', 0.0003, optim.Lion, {}),
  row('nadam', 'NAdam', 0.001, optim.NAdam, {}),
  row('prodigy', 'Prodigy', 1, optim.Prodigy, {}),
  row('radam', 'RAdam', 0.001, optim.RAdam, {}),
  row('rprop', 'Rprop', 0.001, optim.Rprop, {}),
  row('schedule-free-adamw', 'Schedule-free AdamW', 0.0025, optim.ScheduleFreeAdamW, {}),
  row('schedule-free-sgd', 'Schedule-free SGD', 1, optim.ScheduleFreeSGD, {}),
  row('shampoo', 'Shampoo', 0.1, optim.Shampoo, {}),
  row('soap', 'SOAP', 0.001, optim.SOAP, {}),
  {
    id: 'sophiag',
    name: 'SophiaG',
    lr: 0.001,
    options: {},
    create: (params, lr, batchSize) => new optim.SophiaG(params, { lr, batchSize }),
  },
  row('sparse-adam', 'SparseAdam', 0.001, optim.SparseAdam, {}),
];

/** Those that are made of several. */
const composed: readonly StudyOptimizer[] = [
  {
    id: 'muon',
    name: 'Muon',
    lr: 0.001,
    options: {},
    // One rate for both: Muon's steps are as long as AdamW's (Liu et al. 2025, "Muon is Scalable for LLM Training").
    create: (params, lr) => {
      const isMatrix = ({ shape }: Weight) => shape?.length === 2;
      const matrices = params.filter(isMatrix);
      const others = params.filter((param) => !isMatrix(param));
      return new Together([
        ...(matrices.length === 0
          ? []
          : [new optim.Muon(matrices, { lr, adjustLrFn: 'match_rms_adamw', weightDecay: 0.01 })]),
        ...(others.length === 0 ? [] : [new optim.AdamW(others, { lr })]),
      ]);
    },
  },
  {
    id: 'lookahead',
    name: 'Lookahead around Adam',
    lr: 0.001,
    options: {},
    create: (params, lr) => new optim.Lookahead(new optim.Adam(params, { lr })),
  },
  {
    id: 'sam',
    name: 'SAM around SGD with momentum',
    lr: 0.05,
    options: {},
    create: (params, lr) => new optim.SAM(new optim.SGD(params, { lr, momentum: MOMENTUM })),
  },
];

export const optimizers: readonly StudyOptimizer[] = [...single, ...composed];

const idsOf = (all: readonly StudyOptimizer[]): readonly string[] => all.map(({ id }) => id);

export const optimizerIds = idsOf(optimizers);

/** Those that `findLearningRate` takes. */
export const singleIds = idsOf(single);

/** The optimizer of this name; the caller has checked that there is one. */
export function optimizerOf(id: string): StudyOptimizer {
  const found = optimizers.find((optimizer) => optimizer.id === id);
  if (found === undefined)
    throw new RangeError(`id must be one of ${optimizerIds.join(', ')}, got ${show(id)}`);
  return found;
}

/** Optimizers that share the parameters of a model among them, with one rate. */
class Together implements Stepper {
  readonly #parts: readonly Stepper[];

  /** @param parts one or more. */
  constructor(parts: readonly Stepper[]) {
    this.#parts = parts;
  }

  get lr(): number {
    return this.#parts[0].lr;
  }

  set lr(lr: LearningRate) {
    for (const part of this.#parts) part.lr = lr;
  }

  get steps(): number {
    return this.#parts[0].steps;
  }

  parameters(): Parameter[] {
    return this.#parts.flatMap((part) => part.parameters());
  }

  step(closure: () => number): void {
    for (const part of this.#parts) part.step(closure);
  }

  zeroGrad(): void {
    for (const part of this.#parts) part.zeroGrad();
  }

  observe(metric: number): void {
    for (const part of this.#parts) part.observe(metric);
  }
}

/** When SWATS turned from Adam into SGD and at which rate, or `null`: not yet, or another optimizer. */
export function switchOf(optimizer: Stepper): { step: number; lr: number } | null {
  if (!(optimizer instanceof optim.SWATS)) return null;
  const { switchStep: step, sgdLr: lr } = optimizer;
  return step === null || lr === null ? null : { step, lr };
}
