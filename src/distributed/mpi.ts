import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Communication } from '../backend/select.js';
import { settledArray } from '../backend/stream.js';
import { elementTypeOf } from '../core/dtypes.js';
import { fix } from '../core/fixed-memory.js';
import { bufferOf, checkLength, lengthOf } from '../core/float-arrays.js';
import type { ElementArray, FloatArray } from '../core/types.js';
import { checkPartition, checkPieces } from './checks.js';
import { LeafPlan } from './leaf-plan.js';
import { Program } from './program.js';
import { barrierProgram } from './programs/barrier.js';
import { broadcastProgram } from './programs/broadcast.js';
import { gatherProgram, type Summands, sumPartsProgram, sumProgram } from './programs/sum.js';
import type { Reduction, Traffic, World } from './world.js';

/** What a native thread is at work with. */
interface Pending {
  readonly arrays: readonly ElementArray[];
  readonly resolve: () => void;
}

/** Seconds that starting takes on busy machines. */
const LEAST_FOR_START = 20;

/** What was written for one shape, and which of the arrays it was given it names, in order. */
interface Written {
  readonly numbers: Float64Array;
  readonly scratchBytes: number;
  readonly order: readonly number[];
}

/** Programs that are kept: a training comes back to those of its buckets. */
const KEPT_PROGRAMS = 256;

/** The number that start() comes back with. */
const START = 0;

/** The processes of a launch of MPI. */
export class MpiWorld implements World {
  readonly rank: number;
  readonly size: number;
  readonly #native: Communication;
  readonly #pending: Map<number, Pending>;
  /** One program runs at a time, so that they share it. */
  #scratch = new Uint8Array(64);
  readonly #programs = new Map<string, Written>();
  #localRank = 0;
  #ids = START;

  private constructor(native: Communication, pending: Map<number, Pending>, rank: number, size: number) {
    this.#native = native;
    this.#pending = pending;
    this.rank = rank;
    this.size = size;
  }

  /**
   * Meets the other processes, over a library that is open.
   * @param timeout seconds to wait for them whenever they communicate, and now, but no fewer than it may take.
   */
  static async start(native: Communication, timeout: number): Promise<MpiWorld> {
    const pending = new Map<number, Pending>();
    await new Promise<void>((resolve) => {
      native.start((id) => {
        const over = pending.get(id);
        pending.delete(id);
        over?.resolve();
      }, timeout);
      const seconds = Math.max(timeout, LEAST_FOR_START);
      const timer = setTimeout(() => {
        native.abandon(
          `lockstep/distributed: in init: waited ${seconds} s for all processes to call it. All processes end.\n`,
        );
      }, seconds * 1000);
      pending.set(START, {
        arrays: [],
        resolve() {
          clearTimeout(timer);
          resolve();
        },
      });
    });
    const { rank, size, problem } = native.world();
    if (problem !== '') throw new Error(`lockstep/distributed: MPI did not start: ${problem}`);
    return new MpiWorld(native, pending, rank, size);
  }

  /** To be called by all ranks, before anything else. */
  async findLocalRank(): Promise<void> {
    const machines = new Int32Array(2 * this.size);
    machines.set(machineName(), 2 * this.rank);
    await this.gatherParts(
      machines,
      Array.from({ length: this.size + 1 }, (_, rank) => 2 * rank),
      'init',
    );
    const [first, second] = machines.subarray(2 * this.rank);
    for (let rank = 0; rank < this.rank; rank++) {
      if (machines[2 * rank] === first && machines[2 * rank + 1] === second) this.#localRank++;
    }
  }

  get localRank(): number {
    return this.#localRank;
  }

  get traffic(): Traffic {
    return this.#native.traffic();
  }

