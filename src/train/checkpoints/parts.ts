import { Generator } from '../../array/generator.js';
import { takesState } from '../../checkpoint/parts.js';
import { isObject, show } from '../../core/validate.js';
import { DataError } from '../../data/errors.js';
import type { Module } from '../../nn/index.js';
import type { EarlyStopping } from '../early-stopping.js';
import type { Target } from '../examples.js';
import type { Settings } from '../settings.js';
import type { Standing } from '../standing.js';
import type { Generators } from './generators.js';
import { keptGradientsOf } from './gradients.js';
import { checkIdentity, identityOf } from './identity.js';

type Named = Readonly<Record<string, unknown>>;

/** What functions in `checkpoint.extra` have returned. */
const EXTRA = 'extra';
const IDENTITY = 'identity';

/** All that a run is, as the parts of a checkpoint. */
export class RunParts<Y extends Target> {
  /** What has a state, by the names of the file. */
  readonly stateful: Named;
  readonly #functions: Named;
  readonly #settings: Settings<Y>;
  readonly #stopping: EarlyStopping | null;

  /** @throws TypeError naming what has no state that could be saved. */
  constructor(
    model: Module,
    settings: Settings<Y>,
    standing: Standing<Y>,
    stopping: EarlyStopping | null,
    generators: Generators,
  ) {
    const { optimizer, ema, saving } = settings;
    for (const [name, part] of Object.entries({ optimizer, ema })) {
      if (part === undefined || takesState(part)) continue;
      throw new TypeError(`${name} must have stateDict() and loadStateDict() to be saved, got ${show(part)}`);
    }
    const extra = Object.entries(saving?.extra ?? {});
    // Generators are among all others.
    const own = extra.filter(([, part]) => takesState(part) && !(part instanceof Generator));
    this.#functions = Object.fromEntries(extra.filter(([, part]) => typeof part === 'function'));
    this.#settings = settings;
    this.#stopping = stopping;
    this.stateful = {
      model,
      optimizer,
      ...(ema === undefined ? {} : { ema }),
      ...(stopping === null ? {} : { earlyStopping: stopping }),
      training: standing,
      generators,
      gradients: keptGradientsOf(optimizer),
      ...Object.fromEntries(own.map(([name, part]) => [`${EXTRA}.${name}`, part])),
    };
  }

  /** What is saved, as `save` takes it. */
  toSave(): Named {
    const told = Object.entries(this.#functions).map(([name, fn]) => {
      return [name, typeof fn === 'function' ? fn() : undefined] as const;
    });
    return { ...this.stateful, [EXTRA]: Object.fromEntries(told), [IDENTITY]: this.#identity() };
  }

  /**
   * Whether these states are of this run.
   * @returns what the functions had returned.
   * @throws RangeError naming all options that are not what they were; DataError where parts are missing.
   */
  check(path: string, states: Named): Named {
    if (!isObject(states[IDENTITY])) {
      throw new DataError(
        `${path}: is no checkpoint of fit(): load() of lockstep/checkpoint reads its parts`,
      );
    }
    checkIdentity(path, states[IDENTITY], this.#identity());
    const has = Object.keys(states).filter((name) => name !== EXTRA && name !== IDENTITY);
    const wants = Object.keys(this.stateful);
    const missing = wants.filter((name) => !has.includes(name));
    const unknown = has.filter((name) => !wants.includes(name));
    if (missing.length > 0 || unknown.length > 0) {
      throw new RangeError(
        `${path} must have the parts of this run: missing ${show(missing)}, unknown ${show(unknown)}`,
      );
    }
    const extra = states[EXTRA];
    return isObject(extra) ? extra : {};
  }

  #identity(): Named {
    return identityOf(this.#settings, this.#stopping);
  }
}
