import { elementTypeOf } from '../core/dtypes.js';
import type { ElementArray } from '../core/types.js';
import type { Reduction } from './world.js';

/** Bytes of a part of an array: what is written, sent or read. */
export interface Place {
  readonly area: number;
  readonly offset: number;
  readonly bytes: number;
}

// The numbers of native/mpi/program.h.
const KINDS = { send: 0, receive: 1, wait: 2, copy: 3, sum: 4, min: 5, max: 6 } as const;
const TYPES = { float32: 0, float64: 1, int32: 2, uint8: 3 } as const;
const FIELDS = 9;

/** The area that is nobody's array. */
export const SCRATCH = 0;
const LINE_BYTES = 64;

/** MPI counts in 32 bits. */
const MOST_BYTES = 2 ** 30;

/**
 * What a rank does for a collective operation, in order: the native thread works through it. Between two ranks, messages come in the
 * order in which they were sent, and are received in that order.
 */
export class Program {
  /** What operations name, behind the scratch. */
  readonly arrays: ElementArray[] = [];
  readonly #numbers: number[] = [];
  #messages = 0;
  #scratchBytes = 0;

  /** Messages begun so far. */
  get messages(): number {
    return this.#messages;
  }

  get scratchBytes(): number {
    return this.#scratchBytes;
  }

  /** Names an array, or finds the name that it has. */
  area(array: ElementArray): number {
    const found = this.arrays.indexOf(array);
    return found >= 0 ? found + 1 : this.arrays.push(array);
  }

  /** Scratch of the program's own, which begins on a line of the cache: its offset. */
  takeScratch(bytes: number): number {
    const offset = this.#scratchBytes;
    this.#scratchBytes = offset + Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
    return offset;
  }

  send(to: number, place: Place): void {
    this.#message(KINDS.send, to, place);
  }

  receive(from: number, place: Place): void {
    this.#message(KINDS.receive, from, place);
  }

  /**
   * Waits until the first messages are over.
   * @param depth how many ranks may be waiting in a row, each for the next, so that the last one is named where it is late.
   */
  wait(messages: number, depth = 0): void {
    this.#add(KINDS.wait, messages, depth);
  }

  waitForAll(depth = 0): void {
    this.wait(this.#messages, depth);
  }

  copy(to: Place, from: Place): void {
    if (to.bytes > 0) this.#add(KINDS.copy, 0, to.bytes, to.area, to.offset, from.area, from.offset);
  }

  /** Writes what becomes of two places to one, which may be either of them. */
  combine(reduction: Reduction, like: ElementArray, to: Place, left: Place, right: Place): void {
    if (to.bytes === 0) return;
    const type = TYPES[elementTypeOf(like)];
    const operands = [to.area, to.offset, left.area, left.offset, right.area, right.offset];
    this.#add(KINDS[reduction], type, to.bytes, ...operands);
  }

  /** As the native side reads it. */
  toArray(): Float64Array {
    return Float64Array.from(this.#numbers);
  }

  #message(kind: number, peer: number, { area, offset, bytes }: Place): void {
    for (let start = 0; start < bytes; start += MOST_BYTES) {
      this.#messages++;
      this.#add(kind, peer, Math.min(MOST_BYTES, bytes - start), area, offset + start);
    }
  }

  #add(...numbers: number[]): void {
    for (let field = 0; field < FIELDS; field++) this.#numbers.push(numbers[field] ?? 0);
  }
}
