import type { Kernels } from '../backend/contract/kernels.js';
import { REDUCTION_CHUNK, sumTree } from '../backend/contract/reduction-order.js';
import {
  type Batch,
  CLIP_SCALARS,
  type Clip,
  dotCount,
  NO_CLIP,
  type Repeat,
  RULES,
  type RuleName,
} from '../backend/contract/rules.js';
import type { Operand } from '../backend/contract/storage.js';
import { kernels } from '../backend/stream.js';
import { show } from '../core/validate.js';

const NO_DOTS = new Float64Array(0);

/** A {@link Batch} that is filled anew at every step, without allocating once it has grown. */
export class ReusableBatch implements Batch {
  rule: RuleName = 'sgd';
  scalars: Float64Array = NO_DOTS;
  dots: Float64Array = NO_DOTS;
  /** Of the chunks of a tensor. */
  #partials: Float64Array = NO_DOTS;
  readonly operands: Operand[] = [];
  #used = 0;
  #version = 0;

  /** @param key of the random words, where operands are packed */
  start(rule: RuleName, values: Readonly<Record<string, number>>, clip: Clip = NO_CLIP, key?: number): void {
    const { scalars } = RULES[rule];
    const own = scalars.length;
    const count = own + CLIP_SCALARS + (key === undefined ? 0 : 1);
    if (this.rule !== rule || this.scalars.length !== count) {
      this.#version++;
      this.rule = rule;
      this.scalars = new Float64Array(count);
    }
    for (let s = 0; s < scalars.length; s++) {
      const value = values[scalars[s]];
      if (typeof value !== 'number') throw noScalar(rule, scalars[s], value);
      this.scalars[s] = value;
    }
    this.scalars[own] = clip.scale;
    this.scalars[own + 1] = clip.limit;
    if (key !== undefined) this.scalars[own + CLIP_SCALARS] = key;
    this.#used = 0;
  }

  add(operand: Operand): void {
    // Storing what is there already would still dirty the array for the garbage collector.
    if (this.operands[this.#used] !== operand) {
      this.operands[this.#used] = operand;
      this.#version++;
    }
    this.#used++;
  }

  finish(): void {
    if (this.operands.length !== this.#used) {
      this.operands.length = this.#used;
      this.#version++;
    }
    const count = RULES[this.rule].dots === 0 ? 0 : dotCount(this.rule, this.#lengths());
    if (this.dots.length !== count) {
      this.dots = new Float64Array(count);
      this.#version++;
    }
  }

  /** Another number whenever its rule, or one of its arrays, becomes another object. */
  get version(): number {
    return this.#version;
  }

  /** The dot products of every tensor in order: for each tensor an array with one number per product. */
  *dotProducts(): Generator<number[]> {
    const { dots } = RULES[this.rule];
    let first = 0;
    for (const length of this.#lengths()) {
      const chunks = Math.ceil(length / REDUCTION_CHUNK);
      if (this.#partials.length < chunks) this.#partials = new Float64Array(chunks);
      const sums: number[] = [];
      for (let d = 0; d < dots; d++) {
        for (let chunk = 0; chunk < chunks; chunk++) {
          this.#partials[chunk] = this.dots[first + chunk * dots + d];
        }
        sums.push(sumTree(this.#partials, chunks));
      }
      yield sums;
      first += chunks * dots;
    }
  }

  *#lengths(): Generator<number> {
    const { operands } = RULES[this.rule];
    for (let i = 0; i < this.#used; i += operands.length) yield this.operands[i].length;
  }
}

/** Steps of which one is often as the one before: over the same arrays, with other numbers in them. */
export class RepeatedStep {
  /** What the last step was of, and the version of each batch then. */
  readonly #batches: ReusableBatch[] = [];
  readonly #versions: number[] = [];
  #backend: Kernels | null = null;
  /** The last step, where the one before was over the same arrays too. */
  #repeat: Repeat | undefined;

  take(batches: readonly ReusableBatch[]): void {
    const backend = kernels();
    const isSame = this.#note(batches, backend);
    if (!isSame) this.#repeat?.(true);
    // What is over, or finds other memory, takes none.
    if (!this.#repeat?.()) this.#repeat = backend.step(batches, isSame);
  }

  /** Takes note of what is stepped. @returns whether the last step was of the same */
  #note(batches: readonly ReusableBatch[], backend: Kernels): boolean {
    let isSame = backend === this.#backend && batches.length === this.#batches.length;
    this.#backend = backend;
    // To set a length is a call of the engine's, even to what it is.
    if (this.#batches.length !== batches.length) {
      this.#batches.length = this.#versions.length = batches.length;
    }
    for (let b = 0; b < batches.length; b++) {
      const batch = batches[b];
      if (batch === this.#batches[b] && batch.version === this.#versions[b]) continue;
      isSame = false;
      this.#batches[b] = batch;
      this.#versions[b] = batch.version;
    }
    return isSame;
  }
}

function noScalar(rule: RuleName, name: string, value: unknown): TypeError {
  const expected = RULES[rule].scalars.join(', ');
  return new TypeError(
    `scalars of the rule ${show(rule)} must be numbers, ${expected}: got ${show(value)} for ${name}`,
  );
}
