import type { Parameter } from '../array/parameter.js';
import { isObject, show } from '../core/validate.js';
import type { LearningRate } from '../schedule/index.js';
import type { HessianEstimate } from './hessian.js';
import type { OptimizerState } from './state-dict.js';
import type { Loss } from './update-step.js';

/** What can be wrapped: every optimizer of this package, and what wraps one. `fit` needs no more either. */
export interface Stepping {
  get lr(): number;
  set lr(lr: LearningRate);
  readonly steps: number;
  parameters(): Parameter[];
  step(): void;
  step<L extends Loss>(closure: () => L): L;
  zeroGrad(): void;
  observe(metric: number): void;
  stateDict(): OptimizerState;
  loadStateDict(state: unknown): void;
  readonly hessian?: HessianEstimate | undefined;
}

/** @throws TypeError where it lacks one of the methods. */
export function checkOptimizer(optimizer: unknown, methods: readonly string[]): void {
  const isOne = isObject(optimizer) && methods.every((method) => typeof optimizer[method] === 'function');
  if (isOne) return;
  throw new TypeError(`optimizer must be an optimizer such as new SGD(params), got ${show(optimizer)}`);
}

/** An optimizer around another one, whose parameters, rates and schedules it has. Groups are added to that one. */
export abstract class Wrapper {
  /** The one that takes the steps. */
  readonly optimizer: Stepping;

  /** @throws TypeError where it is no optimizer. */
  constructor(optimizer: Stepping) {
    checkOptimizer(optimizer, ['step', 'parameters', 'stateDict', 'loadStateDict']);
    this.optimizer = optimizer;
  }

  /** The learning rate in force: see {@link Optimizer.lr}. */
  get lr(): number {
    return this.optimizer.lr;
  }

  set lr(lr: LearningRate) {
    this.optimizer.lr = lr;
  }

  /** How many steps were taken: of `optimizer`, for they are its own. */
  get steps(): number {
    return this.optimizer.steps;
  }

  /** Of `optimizer`, where it has one. */
  get hessian(): HessianEstimate | undefined {
    return this.optimizer.hessian;
  }

  /** All parameters, in the order in which they joined. */
  parameters(): Parameter[] {
    return this.optimizer.parameters();
  }

  /** Fills all gradients with zeros. */
  zeroGrad(): void {
    this.optimizer.zeroGrad();
  }

  /** Tells metric-driven schedules the metric measured after the steps so far. */
  observe(metric: number): void {
    this.optimizer.observe(metric);
  }
}

/** What the state of a wrapper calls its optimizer. */
export function wrappedName(wrapper: string, name: string): string {
  return `${wrapper}(${name})`;
}

/** The name of the optimizer inside. @throws TypeError where the state is of another wrapper, or of none. */
export function innerName(wrapper: string, name: unknown): string {
  const [start, end] = [`${wrapper}(`, ')'];
  if (typeof name === 'string' && name.startsWith(start) && name.endsWith(end)) {
    return name.slice(start.length, -end.length);
  }
  throw new TypeError(`state.optimizer must be of a ${wrapper}, got ${show(name)}`);
}
