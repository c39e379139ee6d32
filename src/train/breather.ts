import { setImmediate } from 'node:timers/promises';

/** The event loop gets its turn this often, in milliseconds: for timers, sockets and whoever aborts. */
const TURN = 10;
/** And so it does where a turn costs nothing, for another thread computes meanwhile. */
const TURN_IN_BACKGROUND = 0.5;

/** Leaves the event loop its share of a long computation, and ends that when a signal says so. */
export class Breather {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();
  #away = 0;

  readonly #background: boolean;

  constructor(signal: AbortSignal | undefined, background: boolean) {
    this.#signal = signal;
    this.#background = background;
  }

  /** What the event loop's turns have kept the training from, in milliseconds. */
  get away(): number {
    return this.#away;
  }

  /** Whether it is time for {@link turn}. */
  get isDue(): boolean {
    return performance.now() - this.#last >= (this.#background ? TURN_IN_BACKGROUND : TURN);
  }

  /** Gives the event loop its turn. */
  async turn(): Promise<void> {
    const start = performance.now();
    await setImmediate();
    this.#last = performance.now();
    if (!this.#background) this.#away += this.#last - start;
  }

  /** Called where the work can be left. @throws the signal's reason once it is aborted. */
  async breathe(): Promise<void> {
    if (this.isDue) await this.turn();
    this.#signal?.throwIfAborted();
  }
}
