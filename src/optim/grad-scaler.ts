import type { Parameter } from '../array/parameter.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import type { FloatArray } from '../core/types.js';
import {
  checkBoolean,
  checkFinite,
  checkFunction,
  checkGreater,
  checkInteger,
  checkObject,
  show,
} from '../core/validate.js';
import { collectGradients, run, squaresOf } from './gradients.js';
import { Optimizer, stepScaled } from './optimizer.js';
import { checkOptimizer } from './wrapper.js';

/** See {@link GradScaler}. */
export interface GradScalerOptions {
  /** The first scale, above 0. Default 65536. */
  readonly initScale?: number;
  /** What the scale is multiplied by after `growthInterval` steps without a skipped one, above 1. Default 2. */
  readonly growthFactor?: number;
  /** What it is multiplied by after a skipped one, in (0, 1). Default 0.5. */
  readonly backoffFactor?: number;
  /** Default 2000. */
  readonly growthInterval?: number;
  /** Without, the scale is 1 and no step is skipped. Default true. */
  readonly enabled?: boolean;
  /** Told of every step that is skipped: the scale, and how many were skipped with it. Default: nobody. */
  readonly onSkip?: (scale: number, skipped: number) => void;
}

const OPTIONS: OptionNames<GradScalerOptions> = {
  initScale: true,
  growthFactor: true,
  backoffFactor: true,
  growthInterval: true,
  enabled: true,
  onSkip: true,
};

/** What a scaler asks of an optimizer. */
export interface ScaledOptimizer {
  parameters(): Iterable<Parameter>;
  step(): unknown;
}

/** What is known of an optimizer's gradients since the last `update()`. */
interface Seen {
  /** Whether all of them are finite. */
  readonly isWhole: boolean;
  readonly isUnscaled: boolean;
  isStepped: boolean;
}

/** What `stateDict()` gives. */
export interface GradScalerState {
  readonly scale: number;
  readonly growthTracker: number;
  readonly skipped: number;
}

/**
 * Dynamic loss scaling (Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740, section 3.2), as torch.amp's GradScaler: the loss is
 * multiplied so that small gradients do not vanish in narrow numbers, and a step whose gradients are not finite is skipped.
 *
 * ```ts
 * scaler.scale(loss).backward();
 * scaler.unscale(optimizer); // where gradients are clipped before the step
 * scaler.step(optimizer);
 * scaler.update();
 * ```
 *
 * Without `unscale`, a step of an optimizer that is a rule of the kernels unscales gradients as it reads them: beside it, memory is
 * read once, for the look at what is finite. The gradients then stay scaled.
 */
export class GradScaler {
  readonly #options: Required<GradScalerOptions>;
  readonly #seen = new Map<ScaledOptimizer, Seen>();
  #scale: number;
  #growthTracker = 0;
  #skipped = 0;

  /** @throws TypeError or RangeError naming the option that does not fit. */
  constructor(options: GradScalerOptions = {}) {
    checkOptions('GradScaler', options, OPTIONS);
    const { initScale = 65536, growthFactor = 2, backoffFactor = 0.5, growthInterval = 2000 } = options;
    const { enabled = true, onSkip = () => {} } = options;
    checkFinite('initScale', initScale);
    checkGreater('initScale', initScale, 0);
    checkGreater('growthFactor', growthFactor, 1);
    checkGreater('backoffFactor', backoffFactor, 0);
    if (backoffFactor >= 1) throw new RangeError(`backoffFactor must be below 1, got ${backoffFactor}`);
    checkInteger('growthInterval', growthInterval, 1);
    checkBoolean('enabled', enabled);
    checkFunction('onSkip', onSkip);
    this.#options = { initScale, growthFactor, backoffFactor, growthInterval, enabled, onSkip };
    this.#scale = enabled ? initScale : 1;
  }

  /** What the loss is multiplied by. */
  getScale(): number {
    return this.#scale;
  }

