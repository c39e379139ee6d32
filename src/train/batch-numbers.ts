import type { Communicator } from '../distributed/communicator.js';

/** Takes the numbers of a batch, and its weight. */
type Add = (numbers: readonly number[], share: number) => void;

/** The numbers of batches that ranks judge by turns. Each then knows all, and adds them up as one process does. */
export class BatchNumbers {
  readonly #communicator: Communicator;
  readonly #add: Add;
  readonly #shares: number[] = [];
  readonly #own: number[] = [];

  /** @param add is given them in the order of the batches: by one process as they come. */
  constructor(communicator: Communicator, add: Add) {
    this.#communicator = communicator;
    this.#add = add;
  }

  /** Takes note of one more batch, and its weight. @returns whether this rank judges it. */
  next(share: number): boolean {
    const { rank, size } = this.#communicator;
    if (size === 1) {
      this.#shares[0] = share;
      return true;
    }
    return (this.#shares.push(share) - 1) % size === rank;
  }

  /** Takes what `observe` gave of it. */
  take(numbers: readonly number[]): void {
    if (this.#communicator.size === 1) this.#add(numbers, this.#shares[0]);
    else this.#own.push(...numbers);
  }

  /**
   * Has those of all ranks added up.
   * @param columns how many numbers a batch has
   */
  async finish(columns: number): Promise<void> {
    const { rank, size } = this.#communicator;
    if (size === 1) return;
    const partition = [0];
    for (let r = 0; r < size; r++) {
      const batches = Math.ceil(Math.max(0, this.#shares.length - r) / size);
      partition.push(partition[r] + batches * columns);
    }
    const all = new Float64Array(partition[size]);
    all.set(this.#own, partition[rank]);
    await this.#communicator.gatherParts(all, partition, 'numbers of the validation');
    for (const [batch, share] of this.#shares.entries()) {
      const begin = partition[batch % size] + Math.floor(batch / size) * columns;
      this.#add([...all.subarray(begin, begin + columns)], share);
    }
  }
}
