import { arraysOf, type Parameter } from '../array/parameter.js';
import { kernels, settle } from '../backend/select.js';
import { copy } from '../backend/stream.js';
import { type Copying, copiedState, stateCopied } from '../core/copied-state.js';
import { checkUnlocked } from '../core/locks.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkBoolean, checkObject, show } from '../core/validate.js';
import { written } from '../core/written.js';
import { checkDisjoint, checkParameter } from './parameters.js';
import { Pass, Scratch } from './pass.js';
import { refuseRows } from './rows.js';
import type { OptimizerState } from './state-dict.js';
import { checkLoss, type Loss } from './update-step.js';
import { innerName, type Stepping, Wrapper, wrappedName } from './wrapper.js';

/** See {@link SAM}. */
export interface SAMOptions {
  /** The radius in which the loss is to be low, at least 0. Default 0.05; with `adaptive` about 0.5 to 2. */
  readonly rho?: number;
  /** Whether the radius is in units of each weight (Kwon et al. 2021, https://arxiv.org/abs/2102.11600). Default false. */
  readonly adaptive?: boolean;
}

const OPTIONS: OptionNames<SAMOptions> = { rho: true, adaptive: true };
const NAME = 'SAM';
/** The authors' code adds this to the norm it divides by. */
const EPS = 1e-12;

/** A parameter that has a gradient. */
interface Taking {
  readonly parameter: Parameter;
  readonly value: FloatArray;
  readonly grad: FloatArray;
}

/**
 * Sharpness-aware minimisation (Foret et al. 2021, https://arxiv.org/abs/2010.01412): another optimizer's step with the gradient of a
 * place near by, where the loss is about as high as it gets there.
 *
 * With g the gradient at p, |g| its norm over all parameters: e = rho g / (|g| + 1e-12), and where `adaptive`, with t = p g element by
 * element, e = rho p t / (|t| + 1e-12); the optimizer steps from p with the gradient at p + e.
 *
 * `step(closure)` calls the closure twice: it clears the gradients, computes the loss and its gradients, and returns the loss. `fit`
 * gives every optimizer such a one. It has no state: its state dictionary is the optimizer's.
 *
 * ```ts
 * const optimizer = new SAM(new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }), { rho: 0.05 });
 * ```
 *
 * 4 bytes a float32 weight that are used again at every step, 8 where it is adaptive; and twice the work of a step.
 */
export class SAM extends Wrapper {
  readonly #rho: number;
  readonly #adaptive: boolean;
  readonly #pass = new Pass();
  readonly #kept = new Scratch();
  readonly #scaled = new Scratch();

  /** @throws TypeError or RangeError naming what does not fit. */
  constructor(optimizer: Stepping, options: SAMOptions = {}) {
    super(optimizer);
    checkOptions(NAME, options, OPTIONS);
    const { rho = 0.05, adaptive = false } = options;
    checkAtLeast('rho', rho, 0);
    checkBoolean('adaptive', adaptive);
    this.#rho = rho;
    this.#adaptive = adaptive;
  }

  /**
   * @param closure is called at the weights and at those near by.
   * @returns what it returned the first time.
   * @throws as the optimizer's step, and TypeError without a closure; the weights are then where they were.
   */
  step(): void;
  step<L extends Loss>(closure: () => L): L;
  step<L extends Loss>(closure?: () => L): L {
    if (typeof closure !== 'function') {
      throw new TypeError(`SAM needs step(closure), a function that returns the loss, got ${show(closure)}`);
    }
    for (const parameter of this.parameters()) checkUnlocked(parameter);
    const loss = closure();
    checkLoss(loss);
    const taking = this.#read();
    for (const { parameter, value } of taking) copy(value, this.#kept.of(parameter, value));
    try {
      this.#climb(taking);
      // A closure over plain arrays cannot wait for what is queued.
      settle();
      checkLoss(closure());
    } finally {
      for (const { parameter, value } of taking) {
        copy(this.#kept.of(parameter, value), value);
        parameter[written]?.();
      }
    }
    this.optimizer.step();
    return loss;
  }

  /** See {@link Optimizer.stateDict}. */
  stateDict(): OptimizerState {
    return wrapped(this.optimizer.stateDict());
  }

  /** For checkpoints: see {@link copiedState}. */
  [copiedState](copying: Copying): OptimizerState | null {
    return this.stateDict === SAM.prototype.stateDict ? wrapped(stateCopied(this.optimizer, copying)) : null;
  }

  /** See {@link Optimizer.loadStateDict}. */
  loadStateDict(state: unknown): void {
    checkObject('state', state);
    const { optimizer, ...rest } = state;
    this.optimizer.loadStateDict({ ...rest, optimizer: innerName(NAME, optimizer) });
  }

  #read(): Taking[] {
    const entries = this.parameters().map((parameter, i) => {
      const key = parameter.name ?? `#${i}`;
      checkParameter(`parameter ${show(key)}`, parameter);
      const { value, grad, rowGrad } = arraysOf(parameter);
      if (rowGrad) refuseRows(NAME, key);
      return { parameter, key, value, grad, rowGrad };
    });
    checkDisjoint(entries);
    return entries.flatMap(({ parameter, value, grad }) => (grad ? { parameter, value, grad } : []));
  }

  /** Goes from the weights to those near by. */
  #climb(taking: readonly Taking[]): void {
    const along = taking.map((one) => (this.#adaptive ? this.#times(one.grad, one) : one.grad));
    this.#pass.add('squares', {}, along);
    this.#pass.run();
    const norm = Math.sqrt(this.#pass.dots().reduce((sum, square) => sum + square, 0));
    const scale = this.#rho / (norm + EPS);
    const directions = taking.map((one, i) => (this.#adaptive ? this.#times(along[i], one) : one.grad));
    const pairs = taking.flatMap(({ value }, i) => [value, directions[i]]);
    this.#pass.add('sgd', { lr: -scale, weightDecay: 0, maximize: 0 }, pairs);
    this.#pass.run();
    for (const { parameter } of taking) parameter[written]?.();
  }

  /** The weights times x, element by element. */
  #times(x: FloatArray, { parameter, value }: Taking): FloatArray {
    const out = this.#scaled.of(parameter, value);
    if (value.length > 0) kernels().mul(0, 1, 1, value.length, value, x, out);
    return out;
  }
}

const wrapped = (inner: OptimizerState): OptimizerState => ({
  ...inner,
  optimizer: wrappedName(NAME, inner.optimizer),
});
