import type { Communicator } from '../distributed/communicator.js';

/** The numbers of batches that ranks judge by turns. Each then knows all, and adds them up as one process does. */
export class BatchNumbers {
  readonly #communicator: Communicator;
  readonly #shares: number[] = [];
  readonly #own: number[] = [];

  constructor(communicator: Communicator) {
    this.#communicator = communicator;
  }

  /** Takes note of one more batch, and its weight. @returns whether this rank judges it. */
  next(share: number): boolean {
    const { rank, size } = this.#communicator;
    return (this.#shares.push(share) - 1) % size === rank;
  }

  /** Keeps what `observe` gave of it. */
  keep(numbers: readonly number[]): void {
    this.#own.push(...numbers);
  }

  /**
   * In the order of the batches.
   * @param columns how many numbers a batch has
   */
  async all(columns: number): Promise<{ readonly share: number; readonly numbers: number[] }[]> {
    const { rank, size } = this.#communicator;
    const partition = [0];
    for (let r = 0; r < size; r++) {
      const batches = Math.ceil(Math.max(0, this.#shares.length - r) / size);
      partition.push(partition[r] + batches * columns);
    }
    const all = new Float64Array(partition[size]);
    all.set(this.#own, partition[rank]);
    await this.#communicator.gatherParts(all, partition, 'numbers of the validation');
    return this.#shares.map((share, batch) => {
      const begin = partition[batch % size] + Math.floor(batch / size) * columns;
      return { share, numbers: [...all.subarray(begin, begin + columns)] };
    });
  }
}
