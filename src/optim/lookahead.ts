import { arraysOf, type Parameter } from '../array/parameter.js';
import { alignedZerosLike, plainCopies } from '../backend/memory.js';
import { settle } from '../backend/select.js';
import { copy } from '../backend/stream.js';
import { type Copying, copiedState, stateCopied } from '../core/copied-state.js';
import { isLike } from '../core/dtypes.js';
import { copyOf, lengthOf } from '../core/float-arrays.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import { checkInteger, checkObject, checkProbability, show } from '../core/validate.js';
import { written } from '../core/written.js';
import { Pass } from './pass.js';
import type { OptimizerState } from './state-dict.js';
import type { Loss } from './update-step.js';
import { innerName, type Stepping, Wrapper, wrappedName } from './wrapper.js';

/** See {@link Lookahead}. */
export interface LookaheadOptions {
  /** Steps of the optimizer to one of the slow weights, at least 1. Default 5. */
  readonly k?: number;
  /** How far the slow weights go towards the fast ones, in [0, 1]. Default 0.5. */
  readonly alpha?: number;
}

const OPTIONS: OptionNames<LookaheadOptions> = { k: true, alpha: true };
const NAME = 'Lookahead';

/**
 * Lookahead (Zhang et al. 2019, https://arxiv.org/abs/1907.08610, algorithm 1): slow weights that follow those of another optimizer.
 *
 * After every k steps of the optimizer: slow = slow + alpha (p - slow); p = slow. The optimizer keeps its states. Slow weights
 * begin as the weights that it finds. `fit` takes it as any optimizer, and its state dictionary is
 * the optimizer's with the slow weights among the arrays of each parameter.
 *
 * ```ts
 * const optimizer = new Lookahead(new Adam(model.parameters()), { k: 5, alpha: 0.5 });
 * ```
 *
 * 4 bytes of state a float32 weight beside the optimizer's.
 */
export class Lookahead extends Wrapper {
  readonly #k: number;
  readonly #alpha: number;
  readonly #pass = new Pass();
  readonly #slow = new Map<Parameter, FloatArray>();
  /** Steps since the slow weights began. */
  #steps = 0;

  /** @throws TypeError or RangeError naming what does not fit. */
  constructor(optimizer: Stepping, options: LookaheadOptions = {}) {
    super(optimizer);
    checkOptions(NAME, options, OPTIONS);
    const { k = 5, alpha = 0.5 } = options;
    checkInteger('k', k, 1);
    checkProbability(alpha, 'alpha');
    this.#k = k;
    this.#alpha = alpha;
    this.#begin();
  }

  /** A step of the optimizer, and after every k-th one of the slow weights. @throws as that of the optimizer. */
  step(): void;
  step<L extends Loss>(closure: () => L): L;
  step<L extends Loss>(closure?: () => L): L | undefined {
    this.#begin();
    const loss = closure === undefined ? this.optimizer.step() : this.optimizer.step(closure);
    this.#steps++;
    if (this.#steps % this.#k === 0) this.#follow();
    return loss === undefined ? undefined : loss;
  }

  /** See {@link Optimizer.stateDict}. */
  stateDict(): OptimizerState {
    return this.#copied(this.optimizer.stateDict(), plainCopies);
  }

  /** For checkpoints: see {@link copiedState}. */
  [copiedState](copying: Copying): OptimizerState | null {
    if (this.stateDict !== Lookahead.prototype.stateDict) return null;
    return this.#copied(stateCopied(this.optimizer, copying), copying);
  }

  #copied(inner: OptimizerState, copying: Copying): OptimizerState {
    this.#begin();
    settle();
    const slow = slowOf(inner.optimizer);
    const parameters = this.parameters().map((parameter, i) => {
      const key = keyOf(parameter, i);
      const { step, arrays } = inner.parameters[key];
      return [key, { step, arrays: { ...arrays, [slow]: copying.copy(this.#slowOf(parameter)) } }] as const;
    });
    return {
      ...inner,
      optimizer: wrappedName(NAME, inner.optimizer),
      parameters: Object.fromEntries(parameters),
      extra: { steps: this.#steps, optimizer: inner.extra },
    };
  }

  /** See {@link Optimizer.loadStateDict}. */
  loadStateDict(state: unknown): void {
    checkObject('state', state);
    const { optimizer: name, parameters, extra, ...rest } = state;
    const optimizer = innerName(NAME, name);
    checkObject('state.parameters', parameters);
    checkObject('state.extra', extra);
    const { steps, optimizer: innerExtra } = extra;
    checkInteger('state.extra.steps', steps, 0);
    const loaded = new Map<Parameter, FloatArray>();
    const others = Object.fromEntries(Object.entries(parameters));
    for (const [i, parameter] of this.parameters().entries()) {
      const key = keyOf(parameter, i);
      const path = `state.parameters[${show(key)}]`;
      checkObject(path, others[key]);
      const { arrays, ...own } = others[key];
      checkObject(`${path}.arrays`, arrays);
      const { [slowOf(optimizer)]: slow, ...left } = arrays;
      loaded.set(parameter, readSlow(`${path}.arrays`, slow, parameter.value));
      others[key] = { ...own, arrays: left };
    }
    // The last that can fail.
    this.optimizer.loadStateDict({ ...rest, optimizer, parameters: others, extra: innerExtra });
    for (const [parameter, slow] of loaded) this.#slow.set(parameter, slow);
    this.#steps = steps;
  }

  /** Those of parameters that have joined the optimizer since are what they are now. */
  #begin(): void {
    for (const parameter of this.parameters()) this.#slowOf(parameter);
  }

  #slowOf(parameter: Parameter): FloatArray {
    const found = this.#slow.get(parameter);
    if (found !== undefined) return found;
    const { value } = arraysOf(parameter);
    const slow = alignedZerosLike(value, value.length);
    copy(value, slow);
    this.#slow.set(parameter, slow);
    return slow;
  }

  #follow(): void {
    const parameters = this.parameters();
    const pairs = parameters.flatMap((one) => [this.#slowOf(one), arraysOf(one).value]);
    this.#pass.add('interpolate', { weight: this.#alpha }, pairs);
    this.#pass.run();
    for (const parameter of parameters) {
      copy(this.#slowOf(parameter), arraysOf(parameter).value);
      parameter[written]?.();
    }
  }
}

/** What the slow weights are called among the states: another name for each that is wrapped. */
function slowOf(optimizer: string): string {
  return `${optimizer}.slow`;
}

/** As an optimizer's state dictionary names a parameter. */
function keyOf({ name }: Parameter, position: number): string {
  return name ?? `#${position}`;
}

function readSlow(path: string, slow: unknown, value: FloatArray): FloatArray {
  if (!isLike(slow, value) || lengthOf(slow) !== value.length) {
    throw new TypeError(
      `${path} must have slow weights, a ${value.constructor.name}(${value.length}), got ${show(slow)}`,
    );
  }
  return copyOf(slow);
}
