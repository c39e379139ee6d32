import type { Parameter } from '../../array/parameter.js';
import { Adagrad, Adam, type Optimizer, RMSprop, SGD, SWATS } from '../../optim/index.js';
import type { LearningRate } from '../../schedule/index.js';
import { type Look, lookOf } from './looks.js';

/** An optimizer that walks over surfaces, and that small problems with known answers are put to. */
export interface Walker {
  /** Its key in the page, and in the rates of a surface. */
  readonly id: string;
  readonly name: string;
  readonly create: (params: readonly Parameter[], lr: LearningRate) => Stepping;
  readonly look: Look;
}

type Stepping = Pick<Optimizer, 'step'>;

export const walkers: readonly Walker[] = [
  { id: 'sgd', name: 'SGD', create: (params, lr) => new SGD(params, { lr }), look: lookOf(0) },
  {
    id: 'momentum',
    name: 'SGD with momentum',
    create: (params, lr) => new SGD(params, { lr, momentum: 0.9 }),
    look: lookOf(1),
  },
  { id: 'adagrad', name: 'Adagrad', create: (params, lr) => new Adagrad(params, { lr }), look: lookOf(4) },
  { id: 'rmsprop', name: 'RMSprop', create: (params, lr) => new RMSprop(params, { lr }), look: lookOf(3) },
  { id: 'adam', name: 'Adam', create: (params, lr) => new Adam(params, { lr }), look: lookOf(2) },
  {
    id: 'swats',
    name: 'SWATS',
    // A walk has few steps, all with exact gradients: it may turn soon.
    create: (params, lr) =>
      new SWATS(params, { lr, switchTolerance: 0.5, switchRelative: true, minSwitchStep: 30 }),
    look: lookOf(5),
  },
];

/** The walker of this name. @throws RangeError */
export function walkerOf(id: string): Walker {
  const found = walkers.find((walker) => walker.id === id);
  if (found === undefined) throw new RangeError(`id must be one of the walkers, got ${id}`);
  return found;
}

/** The step at which SWATS turned into SGD, or `null`: not yet, or another optimizer. */
export const switchStepOf = (optimizer: Stepping): number | null =>
  optimizer instanceof SWATS ? optimizer.switchStep : null;
