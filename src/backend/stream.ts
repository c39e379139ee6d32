import { zerosLike } from '../core/float-arrays.js';
import type { ElementArray } from '../core/types.js';
import type { Kernels } from './contract/kernels.js';
import * as select from './select.js';

// A training step as a list of kernels: inside of `inStream`, what the engine and the optimizers compute is queued, in order, and a
// native thread does it while JavaScript goes on. So whoever reads or writes elements himself there has to say so.

let isStream = false;

/** The kernels for what nobody here reads: queued inside of {@link inStream}, else those of `select.ts`. */
export function kernels(): Kernels {
  return (isStream ? select.queuedKernels() : null) ?? select.kernels();
}

/** Whether kernels are queued here. */
export function isQueueing(): boolean {
  return isStream && select.queuedKernels() !== null;
}

/** Runs `fn`, which must be synchronous; what is then pending ends as {@link settled} does. The TypeScript target does all at once. */
export function inStream<Result>(fn: () => Result): Result {
  const outer = isStream;
  isStream = true;
  try {
    return fn();
  } finally {
    isStream = outer;
  }
}

/** For tests: from now on all is as inside of {@link inStream}, and the thread sleeps before each kernel. */
export function queueAll(microseconds: number): void {
  isStream = true;
  select.queue?.delay(microseconds);
}

/** The array, once nothing that was queued reads it or writes to it. */
export function settledArray<A extends ArrayBufferView>(array: A): A {
  if (isBusy(array)) select.settle();
  return array;
}

/** How often something that was queued could not run: what {@link settled} takes. */
export function failures(): number {
  return select.queue?.failures ?? 0;
}

/**
 * Resolves when all that was queued is over.
 * @param since what {@link failures} said before the first of it
 * @throws Error where it could not run.
 */
export async function settled(since: number): Promise<void> {
  await select.queue?.settled(since);
}

/** Whether a kernel that was queued may yet read the array or write to it. */
export function isBusy(array: ArrayBufferView): boolean {
  return select.queue?.isBusy(array) === true;
}

/** Fills the array when its turn comes. */
export function fill<A extends ElementArray>(array: A, value: number): A {
  if (!isQueueing() || !isBusy(array)) {
    settledArray(array).fill(value);
    return array;
  }
  const one = zerosLike(array, 1);
  one.fill(value);
  // biome-ignore format: sizes, then the start and the steps of either side
  kernels().copyStrided(1, 1, 1, array.length, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, one, array);
  return array;
}

/** Copies all of an array to another one, as long as it or longer, when their turn comes. */
export function copy<A extends ElementArray>(from: A, to: A): void {
  const { length } = from;
  if (!isQueueing() || !(isBusy(from) || isBusy(to))) settledArray(to).set(settledArray(from));
  else if (length > 0) kernels().copyStrided(1, 1, 1, length, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, from, to);
}
