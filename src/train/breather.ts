import { setImmediate } from 'node:timers/promises';

/** The event loop gets its turn this often, in milliseconds: for timers, sockets and whoever aborts. */
const TURN = 10;

/** Leaves the event loop its share of a long computation, and ends that when a signal says so. */
export class Breather {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Called between the parts of the work. @throws the signal's reason once it is aborted. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#last >= TURN) {
      await setImmediate();
      this.#last = performance.now();
    }
    this.#signal?.throwIfAborted();
  }
}
