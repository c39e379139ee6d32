import { failures, inStream, settled } from '../backend/stream.js';
import { asHolder, lock } from '../core/locks.js';
import { Breather } from './breather.js';

/** How a training shares its thread with the event loop: it computes there, or has a native thread do it. */
export class Pace {
  readonly background: boolean;
  readonly breather: Breather;
  #since = 0;
  #unlock: (() => void) | null = null;

  constructor(background: boolean, signal: AbortSignal | undefined) {
    this.background = background;
    this.breather = new Breather(signal, background);
  }

  /** Locks what the training writes to, but for {@link run} and {@link aside}. @throws Error where it is locked already. */
  begin(written: Iterable<object>): void {
    if (!this.background) return;
    this.#unlock = lock(written, 'fit()');
    this.#since = failures();
  }

  /** The end of {@link begin}, whatever it ends with. */
  async end(): Promise<void> {
    try {
      await this.settled();
    } finally {
      this.#unlock?.();
      this.#unlock = null;
    }
  }

  /** Does a part of the training, which must be synchronous. */
  run<Result>(fn: () => Result): Result {
    return this.background ? asHolder(() => inStream(fn)) : fn();
  }

  /** Does one that reads or writes elements: nothing may be pending. */
  runAtOnce<Result>(fn: () => Result): Result {
    return this.background ? asHolder(fn) : fn();
  }

  /** Has someone else have the model, when nothing is pending. */
  async aside<Result>(written: Iterable<object>, fn: () => Promise<Result>): Promise<Result> {
    if (!this.background) return fn();
    await this.end();
    try {
      return await fn();
    } finally {
      this.begin(written);
    }
  }

  /** Resolves when nothing is pending. @throws Error where a kernel could not run. */
  async settled(): Promise<void> {
    if (this.background) await settled(this.#since);
  }
}
