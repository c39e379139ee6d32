import { RULES, type RuleName } from '../backend/contract/rules.js';
import { alignedZerosLike } from '../backend/memory.js';
import { settle } from '../backend/select.js';
import { dtypeOf } from '../core/dtypes.js';
import type { FloatArray } from '../core/types.js';
import { RepeatedStep, ReusableBatch } from './batches.js';

/**
 * Rules over arrays that an update has at hand, in one native call: what composed optimizers are made of. One that adds the same
 * arrays at every step allocates nothing.
 */
export class Pass {
  readonly #batches: ReusableBatch[] = [];
  readonly #repeated = new RepeatedStep();
  #used = 0;
  #ran: readonly ReusableBatch[] = [];

  /** @param arrays for each tensor as many as the rule has operands */
  add(rule: RuleName, scalars: Readonly<Record<string, number>>, arrays: readonly FloatArray[]): void {
    this.#batches[this.#used] ??= new ReusableBatch();
    const batch = this.#batches[this.#used];
    batch.start(rule, scalars);
    for (const array of arrays) batch.add(array);
    batch.finish();
    this.#used++;
  }

  /** Runs what was added, in order. */
  run(): void {
    this.#ran = this.#batches.slice(0, this.#used);
    this.#used = 0;
    this.#repeated.take(this.#ran);
  }

  /** Of what ran, the first dot product of every tensor: in double, in an order that depends on the lengths alone. */
  dots(): number[] {
    settle();
    return this.#ran.flatMap((batch) =>
      RULES[batch.rule].dots === 0 ? [] : Array.from(batch.dotProducts(), ([dot]) => dot),
    );
  }

  /** The norms of what ran by the rule `squares`. */
  norms(): number[] {
    return this.dots().map(Math.sqrt);
  }
}

/** An array beside each of others, of its type and length, that outlives the step but is no part of the state. */
export class Scratch {
  readonly #arrays = new WeakMap<object, FloatArray>();

  /** @param key an object that is the same at every step */
  of(key: object, value: FloatArray): FloatArray {
    const found = this.#arrays.get(key);
    if (found !== undefined) return found;
    const made = alignedZerosLike(value, value.length);
    this.#arrays.set(key, made);
    return made;
  }
}

/** Arrays for the time of one parameter's step, the same for all parameters of one length. */
export class SharedScratch {
  readonly #arrays = new Map<string, FloatArray>();

  /** @param use tells those apart that are in use at once */
  of(use: string, like: FloatArray, length: number): FloatArray {
    const key = `${use} ${dtypeOf(like)} ${length}`;
    const found = this.#arrays.get(key);
    if (found !== undefined) return found;
    const made = alignedZerosLike(like, length);
    this.#arrays.set(key, made);
    return made;
  }
}
