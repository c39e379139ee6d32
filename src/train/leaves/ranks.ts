import type { Communicator } from '../../distributed/communicator.js';

/** What ranks have to agree on: their clocks and hooks may say different things. */
export class Ranks {
  readonly #communicator: Communicator;

  constructor(communicator: Communicator) {
    this.#communicator = communicator;
  }

  /** Whether this one does what is done once: writes files, and tells how far it is. */
  get isFirst(): boolean {
    return this.#communicator.rank === 0;
  }

  /** Whether any rank says so. */
  async any(says: boolean, label: string): Promise<boolean> {
    const { rank, size } = this.#communicator;
    if (size === 1) return says;
    const words = new Int32Array(size);
    words[rank] = Number(says);
    await this.#communicator.gatherParts(words, range(size), label);
    return words.some((word) => word !== 0);
  }

  /** Whether the first rank says so. */
  async first(says: boolean, label: string): Promise<boolean> {
    if (this.#communicator.size === 1) return says;
    const word = Int32Array.of(Number(says));
    await this.#communicator.broadcast(word, 0, label);
    return word[0] !== 0;
  }
}

/** A partition of as many elements as there are ranks. */
export function range(size: number): number[] {
  return Array.from({ length: size + 1 }, (_, i) => i);
}
