import { createRequire } from 'node:module';
import { here } from './here.js';

/** A package that the user installs beside this one, for an entry that is nothing without it. */
export interface Peer {
  /** The entry that needs it. */
  readonly owner: string;
  readonly name: string;
  /** The major version. */
  readonly version: number;
  /** The command that installs it. */
  readonly install: string;
  /** Whether it is that version, by what it exports. */
  readonly isIt: (module: object) => boolean;
}

const require = createRequire(here);

/**
 * What the package exports. It is required, not imported: a missing one can then be told of, and bundlers leave it out.
 *
 * @throws Error that says what to install where it is missing, or another version.
 */
export function requirePeer({ owner, name, version, install, isIt }: Peer): object {
  let module: unknown;
  try {
    module = require(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new Error(`${owner} needs ${name}, which is not installed here: ${install}`, { cause: error });
  }
  if (typeof module === 'object' && module !== null && isIt(module)) return module;
  throw new Error(`${owner} needs version ${version} of ${name}, and found another one: ${install}`);
}

/** Whether it is the package itself that is missing, not one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const isAbsent = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
  return isAbsent && error.message.includes(`'${name}'`);
}
