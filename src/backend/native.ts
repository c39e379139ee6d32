import { existsSync } from 'node:fs';
import { toNamespacedPath } from 'node:path';
import type { ElementArray } from '../core/types.js';
import type { Kernels } from './contract/kernels.js';
import { CLIP_SCALARS, RULES } from './contract/rules.js';
import { places } from './places.js';
import * as typescript from './typescript/index.js';

export interface NativeTarget {
  readonly target: string;
  /** Whether this processor and operating system can run it. */
  readonly supported: boolean;
  /** The kernel whose results were wrong in the self-test, or null. */
  readonly fault: string | null;
}

/** Kernels that run later, on a thread of their own: see native/environment.h. */
export interface NativeQueue {
  /** The same kernels, which return when they are queued. */
  readonly queuedKernels: Kernels;
  /** @param callback what `notifyOfQueue` has called. */
  openQueue(callback: () => void): void;
  /** Returns when everything is over. @throws Error, once, where a kernel had no memory. */
  waitForQueue(): void;
  isQueueDone(): boolean;
  /** Whether something is left: then the callback is called once nothing is. */
  notifyOfQueue(): boolean;
  /** For tests: the thread sleeps before each kernel, this many microseconds at most. */
  delayQueue(microseconds: number): void;
}

/** The exports of the compiled addon. */
export interface Addon extends NativeQueue {
  readonly kernels: Kernels;
  /** Tests the targets that were not tested yet. */
  listTargets(): readonly NativeTarget[];
  listRules(): Readonly<Record<string, { operands: number; scalars: number; dots: number }>>;
  getTarget(): string;
  setTarget(name: string): boolean;
  getThreads(): number;
  setThreads(threads: number): void;
  /** The address of the first element modulo 4,096. */
  pageOffset(array: ElementArray): number;
  /** Asks the system for large pages, for memory that nobody has written to yet. */
  takeLargePages(memory: ArrayBufferLike): void;
  /** Whether this is the first call in the process. */
  claimDefaults(): boolean;
}

export interface LoadError {
  readonly path: string;
  readonly message: string;
  /** Whether LOCKSTEP_BINARY names it. */
  readonly isNamed: boolean;
}

/** The addon, and why each place that was tried before it did not have it. */
export interface LoadResult {
  readonly addon: Addon | null;
  readonly path: string | null;
  readonly errors: readonly LoadError[];
}

/** The message of a place that holds nothing. */
export const NO_SUCH_FILE = 'no such file';

/** Tries every place where a binary may lie, in order. */
export function loadAddon(): LoadResult {
  const errors: LoadError[] = [];
  for (const { path, isNamed, problem } of places()) {
    const message = problem ?? (existsSync(path) ? null : NO_SUCH_FILE);
    if (message !== null) {
      errors.push({ path, message, isNamed });
      continue;
    }
    try {
      const addon = open(path);
      checkAddon(addon);
      return { addon, path, errors };
    } catch (error) {
      errors.push({ path, message: error instanceof Error ? error.message : String(error), isNamed });
    }
  }
  return { addon: null, path: null, errors };
}

/** As require() opens a binary. Bundlers would have a say in what that does. */
function open(path: string): unknown {
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, toNamespacedPath(path));
  return module.exports;
}

const FUNCTIONS = [
  'listTargets',
  'listRules',
  'getTarget',
  'setTarget',
  'getThreads',
  'setThreads',
  'pageOffset',
  'takeLargePages',
  'claimDefaults',
  'openQueue',
  'waitForQueue',
  'isQueueDone',
  'notifyOfQueue',
  'delayQueue',
];

/** A build of another version must fail here, not in the middle of a training run. */
function checkAddon(value: unknown): asserts value is Addon {
  const addon = value as Partial<Addon> | null;
  const missing = [
    ...FUNCTIONS.filter((name) => typeof Reflect.get(addon ?? {}, name) !== 'function'),
    ...Object.keys(typescript).filter(
      (name) =>
        typeof Reflect.get(addon?.kernels ?? {}, name) !== 'function' ||
        typeof Reflect.get(addon?.queuedKernels ?? {}, name) !== 'function',
    ),
  ];
  if (missing.length > 0) {
    throw new Error(
      `it lacks ${missing.join(', ')}: it was built from other sources; run \`npm run build:native\``,
    );
  }
  const native = addon?.listRules?.() ?? {};
  for (const [name, rule] of Object.entries(RULES)) {
    const { operands, scalars, dots } = native[name] ?? {};
    if (
      operands !== rule.operands.length ||
      scalars !== rule.scalars.length + CLIP_SCALARS ||
      dots !== rule.dots
    ) {
      throw new Error(`its rule ${name} is another one: run \`npm run build:native\``);
    }
  }
}
