import type { Parameter } from '../../array/parameter.js';
import { show } from '../../core/validate.js';
import { Adagrad, Adam, type Optimizer as AnyOptimizer, RMSprop, SGD, SWATS } from '../../optim/index.js';
import { constantWarmup, gradualWarmup, type LearningRate } from '../../schedule/index.js';
import * as format from '../../text/format.js';

/** What a comparison uses of an optimizer. */
export type Optimizer = Pick<AnyOptimizer, 'step' | 'steps' | 'parameters' | 'zeroGrad' | 'observe' | 'lr'>;

/** The runs that differ in the optimizer, and those that differ in the warm-up of one optimizer. */
export type RunGroup = 'optimizers' | 'warmup';

/** How a run's learning rate begins, before it is what it stays. */
export type Warmup =
  /** Grows by the same amount at every step; `null` steps: a tenth of the run. */
  | { readonly kind: 'gradual'; readonly steps: number | null }
  /** Stays at `lr` until the training error is below `error`. */
  | { readonly kind: 'constant'; readonly lr: number; readonly error: number };

type Options = Readonly<Record<string, number | boolean>>;

/** One way of training, to be compared with the others. */
export interface Run {
  /** On the command line, and the key everywhere else. */
  readonly id: string;
  readonly name: string;
  readonly group: RunGroup;
  /** Whether a step sees all rows, and not a batch of them. */
  readonly fullBatch: boolean;
  readonly lr: number;
  readonly warmup: Warmup | null;
  /** The optimizer's options besides the rate, those that are not its defaults. */
  readonly options: Options;
  /** `more` options, where a surface needs others than the network. */
  readonly create: (params: readonly Parameter[], lr: LearningRate, more?: Options) => Optimizer;
  /** The colours in light and in dark mode, and the lengths of dashes and gaps. */
  readonly look: { readonly light: string; readonly dark: string; readonly dash: readonly number[] };
}

type OptimizerClass<Own> = new (
  params: readonly Parameter[],
  options: Own & { lr: LearningRate },
) => Optimizer;

function using<Own extends Options>(
  Class: OptimizerClass<Own>,
  options: Own,
): Pick<Run, 'options' | 'create'> {
  return { options, create: (params, lr, more = {}) => new Class(params, { ...options, ...more, lr }) };
}

const MOMENTUM = 0.9;
const LARGE_RATE = 1;

/**
 * The rates suit MNIST and the default network, to one digit. The large one is 20 times the ordinary one.
 *
 * The colours keep a distance under protanopia, deuteranopia and tritanopia, and at least 3:1 from the background.
 */
