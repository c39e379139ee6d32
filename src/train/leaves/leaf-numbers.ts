import type { Communicator } from '../../distributed/communicator.js';
import { foldOrder, type LeafPlan } from '../../distributed/leaf-plan.js';

/** Numbers of every leaf of a step, a row for each: known to all ranks once they were shared. */
export class LeafNumbers {
  readonly #rows: Float64Array;
  readonly #columns: number;
  readonly #leaves: number;
  readonly #partition: readonly number[];
  readonly #order: ReturnType<typeof foldOrder>;
  readonly #column: Float64Array;

  constructor(plan: LeafPlan, columns: number) {
    this.#columns = columns;
    this.#leaves = plan.leaves;
    this.#rows = new Float64Array(plan.leaves * columns);
    this.#column = new Float64Array(plan.leaves);
    this.#order = foldOrder(plan.leaves);
    const begins = Array.from({ length: plan.ranks }, (_, rank) => plan.range(rank).begin);
    this.#partition = [...begins, plan.leaves].map((leaf) => leaf * columns);
  }

  of(leaf: number, column: number): number {
    return this.#rows[leaf * this.#columns + column];
  }

  set(leaf: number, column: number, value: number): void {
    this.#rows[leaf * this.#columns + column] = value;
  }

  async share(communicator: Communicator, label: string): Promise<void> {
    if (communicator.size > 1) await communicator.gatherParts(this.#rows, this.#partition, label);
  }

  /** Those of a column added up along the canonical tree. */
  sum(column: number): number {
    const numbers = this.#column;
    for (let leaf = 0; leaf < this.#leaves; leaf++) numbers[leaf] = this.of(leaf, column);
    for (const { to, from } of this.#order) numbers[to] += numbers[from];
    return numbers[0];
  }
}
