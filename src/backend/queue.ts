import { fix } from '../core/fixed-memory.js';
import { bufferOf } from '../core/float-arrays.js';
import type { Kernels } from './contract/kernels.js';
import type { Batch } from './contract/rules.js';
import type { NativeQueue } from './native.js';

interface Waiter {
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Kernels that return when they are queued: a native thread runs them in their order. What they were given is kept until all of
 * them are over.
 */
export class Queue {
  readonly kernels: Kernels;
  readonly #native: NativeQueue;
  /** What runs a kernel at once. */
  readonly #atOnce: Kernels;
  /** The memory of calls that may not be over: of each, and of many together. */
  readonly #busy = new Set<ArrayBufferLike>();
  readonly #groups: ReadonlySet<ArrayBufferLike>[] = [];
  readonly #kept: unknown[] = [];
  #isPending = false;
  #isOpen = false;
  #isExpecting = false;
  #waiters: Waiter[] = [];
  #failures = 0;
  #failure: unknown = null;

  constructor(native: NativeQueue, atOnce: Kernels) {
    this.#native = native;
    this.#atOnce = atOnce;
    const names = Object.keys(native.queuedKernels) as readonly (keyof Kernels)[];
    const table = names.map((name) => [name, (...values: unknown[]) => this.#call(name, values)]);
    this.kernels = { ...Object.fromEntries(table), step: this.#step };
  }

  /** Whether something was queued that is not known to be over. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** How often something that was queued could not run. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether something that was queued may yet read the array or write to it. */
  isBusy(array: ArrayBufferView): boolean {
    if (!this.#isPending) return false;
    const buffer = bufferOf(array);
    return this.#busy.has(buffer) || this.#groups.some((group) => group.has(buffer));
  }

  /** For tests: the thread sleeps before each kernel, this many microseconds at most. */
  delay(microseconds: number): void {
    this.#native.delayQueue(microseconds);
  }

  /**
   * Returns when all is over.
   * @throws Error, once, where a kernel had no memory: none behind it ran.
   */
  settle(): void {
    if (!this.#isPending) return;
    try {
      this.#native.waitForQueue();
    } catch (error) {
      this.#failures++;
      this.#failure = error;
      throw error;
    } finally {
      this.#isPending = false;
      this.#busy.clear();
      this.#groups.length = this.#kept.length = 0;
    }
  }

  /**
   * Resolves when all is over.
   * @param since what `failures` was before the first kernel was queued that the caller waits for
   * @throws Error where one could not run since then, whoever was told of it.
   */
  settled(since: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ since, resolve, reject });
      this.#look();
    });
  }

  /** Tells those who wait, as soon as all is over. */
  #look(): void {
    if (this.#isExpecting || this.#waiters.length === 0) return;
    this.#isExpecting = this.#isPending && this.#native.notifyOfQueue();
    if (this.#isExpecting) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    try {
      this.settle();
    } catch {
      // It is told below.
    }
    for (const { since, resolve, reject } of waiters) {
      if (this.#failures > since) reject(this.#failure);
      else resolve();
    }
  }

  /** Before something is queued over these arrays. @returns false where it must run at once. */
  #keep(values: readonly unknown[], into: Set<ArrayBufferLike>): boolean {
    for (const value of values) {
      if (!ArrayBuffer.isView(value)) continue;
      const buffer = bufferOf(value);
      if (into.has(buffer)) continue;
      if (!fix(buffer)) return false;
      into.add(buffer);
    }
    return true;
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#native.openQueue(() => {
      this.#isExpecting = false;
      this.#look();
    });
    this.#isOpen = true;
  }

  #call(name: keyof Kernels, values: unknown[]): unknown {
    if (!this.#keep(values, this.#busy)) {
      this.settle();
      return Reflect.apply(this.#atOnce[name], undefined, values);
    }
    this.#open();
    this.#isPending = true;
    return Reflect.apply(this.#native.queuedKernels[name], undefined, values);
  }

  readonly #step: Kernels['step'] = (batches: readonly Batch[], isKept) => {
    const memory = new Set<ArrayBufferLike>();
    const isFixed = batches.every(({ operands, dots }) => this.#keep([...operands, dots], memory));
    if (!isFixed) {
      this.settle();
      return this.#atOnce.step(batches, false);
    }
    this.#open();
    this.#isPending = true;
    this.#groups.push(memory);
    const repeat = this.#native.queuedKernels.step(batches, isKept);
    if (repeat === undefined) return undefined;
    // It has the plan of the step that was just queued.
    this.#kept.push(repeat);
    return (isOver) => {
      const isTaken = repeat(isOver);
      if (isTaken) {
        this.#isPending = true;
        this.#groups.push(memory);
        this.#kept.push(repeat);
      }
      return isTaken;
    };
  };
}
