import type { Module } from '../../nn/index.js';
import type { EarlyStopping } from '../early-stopping.js';
import { checkSavable } from '../evaluate.js';
import type { Target } from '../examples.js';
import type { Steps } from '../feed.js';
import type { Pace } from '../pace.js';
import type { Resumed } from '../reports.js';
import type { Settings } from '../settings.js';
import type { Standing } from '../standing.js';
import { Generators } from './generators.js';
import { RunParts } from './parts.js';
import { goOn } from './resume.js';
import { Saver } from './saver.js';

/** What of a training has to do with its checkpoints: null where it has none, and goes on from none. */
export function checkpointsOf<Y extends Target>(
  model: Module,
  settings: Settings<Y>,
  standing: Standing<Y>,
  stopping: EarlyStopping | null,
  pace: Pace,
): Checkpoints<Y> | null {
  const { saving, resume, metrics } = settings;
  if (saving === null && resume === false) return null;
  if (saving?.every.steps !== undefined || saving?.every.seconds !== undefined) checkSavable(metrics);
  const generators = new Generators(model, saving?.extra ?? {});
  const parts = new RunParts(model, settings, standing, stopping, generators);
  const saver = saving === null ? null : new Saver(saving, parts, standing, pace);
  return new Checkpoints(settings, standing, generators, parts, saver);
}

export class Checkpoints<Y extends Target> {
  readonly #settings: Settings<Y>;
  readonly #standing: Standing<Y>;
  readonly #generators: Generators;
  readonly #parts: RunParts<Y>;
  readonly #saver: Saver<Y> | null;

  constructor(
    settings: Settings<Y>,
    standing: Standing<Y>,
    generators: Generators,
    parts: RunParts<Y>,
    saver: Saver<Y> | null,
  ) {
    this.#settings = settings;
    this.#standing = standing;
    this.#generators = generators;
    this.#parts = parts;
    this.#saver = saver;
  }

  /** @returns where the run goes on; null where it begins. */
  async begin(): Promise<Resumed | null> {
    const resumed = await goOn(this.#settings, this.#parts, this.#standing);
    await this.#saver?.begin();
    return resumed;
  }

  /** The steps of the epoch at work which are left. */
  async steps(): Promise<Steps<Y>> {
    const { feed, signal } = this.#settings;
    const { epoch, stepsInEpoch } = this.#standing;
    if (stepsInEpoch === 0) this.#generators.beginEpoch();
    if (stepsInEpoch === 0 || feed.canBeginAnywhere) return feed.steps(epoch, stepsInEpoch);
    const restore = this.#generators.rewind();
    const steps = feed.steps(epoch);
    try {
      for (let step = 0; step < stepsInEpoch; step++) {
        const { done } = await steps.next();
        if (done === true)
          throw new RangeError(`data must have steps after ${stepsInEpoch} of epoch ${epoch}, got ${step}`);
        signal?.throwIfAborted();
      }
    } catch (error) {
      await steps.return?.();
      throw error;
    } finally {
      restore();
    }
    return steps;
  }

  /** @param isLast whether a hook has ended the training with this step. */
  async afterStep(isLast: boolean): Promise<void> {
    await this.#saver?.afterStep(isLast);
  }

  /** @param isLast whether the training ends with this epoch. */
  async afterEpoch(isLast: boolean): Promise<void> {
    await this.#saver?.afterEpoch(isLast);
  }

  /** Waits for what is being written. */
  async settled(): Promise<void> {
    await this.#saver?.settled();
  }

  /** The same. @throws what went wrong. */
  async finish(): Promise<void> {
    await this.#saver?.finish();
  }
}