  /** How many steps were skipped so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The loss times the scale: `backward()` is called on that. @throws TypeError where it has no `mul`, as a number has not. */
  scale<Loss>(loss: { mul(factor: number): Loss }): Loss {
    if (typeof Object(loss).mul !== 'function') {
      throw new TypeError(`loss must be a Tensor, got ${show(loss)}`);
    }
    return loss.mul(this.#scale);
  }

  /**
   * Divides the gradients by the scale, in place.
   * @throws Error where that was done, or the step taken, since the last {@link update}; TypeError or RangeError naming the
   * parameter that does not fit.
   */
  unscale(optimizer: ScaledOptimizer): void {
    const seen = this.#seen.get(optimizer);
    if (seen !== undefined) {
      const name = seen.isStepped ? 'step()' : 'unscale()';
      throw new Error(`${name} was called for this optimizer already: call update() first`);
    }
    this.#unscale(optimizer, this.#look(optimizer));
  }

  /**
   * Unscales the gradients, where that was not done, and takes the optimizer's step, or skips it where one of them is not finite.
   * @returns whether it was taken
   * @throws Error where that was done since the last {@link update}; what the optimizer's step throws
   */
  step(optimizer: ScaledOptimizer): boolean {
    const known = this.#seen.get(optimizer);
    if (known?.isStepped) {
      throw new Error('step() was called for this optimizer already: call update() first');
    }
    const seen = known ?? this.#look(optimizer);
    if (seen.isWhole) this.#take(optimizer, seen);
    else {
      this.#skipped++;
      this.#options.onSkip(this.#scale, this.#skipped);
    }
    this.#seen.set(optimizer, { ...(this.#seen.get(optimizer) ?? seen), isStepped: true });
    return seen.isWhole;
  }

  /**
   * Moves the scale, once all optimizers of an iteration have stepped.
   * @throws Error where none has since the last call: one whose own `step()` was called has stepped with scaled gradients.
   */
  update(): void {
    const { enabled, growthFactor, backoffFactor, growthInterval } = this.#options;
    const areWhole = [...this.#seen.values()].every(({ isWhole }) => isWhole);
    if (enabled && this.#seen.size === 0) {
      throw new Error(
        'update() found no step: call step(optimizer) of the scaler first, not that of the optimizer',
      );
    }
    this.#seen.clear();
    if (!enabled) return;
    this.#growthTracker = areWhole ? this.#growthTracker + 1 : 0;
    if (!areWhole) this.#scale *= backoffFactor;
    else if (this.#growthTracker === growthInterval) {
      const grown = this.#scale * growthFactor;
      if (Number.isFinite(grown)) this.#scale = grown;
      this.#growthTracker = 0;
    }
  }

  /** As they are, scaled: PyTorch looks at those, too. */
  #look(optimizer: ScaledOptimizer): Seen {
    checkOptimizer(optimizer, ['step', 'parameters']);
    const gradients = collectGradients(optimizer.parameters());
    const isWhole = !this.#options.enabled || areFinite(gradients);
    return { isWhole, isUnscaled: this.#scale === 1, isStepped: false };
  }

  #unscale(optimizer: ScaledOptimizer, seen: Seen): void {
    if (!seen.isUnscaled) {
      run('scale', { factor: 1 / this.#scale }, collectGradients(optimizer.parameters()));
    }
    this.#seen.set(optimizer, { ...seen, isUnscaled: true });
  }

  #take(optimizer: ScaledOptimizer, seen: Seen): void {
    if (!seen.isUnscaled) {
      if (optimizer instanceof Optimizer && stepScaled(optimizer, 1 / this.#scale)) return;
      this.#unscale(optimizer, seen);
    }
    optimizer.step();
  }

  stateDict(): GradScalerState {
    return { scale: this.#scale, growthTracker: this.#growthTracker, skipped: this.#skipped };
  }

  /**
   * Restores what `stateDict()` gave; without `enabled` the scale stays 1.
   * @throws TypeError or RangeError naming what does not fit; nothing has then changed.
   */
  loadStateDict(state: unknown): void {
    checkObject('state', state);
    const { scale, growthTracker, skipped } = state;
    checkGreater('state.scale', scale, 0);
    checkInteger('state.growthTracker', growthTracker, 0);
    checkInteger('state.skipped', skipped, 0);
    if (this.#options.enabled) this.#scale = scale;
    this.#growthTracker = growthTracker;
    this.#skipped = skipped;
  }
}

/** A number that is not finite makes the sum of squares so, and so do large ones of float64, which are then looked at. */
function areFinite(gradients: readonly FloatArray[]): boolean {
  return squaresOf(run('squares', {}, gradients)).every((square, i) => {
    const gradient = gradients[i];
    return Number.isFinite(square) || (gradient instanceof Float64Array && gradient.every(Number.isFinite));
  });
}
