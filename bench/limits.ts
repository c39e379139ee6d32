import { type Contender, isVoid, type Timing, timed } from './measure.js';
import { loadAddon } from './native-addon.js';
import { NOTHING } from './text.js';

/** What one step cannot do without. */
export type Demand =
  /** Floating-point operations: multiplications and additions. */
  | { readonly operations: number; readonly doubles?: boolean }
  /** Arrays of so many float32 numbers, each read or written once. */
  | { readonly elements: number; readonly reads: number; readonly writes: number }
  /** So many float32 numbers copied, by `set` of a typed array: on one thread, whatever the number. */
  | { readonly copied: number };

/** What the names of the limit's contenders start with. */
export const LIMIT = 'limit';

/** The machine's limits, measured as contenders like any other. */
export interface Limits {
  /** What it measures with, or why it is absent. */
  readonly version: string;
  /** Loops that do what a step demands and nothing else; none where they cannot be built. */
  contenders(demand: Demand, threads: readonly number[], work: number): Contender[];
}

interface Addon {
  /** See native/limits.cc. */
  readonly bits: number;
  multiplyAdd(threads: number, operations: number, doubles: boolean): void;
  traffic(
    threads: number,
    reads: number,
    writes: number,
    elements: number,
    steps: number,
    past: boolean,
  ): void;
}

export function loadLimits(): Limits {
  const loaded = loadAddon('limits');
  const addon = 'addon' in loaded ? checkAddon(loaded.addon) : null;
  return {
    version: 'failure' in loaded ? `absent: ${loaded.failure}` : `loops over vectors of ${addon?.bits} bits`,
    contenders: (demand, threads, work) =>
      threads.flatMap((count) =>
        Object.entries(loopsOf(addon, demand, count)).map(([name, loop]) => ({
          name: `${LIMIT} ${name}`,
          threads: count,
          work,
          run: (steps) => timed(() => loop(steps), 1),
        })),
      ),
  };
}

type Loops = Readonly<Record<string, (steps: number) => void>>;

/** None where they need an addon that is absent. */
function loopsOf(addon: Addon | null, demand: Demand, threads: number): Loops {
  if ('copied' in demand) return { set: setLoop(demand.copied) };
  if (addon === null) return {};
  if ('operations' in demand) {
    const { operations, doubles = false } = demand;
    return { 'multiply-add': (steps) => addon.multiplyAdd(threads, operations * steps, doubles) };
  }
  const { reads, writes, elements } = demand;
  const through = (past: boolean) => (steps: number) =>
    addon.traffic(threads, reads, writes, elements, steps, past);
  return { plain: through(false), ...(writes > 0 && { 'past caches': through(true) }) };
}

function setLoop(length: number): (steps: number) => void {
  const [from, to] = [new Float32Array(length).fill(1), new Float32Array(length).fill(2)];
  return (steps) => {
    for (let s = 0; s < steps; s++) to.set(from);
  };
}

/** What the limit amounts to: `230 GFLOP/s`, `37.1 GB/s`. */
export function limitText(limit: Timing | undefined, demand: Demand): string {
  if (limit === undefined || isVoid(limit)) return NOTHING;
  const steps = limit.speed.median / limit.contender.work;
  const [amount, unit] =
    'operations' in demand ? [demand.operations, 'GFLOP/s'] : [4 * trafficOf(demand), 'GB/s'];
  return `${Number(((steps * amount) / 1e9).toPrecision(3))} ${unit}`;
}

/** How many numbers it reads and writes. */
function trafficOf(demand: Exclude<Demand, { readonly operations: number }>): number {
  return 'copied' in demand ? 2 * demand.copied : demand.elements * (demand.reads + demand.writes);
}

function checkAddon(addon: unknown): Addon {
  const isAddon = (value: unknown): value is Addon =>
    ['multiplyAdd', 'traffic'].every((key) => typeof Reflect.get(Object(value), key) === 'function');
  if (!isAddon(addon)) throw new Error('bench/native has no multiplyAdd() or traffic()');
  return addon;
}
