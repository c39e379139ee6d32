import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '../core/is-alive.js';
import { show } from '../core/validate.js';
import { DataError } from '../data/errors.js';
import { verifyStates } from './file.js';
import { type Source, withFile } from './source.js';

/** @throws TypeError where this is no path. */
export function checkPath(name: string, path: unknown): asserts path is string {
  if (typeof path !== 'string') throw new TypeError(`${name} must be a string, got ${show(path)}`);
}

/** A file that {@link latest} passed over, and why. */
export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

/** See {@link latest}. */
export interface Latest {
  /** Null where no file is whole. */
  readonly path: string | null;
  /** Newer files that are not, the newest first. */
  readonly skipped: readonly Skipped[];
}

/** By name, numbers in it as numbers: step-9 is before step-10. */
const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

/**
 * The last checkpoint in a folder by its name, numbers in it taken as numbers, that is whole: every checksum is gone through.
 * A folder that does not exist has none.
 *
 * ```ts
 * const { path } = await latest('runs');
 * if (path !== null) await load(path, { model, optimizer });
 * ```
 */
export async function latest(folder: string): Promise<Latest> {
  checkPath('folder', folder);
  const { found, skipped } = await newest(folder, /\.safetensors$/, verifyStates);
  return { path: found?.path ?? null, skipped };
}

/** The last file of a folder, among those whose names match, that can be read; and newer ones that cannot. */
export async function newest<Result>(
  folder: string,
  pattern: RegExp,
  read: (source: Source) => Promise<Result>,
): Promise<{ found: { path: string; content: Result } | null; skipped: readonly Skipped[] }> {
  const skipped: Skipped[] = [];
  const names = (await namesIn(folder)).filter((name) => pattern.test(name));
  for (const name of names.sort(byName).reverse()) {
    const path = join(folder, name);
    try {
      return { found: { path, content: await withFile(path, read) }, skipped };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      skipped.push({ path, reason: error.message });
    }
  }
  return { found: null, skipped };
}

/** The names of all files; none where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new DataError(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Removes files beside this one that have its name but for the numbers, all but the last `keep`.
 * @throws DataError where one cannot be removed.
 */
export async function keepLast(path: string, keep: number): Promise<void> {
  const [folder, own] = [dirname(path), basename(path)];
  const kind = (name: string) => name.replace(/\d+/g, '#');
  const alike = (await namesIn(folder)).filter((name) => kind(name) === kind(own)).sort(byName);
  for (const name of alike.slice(0, -keep)) {
    if (name === own) continue;
    try {
      await rm(join(folder, name), { force: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DataError(`${path}: was written, but keep: ${keep} could not remove an older one: ${reason}`);
    }
  }
}

const MINUTE = 60_000;

/**
 * Removes what killed processes have left of files with this one's name: `writeWhole` calls them name.pid.count.tmp.
 * @param path no symbolic link: what it leads to
 */
export async function sweep(path: string): Promise<void> {
  const [folder, own] = [dirname(path), basename(path)];
  const kind = own.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\d+/g, '\\d+');
  const pattern = new RegExp(`^${kind}\\.(\\d+)\\.\\d+\\.tmp$`);
  for (const name of await namesIn(folder)) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const left = join(folder, name);
    const { mtimeMs } = await stat(left).catch(() => ({ mtimeMs: Date.now() }));
    // A process of another machine, in a folder of both, is not seen here.
    // What may not be removed, as it is another user's, is in nobody's way.
    if (Date.now() - mtimeMs > MINUTE) await rm(left, { force: true }).catch(() => {});
  }
}
