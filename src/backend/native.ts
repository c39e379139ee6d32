import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kernels } from './kernels.js';
import * as typescript from './typescript/index.js';
import * as rules from './typescript/rules/index.js';

export interface NativeTarget {
  readonly target: string;
  /** Whether this processor and operating system can run it. */
  readonly supported: boolean;
  /** The kernel whose results were wrong in the load-time self-test, or null. */
  readonly fault: string | null;
}

/** The exports of the compiled addon. */
export interface Addon {
  readonly kernels: Kernels;
  listTargets(): readonly NativeTarget[];
  listRules(): Readonly<Record<string, { operands: number; scalars: number; dots: number }>>;
  getTarget(): string;
  setTarget(name: string): boolean;
  getThreads(): number;
  setThreads(threads: number): void;
  /** Whether this is the first call in the process. */
  claimDefaults(): boolean;
}

export interface LoadError {
  readonly path: string;
  readonly message: string;
}

/** The addon, and why each place that was tried before it did not have it. */
export interface LoadResult {
  readonly addon: Addon | null;
  readonly path: string | null;
  readonly errors: readonly LoadError[];
}

/** Tries the override, the local build, then the binary shipped for this platform. */
export function loadAddon(): LoadResult {
  const require = createRequire(import.meta.url);
  const errors: LoadError[] = [];
  for (const path of candidates()) {
    if (!existsSync(path)) {
      errors.push({ path, message: 'no such file' });
      continue;
    }
    try {
      const addon: unknown = require(path);
      checkAddon(addon);
      return { addon, path, errors };
    } catch (error) {
      errors.push({ path, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return { addon: null, path: null, errors };
}

function* candidates(): Generator<string> {
  const root = new URL('../../', import.meta.url);
  // require() would look for a relative path beside this file.
  if (process.env.LOCKSTEP_BINARY) yield resolve(process.env.LOCKSTEP_BINARY);
  yield fileURLToPath(new URL('build/Release/lockstep.node', root));
  yield fileURLToPath(new URL(`prebuilds/${platform()}/lockstep.node`, root));
}

/** `<platform>-<arch>`, with `-musl` where the C library is musl. */
export function platform(): string {
  return `${process.platform}-${process.arch}${process.platform === 'linux' && !usesGlibc() ? '-musl' : ''}`;
}

function usesGlibc(): boolean {
  // The network section would ask the name server about every open socket.
  Object.assign(process.report, { excludeNetwork: true });
  return JSON.stringify(process.report.getReport()).includes('glibcVersionRuntime');
}

const FUNCTIONS = [
  'listTargets',
  'listRules',
  'getTarget',
  'setTarget',
  'getThreads',
  'setThreads',
  'claimDefaults',
];

/** A build of another version must fail here, not in the middle of a training run. */
function checkAddon(value: unknown): asserts value is Addon {
  const addon = value as Partial<Addon> | null;
  const missing = [
    ...FUNCTIONS.filter((name) => typeof Reflect.get(addon ?? {}, name) !== 'function'),
    ...Object.keys(typescript).filter(
      (name) => typeof Reflect.get(addon?.kernels ?? {}, name) !== 'function',
    ),
  ];
  if (missing.length > 0) {
    throw new Error(
      `it lacks ${missing.join(', ')}: it was built from other sources; run \`npm run build:native\``,
    );
  }
  const native = addon?.listRules?.() ?? {};
  for (const [name, rule] of Object.entries(rules)) {
    const { operands, scalars, dots } = native[name] ?? {};
    if (operands !== rule.operands.length || scalars !== rule.scalars.length || dots !== rule.dots) {
      throw new Error(`its rule ${name} is another one: run \`npm run build:native\``);
    }
  }
}
