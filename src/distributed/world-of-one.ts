import type { ElementArray, FloatArray } from '../core/types.js';
import type { LeafPlan } from './leaf-plan.js';
import { NO_TRAFFIC, type Traffic, type World } from './world.js';

/** A process on its own: it has every part of everything already. */
export class WorldOfOne implements World {
  readonly rank = 0;
  readonly size = 1;
  readonly localRank = 0;

  async sum(_plan: LeafPlan, [piece]: readonly FloatArray[], whole: FloatArray): Promise<void> {
    if (piece !== undefined && piece !== whole) whole.set(piece);
  }

  async sumParts(plan: LeafPlan, pieces: readonly FloatArray[], whole: FloatArray): Promise<void> {
    await this.sum(plan, pieces, whole);
  }

  async reduce<A extends ElementArray>(array: A): Promise<A> {
    return array;
  }

  async gatherParts(): Promise<void> {}

  async broadcast(): Promise<void> {}

  async barrier(): Promise<void> {}

  get traffic(): Traffic {
    return NO_TRAFFIC;
  }

  async close(): Promise<void> {}
}
