import type { Communication } from '../backend/select.js';
import type { Family } from './launcher.js';

export interface Library {
  /** How it was asked for; null where the process was started with it. */
  readonly path: string | null;
  readonly family: string;
  /** Its name and version, as it says. */
  readonly version: string;
}

/** Under which the systems' linkers find them. The second number of Open MPI and of MPICH says which calls it has. */
const LINUX: Readonly<Record<Family | 'any', readonly string[]>> = {
  'Open MPI': ['libmpi.so.40', 'libmpi.so.80'],
  MPICH: ['libmpi.so.12', 'libmpich.so.12'],
  any: ['libmpi_abi.so.0', 'libmpi.so'],
};
const MACOS: typeof LINUX = {
  'Open MPI': ['libmpi.40.dylib', '/opt/homebrew/lib/libmpi.40.dylib', '/usr/local/lib/libmpi.40.dylib'],
  MPICH: ['libmpi.12.dylib', '/opt/homebrew/lib/libmpi.12.dylib', '/usr/local/lib/libmpi.12.dylib'],
  any: ['libmpi_abi.0.dylib', 'libmpi.dylib'],
};

/** What is tried in turn: null is what the process was started with. */
function candidates(path: string | undefined, family: Family | null): readonly (string | null)[] {
  if (path !== undefined) return [path];
  const names = process.platform === 'darwin' ? MACOS : LINUX;
  const other: Family = family === 'MPICH' ? 'Open MPI' : 'MPICH';
  return [null, ...names[family ?? 'Open MPI'], ...names.any, ...names[other]];
}

/**
 * Opens a library of MPI, as can be done once.
 * @param path the one to open, where it was given
 * @param family whose are tried first
 * @throws Error that says what was tried.
 */
export function openLibrary(native: Communication, path: string | undefined, family: Family | null): Library {
  // UCX, which many are built on, finds out whether its hooks work by moving the end of the heap there and back: what another thread
  // has meanwhile put there is gone. Node.js has other threads. Without the hooks it does not cache registrations of memory.
  process.env.UCX_MEM_EVENTS ??= 'no';
  const isGlobal = process.env.LOCKSTEP_MPI_GLOBAL === '1';
  const problems: string[] = [];
  for (const candidate of candidates(path, family)) {
    try {
      return { path: candidate, ...native.open(candidate, isGlobal) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (candidate !== null)
        problems.push(message.includes(candidate) ? message : `${candidate}: ${message}`);
    }
  }
  throw new Error(
    `lockstep/distributed found no library of MPI: install Open MPI or MPICH, or give its path in LOCKSTEP_MPI or as ` +
      `\`library\` (${problems.join('; ')})`,
  );
}

/** What `lockstep doctor` says of MPI. */
export function describeLibrary(native: Communication | null): string {
  if (native === null) return 'not without a native binary';
  try {
    const { family, version, path } = openLibrary(native, process.env.LOCKSTEP_MPI || undefined, null);
    const [first = ''] = version.split(/[\n,]/);
    return `${path ?? 'loaded with the process'}: ${first.trim() || family}${first.includes(family) ? '' : ` (${family})`}`;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `none, which only training on several machines needs: ${message}`;
  }
}
