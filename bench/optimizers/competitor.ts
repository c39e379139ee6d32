import type { Contender } from '../measure.js';
import type { Shape } from './problem.js';
import type { Row } from './rows.js';

/** Contenders over the same memory. */
export interface Prepared {
  readonly contenders: readonly Contender[];
  /** Gives the memory back. @throws Error if the values have become such that the measurement is void */
  finish(): void | Promise<void>;
}

/** A library, or a loop, that can take the steps. */
export interface Competitor {
  readonly name: string;
  /** Its version, or why it is absent. */
  readonly version: string;
  /** Null where it has no such optimizer or is absent itself. */
  prepare(row: Row, shape: Shape): Promise<Prepared | null>;
  close(): void;
}

/** Takes part in nothing. */
export function absent(name: string, reason: string): Competitor {
  return { name, version: `absent: ${reason}`, prepare: async () => null, close() {} };
}

/** What the names of contenders start with. */
export const NAMES = {
  native: 'native',
  typescript: 'TypeScript',
  loop: 'same-traffic loop',
  fetchingLoop: 'same-traffic loop, fetching ahead',
  adamLoop: 'Adam written as a loop',
  pytorch: 'PyTorch',
  tfjsCpu: 'tfjs-cpu',
  tfjsWasm: 'tfjs-wasm',
} as const;
