import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../measure.js';
import { NAMES } from './competitor.js';

const require = createRequire(import.meta.url);
const directory = fileURLToPath(new URL('../native/', import.meta.url));

interface Addon {
  /** See native/same-traffic.cc. */
  run(
    operands: readonly Float32Array[],
    states: number,
    steps: number,
    threads: number,
    rate: number,
    keep: number,
  ): number;
}

// Values stay as they are: p + 0 g, 1 m, 1 v. The compiler does not know.
const RATE = 0;
const KEEP = 1;

/** Plain loops, in native code, that read and write what an optimizer's step does. */
export interface SameTraffic {
  /** Where it comes from, or why it is absent. */
  readonly version: string;
  /**
   * None where it is absent.
   * @param operands for every tensor its parameter, its gradient and its states: the optimizer's own arrays, because
   * equal ones on other pages of memory may be 10 % slower or faster
   */
  contenders(
    operands: readonly Float32Array[],
    states: number,
    threads: readonly number[],
    work: number,
  ): Contender[];
}

export function loadSameTraffic(): SameTraffic {
  const failure = build();
  if (failure !== undefined) return { version: `absent: ${failure}`, contenders: () => [] };
  const addon: Addon = require(join(directory, 'build/Release/same_traffic.node'));
  return {
    version: 'built for this machine',
    contenders: (operands, states, threads, work) =>
      threads.map((count) => ({
        name: NAMES.loop,
        threads: count,
        work,
        run: (steps) => addon.run(operands, states, steps, count, RATE, KEEP),
      })),
  };
}

/** Why it cannot be built, if so. */
function build(): string | undefined {
  // Node's own headers, where the installation has them: then the build needs no network.
  const prefix = join(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
  const nodeGyp = require.resolve('node-gyp/bin/node-gyp.js');
  const result = spawnSync(
    process.execPath,
    [nodeGyp, 'configure', 'build', '--loglevel=error', ...headers],
    { cwd: directory, encoding: 'utf8' },
  );
  if (result.status === 0) return undefined;
  return `bench/native was not built: ${result.stderr.trim().split('\n').at(-1)}`;
}
