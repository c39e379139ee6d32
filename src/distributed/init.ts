import { isMainThread } from 'node:worker_threads';
import { communication } from '../backend/select.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkGreater, show } from '../core/validate.js';
import { launchedBy } from './launcher.js';
import { type Library, openLibrary } from './library.js';
import { MpiWorld } from './mpi.js';
import { enter, leave, type World } from './world.js';
import { WorldOfOne } from './world-of-one.js';

/** See {@link init}. */
export interface InitOptions {
  /**
   * The library of MPI: a path, or a name that the system finds. Default: the environment's LOCKSTEP_MPI, else the one that the
   * process was started with, else Open MPI, MPICH or one of the standard's binary interface by its usual names, the launcher's
   * own first.
   */
  readonly library?: string;
  /**
   * Seconds to wait for another process, in any operation, before all end. It must be more than one needs to evaluate or to save
   * while the others wait. `init()` itself waits 20 at least. Default 300.
   */
  readonly timeout?: number;
}

const INIT_OPTIONS: OptionNames<InitOptions> = { library: true, timeout: true };

const DEFAULT_TIMEOUT = 300;
/** What a timer can count. */
const LONGEST_TIMEOUT = 2_000_000;

/**
 * Meets the other processes that a launcher of MPI (`mpirun`, `srun`) has started with this one: from then on they can
 * communicate, and `fit` can train on all of them. Without a launcher the process is a world of one, for which no MPI need be
 * there. To be called once, by all of them, on the main thread.
 *
 * A native thread makes all calls of MPI. When a process dies, or does not answer in time, all end.
 *
 * @throws Error where it was called before, in a worker thread, or no library of MPI is found; or where the library does not know
 *   the launcher, so that every process would be on its own.
 */
export async function init(options: InitOptions = {}): Promise<void> {
  checkOptions('init', options, INIT_OPTIONS);
  const { library = process.env.LOCKSTEP_MPI || undefined, timeout = DEFAULT_TIMEOUT } = options;
  if (library !== undefined && (typeof library !== 'string' || library === '' || library.includes('\0'))) {
    throw new TypeError(`library must be a path or a name, got ${show(library)}`);
  }
  checkGreater('timeout', timeout, 0);
  if (timeout > LONGEST_TIMEOUT) {
    throw new RangeError(`timeout must be at most ${LONGEST_TIMEOUT} seconds, got ${timeout}`);
  }
  if (!isMainThread) {
    throw new Error('lockstep/distributed: init() must be called on the main thread, got a worker thread');
  }
  await enter(() => open(library, timeout));
}

/**
 * Waits for all processes, and leaves them: nothing can be communicated afterwards. A program that ends by itself does so
 * on its own; one that ends by `process.exit()` or an error, without it, ends all. Nothing where `init()` was not called.
 */
export async function close(): Promise<void> {
  await leave();
}

async function open(path: string | undefined, timeout: number): Promise<World> {
  const launcher = launchedBy(process.env);
  if (launcher === null && path === undefined) return new WorldOfOne();
  const native = communication();
  if (native === null) {
    throw new Error(
      'lockstep/distributed needs the native binary, which was not loaded: `lockstep doctor` tells why',
    );
  }
  const library = openLibrary(native, path, launcher?.family ?? null);
  const world = await MpiWorld.start(native, timeout);
  // As any program of MPI: all have to be there at the end.
  process.once('beforeExit', () => void leave());
  if (launcher !== null && world.size < launcher.size) {
    await world.close();
    throw strangers(launcher, library);
  }
  await world.findLocalRank();
  return world;
}

function strangers(
  { title, variable, size }: { title: string; variable: string; size: number },
  library: Library,
): Error {
  return new Error(
    `lockstep/distributed: ${title} started ${size} processes (${variable}), but ${named(library)} knows of one: they ` +
      'are of different MPIs. Start the program with the launcher of that library, or give the library of the launcher in ' +
      'LOCKSTEP_MPI',
  );
}

const named = ({ family, path }: Library) => `${family}${path === null ? '' : ` (${path})`}`;
