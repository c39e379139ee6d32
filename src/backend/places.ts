import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { here, packageFolder } from '../core/here.js';
import { VERSION } from '../core/version.js';

/** Where a native binary may lie. */
export interface Place {
  readonly path: string;
  /** Whether LOCKSTEP_BINARY names it. */
  readonly isNamed: boolean;
  /** Why nothing may be loaded from there, or null. */
  readonly problem: string | null;
}

const BINARY = 'lockstep.node';

/** A bundle in a folder of such a name is none of the package's files. */
const isOwn = packageFolder !== null && problemOf(packageFolder) === null;

/** The folder of the bundle that this module went into, or null where it is a file of the package. */
export const bundleFolder = isOwn ? null : dirname(here);

/**
 * LOCKSTEP_BINARY; a bundle's own folder; the package. No other folder above: anyone may write to some of those.
 */
export function* places(): Generator<Place> {
  // require() would look for a relative path beside this file.
  const named = process.env.LOCKSTEP_BINARY;
  if (named) yield { path: resolve(named), isNamed: true, problem: null };

  if (bundleFolder !== null) {
    for (const path of [join(bundleFolder, BINARY), join(bundleFolder, shipped())]) {
      yield { path, isNamed: false, problem: strangerOf(path) };
    }
  }
  const root = bundleFolder === null ? packageFolder : findPackage(bundleFolder);
  if (root === null) {
    const path = join('node_modules', 'lockstep');
    yield { path, isNamed: false, problem: `no such package beside or above ${bundleFolder}` };
    return;
  }
  const problem = bundleFolder === null ? null : problemOf(root);
  for (const path of [join(root, 'build', 'Release', BINARY), join(root, shipped())]) {
    yield { path, isNamed: false, problem: problem ?? strangerOf(path) };
  }
}

const shipped = () => join('prebuilds', platform(), BINARY);

/** One binary serves every Linux of an architecture, whatever its C library. */
export function platform(): string {
  return `${process.platform}-${process.arch}`;
}

/** The package as a module in a folder would find it. Bundlers would have a say in what createRequire() finds. */
function findPackage(folder: string): string | null {
  const root = join(folder, 'node_modules', 'lockstep');
  if (existsSync(join(root, 'package.json'))) return root;
  const above = dirname(folder);
  return above === folder ? null : findPackage(above);
}

/** Why a folder is not this package, or not to be trusted; null where it is. */
function problemOf(root: string): string | null {
  const path = join(root, 'package.json');
  const stranger = strangerOf(path);
  if (stranger !== null) return stranger;
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const [name, version] = ['name', 'version'].map((key) => Reflect.get(Object(manifest), key));
    if (name === 'lockstep' && version === VERSION) return null;
    return `${path} is of ${name} ${version}, expected lockstep ${VERSION}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A bundle can lie below folders that everyone writes to: code of another user than its own, this one or root is none. */
function strangerOf(path: string): string | null {
  const owner = ownerOf(path);
  const trusted = [0, process.geteuid?.(), ownerOf(here)];
  if (owner === undefined || process.geteuid === undefined || trusted.includes(owner)) return null;
  return `${path} belongs to another user (${owner})`;
}

function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
