import type { Communicator } from '../../distributed/communicator.js';
import { LeafPlan } from '../../distributed/leaf-plan.js';
import { LeafNumbers } from './leaf-numbers.js';
import { type Turn, turnsOf } from './turns.js';

/** Steps of so many leaves. */
export interface StepPlan {
  readonly leaves: LeafPlan;
  /** Of this rank. */
  readonly turns: readonly Turn[];
  readonly numbers: LeafNumbers;
}

/** Plans steps: most have the same number of leaves, the last one of an epoch may have fewer. */
export class StepPlans {
  readonly #communicator: Communicator;
  readonly #columns: number;
  readonly #plans = new Map<number, StepPlan>();

  /** @param columns numbers of a leaf that all ranks are to know */
  constructor(communicator: Communicator, columns: number) {
    this.#communicator = communicator;
    this.#columns = columns;
  }

  of(count: number): StepPlan {
    const known = this.#plans.get(count);
    if (known !== undefined) return known;
    const { rank, size } = this.#communicator;
    const leaves = new LeafPlan(count, size);
    const plan = { leaves, turns: turnsOf(leaves, rank), numbers: new LeafNumbers(leaves, this.#columns) };
    this.#plans.set(count, plan);
    return plan;
  }
}
