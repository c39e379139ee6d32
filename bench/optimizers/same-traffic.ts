import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { absent, type Competitor, NAMES } from './competitor.js';
import { checkNormal, makeTensors, size } from './problem.js';

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

// Neither lets a value grow or fade, over any number of steps.
const RATE = 1e-6;
const KEEP = -1;

/** The roofline: plain loops over the same arrays. */
export function openSameTraffic(threads: readonly number[]): Competitor {
  const failure = build();
  if (failure !== undefined) return absent(NAMES.loop, failure);
  const addon: Addon = require(join(directory, 'build/Release/same_traffic.node'));
  return {
    name: NAMES.loop,
    version: 'built for this machine',
    async prepare({ states }, shape) {
      const operands = makeTensors(shape).flatMap(({ value, grad }) => [
        value,
        grad,
        ...Array.from({ length: states }, () => grad.slice()),
      ]);
      return {
        contenders: threads.map((count) => ({
          name: NAMES.loop,
          threads: count,
          work: size(shape),
          run: (steps) => addon.run(operands, states, steps, count, RATE, KEEP),
        })),
        finish: () => checkNormal(NAMES.loop, operands),
      };
    },
    close() {},
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
