import { duration } from './format.js';

/** What is written to: `process.stderr`, or a stand-in for it. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Whether an output is a terminal that can clear a line. */
export function clearsLines({ isTTY }: Output): boolean {
  return isTTY === true && process.env.TERM !== 'dumb';
}

/** Moves the cursor to the start of the line and clears it. */
const CLEAR_LINE = '\r\x1b[2K';

const BAR_WIDTH = 24;

/** A share in [0, 1] as a bar. */
export function bar(share: number): string {
  const full = Math.round(BAR_WIDTH * share);
  return '━'.repeat(full) + '─'.repeat(BAR_WIDTH - full);
}

/** Below this share the time so far says little. */
const LEAST_SHARE = 0.002;

/** `1:23 min left`, by how long this share of the work has taken; nothing where that cannot be told yet. */
export function timeLeft(share: number, milliseconds: number): string[] {
  return share < LEAST_SHARE ? [] : [`${duration((milliseconds / 1000) * (1 / share - 1))} left`];
}

/** The last line of a terminal, written again and again. */
export class ProgressLine {
  readonly #output: Output;
  #shown = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Replaces what the line says. */
  show(parts: readonly string[]): void {
    // A longer line would wrap, and could not be cleared any more.
    const text = parts.join('  ').slice(0, (this.#output.columns ?? 80) - 1);
    this.#output.write(`${CLEAR_LINE}${text}`);
    this.#shown = true;
  }

  /** Writes a line that stays. */
  print(text: string): void {
    this.clear();
    this.#output.write(`${text}\n`);
  }

  clear(): void {
    if (this.#shown) this.#output.write(CLEAR_LINE);
    this.#shown = false;
  }
}
