import { setImmediate } from 'node:timers/promises';

/** The event loop gets its turn this often, in milliseconds: for timers, sockets and whoever aborts. */
const TURN = 10;

/** Leaves the event loop its share of a long computation, and ends that when a signal says so. */
export class Breather {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();
  #away = 0;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** What the event loop's turns have taken, in milliseconds. */
  get away(): number {
    return this.#away;
  }

  /** Whether it is time for {@link turn}. */
  get isDue(): boolean {
    return performance.now() - this.#last >= TURN;
  }

  /** Gives the event loop its turn. */
  async turn(): Promise<void> {
    const start = performance.now();
    await setImmediate();
    this.#last = performance.now();
    this.#away += this.#last - start;
  }

  /** Called where the work can be left. @throws the signal's reason once it is aborted. */
  async breathe(): Promise<void> {
    if (this.isDue) await this.turn();
    this.#signal?.throwIfAborted();
  }
}