  async sum(plan: LeafPlan, pieces: readonly FloatArray[], whole: FloatArray, label: string): Promise<void> {
    const summands = this.#summands('sum', plan, pieces, whole);
    return this.#exchange(label, `sum ${plan.leaves}`, [whole, ...pieces], (program) =>
      sumProgram(program, this.rank, summands),
    );
  }

  async sumParts(
    plan: LeafPlan,
    pieces: readonly FloatArray[],
    whole: FloatArray,
    partition: readonly number[],
    label: string,
  ): Promise<void> {
    checkPartition(this, partition, whole);
    const summands = this.#summands('sum', plan, pieces, whole);
    return this.#exchange(label, `sum ${plan.leaves} ${partition}`, [whole, ...pieces], (program) =>
      sumPartsProgram(program, this.rank, partition, summands),
    );
  }

  async reduce<A extends ElementArray>(
    array: A,
    reduction: Reduction,
    label: string,
    partition?: readonly number[],
  ): Promise<A> {
    if (partition !== undefined) checkPartition(this, partition, array);
    await this.#exchange(label, `${reduction} of ranks ${partition}`, [array], (program) => {
      const summands = this.#summands(reduction, new LeafPlan(this.size, this.size), [array], array);
      if (partition === undefined) sumProgram(program, this.rank, summands);
      else sumPartsProgram(program, this.rank, partition, summands);
    });
    return array;
  }

  async gatherParts(whole: ElementArray, partition: readonly number[], label: string): Promise<void> {
    checkPartition(this, partition, whole);
    return this.#exchange(label, `gather ${partition}`, [whole], (program) =>
      gatherProgram(program, this.rank, whole, partition),
    );
  }

  broadcast(array: ElementArray, root: number, label: string): Promise<void> {
    return this.#exchange(label, `broadcast ${root}`, [array], (program) =>
      broadcastProgram(program, this.rank, this.size, array, root),
    );
  }

  barrier(label: string): Promise<void> {
    return this.#exchange(label, 'barrier', [], (program) => barrierProgram(program, this.rank, this.size));
  }

  async close(): Promise<void> {
    await this.barrier('close');
    await this.#begin([], (id) => this.#native.finish(id));
  }

  #summands(
    reduction: Reduction,
    plan: LeafPlan,
    pieces: readonly ElementArray[],
    whole: ElementArray,
  ): Summands {
    checkPieces(this, plan, pieces, whole);
    return { reduction, plan, pieces, whole };
  }

  /**
   * Begins what the program says: before this returns, so that all ranks begin in the same order.
   * @param name what the program depends on beside the arrays' types, lengths and which of them are the same
   */
  async #exchange(
    label: string,
    name: string,
    given: readonly ElementArray[],
    write: (program: Program) => void,
  ): Promise<void> {
    for (const array of given) {
      checkLength(label, array);
      settledArray(array);
      if (!fix(bufferOf(array)))
        throw new TypeError(`${label}: the memory of an array must not be resizable`);
    }
    const shapes = given.map((array) => `${elementTypeOf(array)} ${lengthOf(array)} ${given.indexOf(array)}`);
    const { numbers, scratchBytes, order } = this.#programOf(`${name} of ${shapes}`, given, write);
    if (this.#scratch.length < scratchBytes) this.#scratch = new Uint8Array(scratchBytes);
    const arrays = [this.#scratch, ...order.flatMap((place) => given[place] ?? [])];
    await this.#begin(arrays, (id) => this.#native.exchange(id, numbers, arrays, label));
  }

  /** Writes it, unless it was written for arrays of the same shape. */
  #programOf(key: string, given: readonly ElementArray[], write: (program: Program) => void): Written {
    const kept = this.#programs.get(key);
    if (kept !== undefined) return kept;
    const program = new Program();
    write(program);
    const written = {
      numbers: program.toArray(),
      scratchBytes: program.scratchBytes,
      order: program.arrays.map((array) => given.indexOf(array)),
    };
    if (this.#programs.size === KEPT_PROGRAMS) this.#programs.clear();
    this.#programs.set(key, written);
    return written;
  }

  #begin(arrays: readonly ElementArray[], begin: (id: number) => void): Promise<void> {
    return new Promise((resolve) => {
      const id = this.#nextId();
      begin(id);
      this.#pending.set(id, { arrays, resolve });
    });
  }

  /** Ids have 32 bits. */
  #nextId(): number {
    this.#ids = this.#ids === 2 ** 32 - 1 ? START + 1 : this.#ids + 1;
    return this.#ids;
  }
}

/** The same numbers in all processes of a machine, and hardly anywhere else. */
function machineName(): [number, number] {
  const text = bootId() ?? hostname();
  let [first, second] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    first = (Math.imul(first, 31) + text.charCodeAt(i)) | 0;
    second = Math.imul(second ^ text.charCodeAt(i), 0x01000193);
  }
  return [first, second];
}

/** Which containers share, that have names of their own. */
function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return null;
  }
}
