import type { FloatArray } from '../../src/types.js';
import type { Contender } from '../measure.js';
import { loadAddon } from '../native-addon.js';
import { type Problem, work } from './problem.js';

/** Other people's libraries: what they are called, the file, and the function that sets their threads. */
const libraries = [
  {
    name: 'OpenBLAS',
    file: 'libopenblas.so.0',
    setThreads: 'openblas_set_num_threads',
    from: 'libopenblas0-pthread',
  },
  { name: 'oneDNN', file: 'libdnnl.so.2', setThreads: 'omp_set_num_threads', from: 'libdnnl-dev' },
  { name: 'BLIS', file: 'libblis.so.4', setThreads: 'bli_thread_set_num_threads', from: 'libblis4-pthread' },
] as const;

export type LibraryName = (typeof libraries)[number]['name'];

interface Addon {
  /** See native/blas.cc. */
  open(file: string, setThreads: string): number;
  run(
    library: number,
    threads: number,
    sizes: readonly number[],
    a: FloatArray,
    b: FloatArray,
    c: FloatArray,
    steps: number,
  ): number;
}

export interface Library {
  readonly name: LibraryName;
  /** The file, or why it is absent. */
  readonly version: string;
  /** None where it is absent, or has no product of this element type. */
  contenders(problem: Problem, threads: readonly number[]): Contender[];
}

export function openLibraries(): Library[] {
  const loaded = loadAddon('blas');
  const failure = 'failure' in loaded ? loaded.failure : undefined;
  const addon = 'addon' in loaded ? checkAddon(loaded.addon) : undefined;
  return libraries.map(({ name, file, setThreads, from }) => {
    if (addon === undefined) return absent(name, failure ?? '');
    try {
      return present(addon, name, file, addon.open(file, setThreads));
    } catch (error) {
      return absent(name, `${error instanceof Error ? error.message : error} (Debian: ${from})`);
    }
  });
}

function absent(name: LibraryName, reason: string): Library {
  return { name, version: `absent: ${reason}`, contenders: () => [] };
}

function present(addon: Addon, name: LibraryName, file: string, library: number): Library {
  return {
    name,
    version: file,
    contenders(problem, threads) {
      const { shape, a, b, c } = problem;
      const sizes = [shape.m, shape.n, shape.k, Number(shape.transA), Number(shape.transB)];
      const run = (count: number, steps: number) => addon.run(library, count, sizes, a, b, c, steps);
      if (run(1, 1) < 0) return [];
      return threads.map((count) => ({
        name,
        threads: count,
        work: work(shape),
        run: (steps) => run(count, steps),
      }));
    },
  };
}

function checkAddon(addon: unknown): Addon {
  const isAddon = (value: unknown): value is Addon =>
    ['open', 'run'].every((key) => typeof Reflect.get(Object(value), key) === 'function');
  if (!isAddon(addon)) throw new Error('bench/native has no open() or run()');
  return addon;
}
