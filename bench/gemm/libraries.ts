import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FloatArray } from '../../src/core/types.js';
import type { Contender } from '../measure.js';
import { loadAddon } from '../native-addon.js';
import { type Child, sampleIn, startProgram } from '../peers/child.js';
import { type Environment, peerEnvironment } from '../peers/environment.js';
import { type Routine, type Shape, work } from './problem.js';

interface Source {
  readonly name: string;
  readonly file: string;
  /** The package of Debian that has it. */
  readonly from: string;
  /** Ways to run it, by name; the fastest counts. */
  readonly ways: Readonly<Record<string, Environment>>;
  /** Those of them that run on processors with AVX-512 only. */
  readonly avx512?: readonly string[];
}

const ONE_AT_WORK = ', one at work';

/** Other people's libraries. */
const sources = [
  { name: 'OpenBLAS', file: 'libopenblas.so.0', from: 'libopenblas0-pthread', ways: { '': {} } },
  {
    name: 'oneDNN',
    file: 'libdnnl.so.2',
    from: 'libdnnl-dev',
    // Threads that spin while they wait are faster until somebody else wants the processor.
    ways: { '': {}, ', passive OpenMP': { OMP_WAIT_POLICY: 'passive' } },
  },
  {
    name: 'BLIS',
    file: 'libblis.so.4',
    from: 'libblis4-pthread',
    // On a processor newer than itself it takes code for any, unless told that it is one it knows.
    // Its threads spin at barriers on one and the same processor where the system starts them there: for short products
    // one thread is hundreds of times as fast.
    ways: {
      '': {},
      [ONE_AT_WORK]: { BLIS_NUM_THREADS: '1' },
      ' as skx': { BLIS_ARCH_TYPE: '0' },
      [` as skx${ONE_AT_WORK}`]: { BLIS_ARCH_TYPE: '0', BLIS_NUM_THREADS: '1' },
    },
    avx512: [' as skx', ` as skx${ONE_AT_WORK}`],
  },
] as const satisfies readonly Source[];

export type LibraryName = (typeof sources)[number]['name'];

export const libraryNames = sources.map(({ name }) => name);

export interface Library {
  readonly name: LibraryName;
  /** The file, or why it is absent. */
  readonly version: string;
  /** None where it is absent, or has no product of this element type. @throws Error where it computes another product */
  contenders(routine: Routine, shape: Shape, expected: FloatArray): Promise<Contender[]>;
  close(): void;
}

interface Process {
  readonly child: Child;
  readonly way: string;
  readonly threads: number;
}

/**
 * Each in a process of its own for each number of threads: what it has set up for more of them cannot disturb fewer, nor
 * this package. `avx512`: whether the processor has these instructions.
 */
export async function openLibraries(threads: readonly number[], avx512: boolean): Promise<Library[]> {
  const loaded = loadAddon('blas');
  const libraries: Library[] = [];
  for (const { name, file, from, ways, ...others } of sources) {
    const needy: readonly string[] = 'avx512' in others ? others.avx512 : [];
    try {
      if ('failure' in loaded) throw new Error(loaded.failure);
      const usable = Object.entries(ways).filter(([way]) => avx512 || !needy.includes(way));
      libraries.push(present(name, file, await startAll(file, usable, threads)));
    } catch (error) {
      const reason = `absent: ${error instanceof Error ? error.message : error} (Debian: ${from})`;
      libraries.push({ name, version: reason, contenders: async () => [], close() {} });
    }
  }
  return libraries;
}

async function startAll(
  file: string,
  ways: readonly (readonly [string, Environment])[],
  threads: readonly number[],
): Promise<Process[]> {
  const processes: Process[] = [];
  try {
    for (const count of threads) {
      for (const [way, settings] of ways) {
        // On one thread all of them are.
        if (count === 1 && way.endsWith(ONE_AT_WORK)) continue;
        const environment = peerEnvironment(count, settings);
        const { child } = await startProgram(new URL('process.ts', import.meta.url), [file], environment);
        processes.push({ child, way, threads: count });
      }
    }
    return processes;
  } catch (error) {
    for (const { child } of processes) child.close();
    throw error;
  }
}

function present(name: LibraryName, file: string, processes: readonly Process[]): Library {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  return {
    name,
    version: `${file}, a process for each number of threads`,
    async contenders(routine, shape, expected) {
      const contenders: Contender[] = [];
      const product = join(directory, 'product');
      writeFileSync(product, expected);
      for (const { child, way, threads } of processes) {
        const request = { command: 'prepare', routine, shape, expected: product };
        const { absent } = await child.request(request);
        if (absent === true) continue;
        contenders.push({
          name: name + way,
          threads,
          work: work(shape),
          run: async (steps) => sampleIn(await child.request({ command: 'run', steps })),
        });
      }
      return contenders;
    },
    close() {
      for (const { child } of processes) child.close();
      rmSync(directory, { recursive: true });
    },
  };
}
