import type { ElementArray } from '../core/types.js';
import { checkInteger, show } from '../core/validate.js';
import type { Kernels } from './contract/kernels.js';
import { type Communication, type LoadError, loadAddon } from './native.js';
import { Queue } from './queue.js';
import { defaultThreads } from './threads.js';
import * as mirror from './typescript/index.js';
import { warnOf } from './warn.js';

export { platform } from './places.js';

const TYPESCRIPT = 'typescript';
const typescript: Kernels = mirror;
const loaded = loadAddon();
const { addon, path, errors } = loaded;

let active: Kernels = addon?.kernels ?? typescript;

/** What `stream.ts` queues; null where all is done at once. */
export const queue = addon === null ? null : new Queue(addon, addon.kernels);

/**
 * The kernels of the target in use, for whoever reads what they write: nothing that was queued is then pending. Ask for them at
 * every call: {@link useTarget} may have changed them.
 */
export function kernels(): Kernels {
  queue?.settle();
  return active;
}

/** Those that return when they are queued; null where the target in use does all at once. */
export function queuedKernels(): Kernels | null {
  return active === typescript || queue === null ? null : queue.kernels;
}

/** Returns when all that was queued is over. @throws Error where a kernel had no memory. */
export function settle(): void {
  queue?.settle();
}

/**
 * The names of the targets that can run here, fastest first; the last one is always `'typescript'`. The first call tests
 * those which were not tested yet, for at load only the one in use is.
 */
export function targets(): string[] {
  const native = addon?.listTargets() ?? [];
  return [
    ...native.filter(({ supported, fault }) => supported && fault === null).map(({ target }) => target),
    TYPESCRIPT,
  ];
}

/** The name of the target in use. */
export function currentTarget(): string {
  return addon !== null && active !== typescript ? addon.getTarget() : TYPESCRIPT;
}

/**
 * Switches to another target. Results do not change: optimizers give the same bits on all of them, matrix kernels on
 * all native ones. The native target is the process's, for all worker threads; `'typescript'` is the calling
 * thread's choice.
 * @throws RangeError if `name` is not one of {@link targets}; the one in use then stays.
 */
export function useTarget(name: string): void {
  settle();
  if (!tryTarget(name)) throw noTarget('target', name);
}

/** Whether there is such a target, which then is in use. */
function tryTarget(name: string): boolean {
  if (name === TYPESCRIPT) active = typescript;
  else if (addon?.setTarget(name)) active = addon.kernels;
  else return false;
  return true;
}

function noTarget(label: string, name: string): RangeError {
  return new RangeError(`${label} must be one of ${targets().map(show).join(', ')} here, got ${show(name)}`);
}

/** How many threads work on a native kernel, the calling one included. The same in all worker threads. */
export function threads(): number {
  return addon?.getThreads() ?? 1;
}

/**
 * Sets how many threads work on a native kernel, for the whole process. Results do not depend on it.
 * The default is what the process's affinity mask and its control group allow.
 * @param count an integer in [1, 1024]
 */
export function useThreads(count: number): void {
  checkInteger('threads', count, 1);
  if (count > 1024) throw new RangeError(`threads must be at most 1024, got ${count}`);
  addon?.setThreads(count);
}

/** The address of the first element modulo 4,096; 0 where nothing native is loaded. */
export function pageOffset(array: ElementArray): number {
  return addon?.pageOffset(array) ?? 0;
}

/** Asks the system for large pages, for memory that nobody has written to yet. */
export function takeLargePages(memory: ArrayBufferLike): void {
  addon?.takeLargePages(memory);
}

/** What speaks to other processes; null where nothing native is loaded. */
export function communication(): Communication | null {
  return addon?.communication ?? null;
}

export type { Communication } from './native.js';

export interface Diagnosis {
  /** The native binary in use, or null. */
  readonly path: string | null;
  /** Every place that was tried and why it did not serve. */
  readonly loadErrors: readonly LoadError[];
  /** Targets that the processor has but that were stepped down from. */
  readonly steppedDown: readonly { readonly target: string; readonly reason: string }[];
}

/** What was loaded, and what was not and why. */
export function diagnose(): Diagnosis {
  const steppedDown = (addon?.listTargets() ?? []).flatMap(({ target, fault }) =>
    fault === null ? [] : [{ target, reason: `the self-test of ${fault} gave wrong results` }],
  );
  return { path, loadErrors: errors, steppedDown };
}

function applyEnvironment(): void {
  const { LOCKSTEP_TARGET, LOCKSTEP_THREADS } = process.env;
  const count = Number(LOCKSTEP_THREADS);
  if (LOCKSTEP_THREADS && !(Number.isInteger(count) && count >= 1 && count <= 1024)) {
    throw new RangeError(`LOCKSTEP_THREADS must be an integer in [1, 1024], got ${show(LOCKSTEP_THREADS)}`);
  }
  // The native target and the threads are the process's: a worker that is started later finds them as they were set.
  const isFirst = addon?.claimDefaults() === true;
  if (LOCKSTEP_TARGET) {
    // To ask for all targets would test them all.
    const isOne =
      isFirst || LOCKSTEP_TARGET === TYPESCRIPT
        ? tryTarget(LOCKSTEP_TARGET)
        : LOCKSTEP_TARGET === addon?.getTarget() || targets().includes(LOCKSTEP_TARGET);
    if (!isOne) throw noTarget('LOCKSTEP_TARGET', LOCKSTEP_TARGET);
  }
  if (isFirst) useThreads(LOCKSTEP_THREADS ? count : defaultThreads());
}

// First, for it may be why the environment is refused.
warnOf(loaded);
applyEnvironment();
