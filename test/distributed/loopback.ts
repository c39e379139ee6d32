// Ranks inside of one process, folding in plain TypeScript: what every communicator is held to.
import type { FloatArray, NumberArray } from '../../src/core/types.js';
import { checkPartition, checkPieces } from '../../src/distributed/checks.js';
import type { Communicator } from '../../src/distributed/communicator.js';
import type { LeafPlan } from '../../src/distributed/leaf-plan.js';

interface Meeting {
  readonly label: string;
  readonly parts: unknown[];
  readonly waiting: (() => void)[];
  readonly failing: ((error: unknown) => void)[];
}

/** Where ranks meet: the n-th operation of one is the n-th of all. */
class Hub {
  readonly #size: number;
  readonly #meetings = new Map<number, Meeting>();
  readonly labels: string[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** @param finish does the operation for all ranks, once all have come. */
  async meet<Part>(
    turn: number,
    rank: number,
    label: string,
    part: Part,
    finish: (parts: readonly Part[]) => void,
  ): Promise<void> {
    const meeting = this.#meetings.get(turn) ?? { label, parts: [], waiting: [], failing: [] };
    this.#meetings.set(turn, meeting);
    if (meeting.label !== label)
      throw new Error(`rank ${rank} is at ${label}, another one at ${meeting.label}`);
    meeting.parts[rank] = part;
    const done = new Promise<void>((resolve, reject) => {
      meeting.waiting.push(resolve);
      meeting.failing.push(reject);
    });
    if (meeting.waiting.length === this.#size) {
      this.#meetings.delete(turn);
      this.labels.push(label);
      try {
        finish(meeting.parts as Part[]);
        // As late as a message: what is touched before is seen.
        setImmediate(() => {
          for (const resolve of meeting.waiting) resolve();
        });
      } catch (error) {
        for (const reject of meeting.failing) reject(error);
      }
    }
    await done;
  }
}

class Loopback implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly hub: Hub;
  #turn = 0;

  constructor(hub: Hub, rank: number, size: number) {
    this.hub = hub;
    this.rank = rank;
    this.size = size;
  }

  async sum(plan: LeafPlan, pieces: readonly FloatArray[], whole: FloatArray, label: string): Promise<void> {
    const partition = [0, ...Array.from({ length: this.size - 1 }, () => whole.length), whole.length];
    await this.#sum(plan, pieces, whole, label, () => ({ from: 0, to: whole.length }), partition);
  }

  async sumParts(
    plan: LeafPlan,
    pieces: readonly FloatArray[],
    whole: FloatArray,
    partition: readonly number[],
    label: string,
  ): Promise<void> {
    checkPartition(this, partition, whole);
    const range = (rank: number) => ({ from: partition[rank], to: partition[rank + 1] });
    await this.#sum(plan, pieces, whole, label, range, partition);
  }

  async #sum(
    plan: LeafPlan,
    pieces: readonly FloatArray[],
    whole: FloatArray,
    label: string,
    range: (rank: number) => { from: number; to: number },
    partition: readonly number[],
  ): Promise<void> {
    checkPieces(this, plan, pieces, whole);
    await this.#meet(label, { pieces, whole, partition }, (all) => {
      const nodes = all.flatMap((one) => one.pieces.map((piece) => piece.slice()));
      for (const { to, from } of plan.foldOrder()) {
        for (let i = 0; i < whole.length; i++) nodes[to][i] += nodes[from][i];
      }
      for (const [rank, one] of all.entries()) {
        const { from, to } = range(rank);
        // What is nobody's is scratch.
        for (const array of [...one.pieces, one.whole]) array.fill(Number.NaN);
        one.whole.set(nodes[0].subarray(from, to), from);
      }
    });
  }

  async gatherParts(whole: NumberArray, partition: readonly number[], label: string): Promise<void> {
    checkPartition(this, partition, whole);
    await this.#meet(label, { whole, partition: partition.join() }, (all) => {
      const parts = all.map((one, r) => {
        if (one.partition !== all[0].partition) throw new Error(`${label}: partitions differ`);
        return one.whole.slice(partition[r], partition[r + 1]);
      });
      for (const one of all) for (const [r, part] of parts.entries()) one.whole.set(part, partition[r]);
    });
  }

  async broadcast(array: NumberArray, root: number, label: string): Promise<void> {
    await this.#meet(label, array, (all) => {
      for (const one of all) one.set(all[root]);
    });
  }

  async barrier(label: string): Promise<void> {
    await this.#meet(label, null, () => {});
  }

  #meet<Part>(label: string, part: Part, finish: (parts: readonly Part[]) => void): Promise<void> {
    return this.hub.meet(this.#turn++, this.rank, label, part, finish);
  }
}

/** As many ranks, which must all be used. */
export function loopback(
  size: number,
): (Communicator & { readonly hub: { readonly labels: readonly string[] } })[] {
  const hub = new Hub(size);
  return Array.from({ length: size }, (_, rank) => new Loopback(hub, rank, size));
}
