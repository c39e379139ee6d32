import { type Contender, processorSince } from '../measure.js';
import { loadAddon } from '../native-addon.js';
import { NAMES } from './competitor.js';

/** The array of a state may be packed: see native/storage.h. */
export type Operand = Float32Array | Uint16Array | Uint8Array;

interface Addon {
  /** See native/same-traffic.cc. */
  run(
    operands: readonly Operand[],
    states: number,
    steps: number,
    threads: number,
    rate: number,
    keep: number,
    loop: number,
  ): number;
}

/** As native/same-traffic.cc counts them. Of the first two whichever is faster is the limit. */
const LOOPS = [NAMES.loop, NAMES.fetchingLoop, NAMES.adamLoop];

// Values stay as they are: p + 0 g, 1 m, 1 v. The compiler does not know.
const RATE = 0;
const KEEP = 1;

/** Plain loops, in native code, that read and write what an optimizer's step does. */
export interface SameTraffic {
  /** Where it comes from, or why it is absent. */
  readonly version: string;
  /**
   * None where it is absent.
   * @param operands for every tensor its parameter, its gradient and its states
   * @param isAdam whether there is to be a loop with Adam's arithmetic as well
   */
  contenders(
    operands: readonly Operand[],
    states: number,
    isAdam: boolean,
    threads: readonly number[],
    work: number,
  ): Contender[];
}

export function loadSameTraffic(): SameTraffic {
  const loaded = loadAddon('same_traffic');
  if ('failure' in loaded) return { version: `absent: ${loaded.failure}`, contenders: () => [] };
  const { addon } = loaded;
  checkAddon(addon);
  return {
    version: 'built for this machine',
    contenders: (operands, states, isAdam, threads, work) =>
      LOOPS.filter((name) => isAdam || name !== NAMES.adamLoop).flatMap((name) =>
        threads.map((count) => ({
          name,
          threads: count,
          work,
          run(steps) {
            const before = process.cpuUsage();
            const seconds = addon.run(operands, states, steps, count, RATE, KEEP, LOOPS.indexOf(name));
            return { seconds, processor: processorSince(before) };
          },
        })),
      ),
  };
}

function checkAddon(addon: unknown): asserts addon is Addon {
  if (typeof Reflect.get(Object(addon), 'run') !== 'function') throw new Error('bench/native has no run()');
}
