import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { KeptCopies } from '../../backend/memory.js';
import { saveParts } from '../../checkpoint/save-parts.js';
import { DataError } from '../../data/errors.js';
import type { Target } from '../examples.js';
import type { Ranks } from '../leaves/ranks.js';
import type { ShardedState } from '../leaves/sharded-state.js';
import type { Pace } from '../pace.js';
import type { Standing } from '../standing.js';
import type { Saving } from './options.js';
import type { RunParts } from './parts.js';
import { pathOf } from './resume.js';

/** Saves a training as it goes. */
export class Saver<Y extends Target> {
  readonly #saving: Saving;
  readonly #parts: RunParts<Y>;
  readonly #standing: Standing<Y>;
  readonly #pace: Pace;
  readonly #ranks: Ranks;
  readonly #sharded: ShardedState | null;
  readonly #copies = new KeptCopies();
  /** Resolves when nothing is being written, whatever came of it. */
  #written: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  #savedAt = performance.now();

  /** @param sharded the optimizer's state, where no rank has all of it */
  constructor(
    saving: Saving,
    parts: RunParts<Y>,
    standing: Standing<Y>,
    pace: Pace,
    ranks: Ranks,
    sharded: ShardedState | null,
  ) {
    this.#ranks = ranks;
    this.#sharded = sharded;
    this.#saving = saving;
    this.#parts = parts;
    this.#standing = standing;
    this.#pace = pace;
  }

  /** Whoever may not write there is told before the training. */
  async begin(): Promise<void> {
    const { folder } = this.#saving;
    this.#savedAt = performance.now();
    if (!this.#ranks.isFirst) return;
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new DataError(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** @throws what a save before has thrown. */
  async afterStep(isLast: boolean): Promise<void> {
    this.#throwFailure();
    const { steps, seconds } = this.#saving.every;
    const isDue =
      (steps !== undefined && this.#standing.steps % steps === 0) ||
      (seconds !== undefined && (await this.#isTime(seconds)));
    if (isDue || isLast) await this.#save();
  }

  /** Clocks differ: the first rank's says so for all. */
  async #isTime(seconds: number): Promise<boolean> {
    const isTime = performance.now() - this.#savedAt >= 1000 * seconds;
    return this.#ranks.first(isTime, 'whether it is time for a checkpoint');
  }

  async afterEpoch(isLast: boolean): Promise<void> {
    this.#throwFailure();
    const { epochs } = this.#saving.every;
    const isDue = epochs !== undefined && this.#standing.epochs.length % epochs === 0;
    if (isDue || isLast) await this.#save();
  }

  /** Waits for what is being written. */
  async settled(): Promise<void> {
    await this.#written;
  }

  /** The same. @throws what went wrong. */
  async finish(): Promise<void> {
    await this.#written;
    this.#throwFailure();
  }

  /** Resolves once all states have been copied. */
  async #save(): Promise<void> {
    await this.finish();
    await this.#pace.settled();
    this.#copies.release();
    await this.#sharded?.collect(`checkpoint after step ${this.#standing.steps}`, this.#copies);
    const { folder, keep } = this.#saving;
    this.#savedAt = performance.now();
    if (!this.#ranks.isFirst) return;
    const path = pathOf(folder, this.#standing.steps);
    // What it throws of what cannot be saved comes at once.
    const parts = this.#pace.runAtOnce(() => this.#parts.toSave());
    this.#written = this.#pace
      .runAtOnce(() => saveParts(path, parts, keep, this.#copies))
      .catch((error: unknown) => {
        this.#failure = { error };
      });
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