export const runs: readonly Run[] = [
  {
    id: 'gradient-descent',
    name: 'Full-batch gradient descent',
    group: 'optimizers',
    fullBatch: true,
    lr: 0.1,
    warmup: null,
    ...using(SGD, {}),
    look: { light: '#6b7688', dark: '#aab2c6', dash: [2, 3] },
  },
  {
    id: 'sgd',
    name: 'SGD',
    group: 'optimizers',
    fullBatch: false,
    lr: 0.2,
    warmup: null,
    ...using(SGD, {}),
    look: { light: '#1d2026', dark: '#f4f5f7', dash: [] },
  },
  {
    id: 'momentum',
    name: 'SGD with momentum',
    group: 'optimizers',
    fullBatch: false,
    lr: 0.05,
    warmup: null,
    ...using(SGD, { momentum: MOMENTUM }),
    look: { light: '#1546c0', dark: '#4b82f5', dash: [] },
  },
  {
    id: 'adagrad',
    name: 'Adagrad',
    group: 'optimizers',
    fullBatch: false,
    lr: 0.05,
    warmup: null,
    ...using(Adagrad, {}),
    look: { light: '#a98500', dark: '#f6cc24', dash: [] },
  },
  {
    id: 'rmsprop',
    name: 'RMSprop',
    group: 'optimizers',
    fullBatch: false,
    lr: 0.001,
    warmup: null,
    ...using(RMSprop, {}),
    look: { light: '#16a085', dark: '#63bd86', dash: [] },
  },
  {
    id: 'adam',
    name: 'Adam',
    group: 'optimizers',
    fullBatch: false,
    lr: 0.001,
    warmup: null,
    ...using(Adam, {}),
    look: { light: '#b32d06', dark: '#ee4e14', dash: [] },
  },
  {
    id: 'swats',
    name: 'SWATS',
    group: 'optimizers',
    fullBatch: false,
    lr: 0.001,
    warmup: null,
    ...using(SWATS, { switchTolerance: 0.005, switchRelative: true, minSwitchStep: 500 }),
    look: { light: '#c561ea', dark: '#c768ac', dash: [] },
  },
  {
    id: 'momentum-large',
    name: 'Large rate, no warm-up',
    group: 'warmup',
    fullBatch: false,
    lr: LARGE_RATE,
    warmup: null,
    ...using(SGD, { momentum: MOMENTUM }),
    look: { light: '#e0655f', dark: '#ff8a96', dash: [2, 3] },
  },
  {
    id: 'momentum-large-constant',
    name: 'Large rate, constant warm-up',
    group: 'warmup',
    fullBatch: false,
    lr: LARGE_RATE,
    warmup: { kind: 'constant', lr: 0.01, error: 0.8 },
    ...using(SGD, { momentum: MOMENTUM }),
    look: { light: '#4a5c00', dark: '#8b9a34', dash: [8, 4] },
  },
  {
    id: 'momentum-large-gradual',
    name: 'Large rate, gradual warm-up',
    group: 'warmup',
    fullBatch: false,
    lr: LARGE_RATE,
    warmup: { kind: 'gradual', steps: null },
    ...using(SGD, { momentum: MOMENTUM }),
    look: { light: '#8f74ee', dark: '#bc8efc', dash: [] },
  },
];

export const runIds: readonly string[] = runs.map(({ id }) => id);

/** The run of this name; the caller has checked that there is one. */
export function runOf(id: string): Run {
  const found = runs.find((run) => run.id === id);
  if (found === undefined) throw new RangeError(`id must be one of ${runIds.join(', ')}, got ${show(id)}`);
  return found;
}

/** A run's learning rate over `steps` steps, its warm-up included. */
export function scheduleOf({ lr, warmup }: Run, steps: number): LearningRate {
  if (warmup === null) return lr;
  if (warmup.kind === 'gradual') return gradualWarmup(lr, { steps: gradualSteps(warmup, steps) });
  return constantWarmup(lr, { lr: warmup.lr, until: (trainingError) => trainingError < warmup.error });
}

/** How many of a run's steps its gradual warm-up takes. */
export function gradualSteps(warmup: { readonly steps: number | null }, steps: number): number {
  return warmup.steps ?? Math.ceil(steps / 10);
}

/** When SWATS turned from Adam into SGD and at which rate, or `null`: not yet, or another optimizer. */
export function switchOf(optimizer: Optimizer): { step: number; lr: number } | null {
  if (!(optimizer instanceof SWATS)) return null;
  const { switchStep: step, sgdLr: lr } = optimizer;
  return step === null || lr === null ? null : { step, lr };
}

/** What a run is set to, in words. */
export function settingsOf({ lr, options, warmup }: Run): string {
  const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const own = Object.entries(options).map(([name, value]) =>
    `${words(name)} ${value === true ? '' : value}`.trim(),
  );
  return [`rate ${format.rate(lr)}`, ...own, ...(warmup === null ? [] : [warmupInWords(warmup)])].join(', ');
}

function warmupInWords(warmup: Warmup): string {
  if (warmup.kind === 'constant') {
    return `at ${format.rate(warmup.lr)} until the training error is below ${format.percent(warmup.error, 0)}`;
  }
  return `growing over the first ${warmup.steps === null ? 'tenth' : `${format.count(warmup.steps)} steps`}`;
}
