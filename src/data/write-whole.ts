import { open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, sep } from 'node:path';
import { type Contents, writeContents } from './write-contents.js';

let written = 0;

/**
 * Writes a file whole or not at all: a crash or a loss of power on the way leaves what was there before. A symbolic link stays, and what
 * it leads to is written.
 * @param contents or all bytes, in parts
 */
export async function writeWhole(path: string, contents: Contents | readonly Uint8Array[]): Promise<void> {
  const target = await behindLinks(path);
  const temporary = `${target}.${process.pid}.${written++}.tmp`;
  try {
    await writeContents(temporary, 'pieces' in contents ? contents : contentsOf(contents));
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/**
 * The file that is written where somebody writes to this path: behind symbolic links, whether it is there yet or not.
 * @throws Error of the system, where links lead in a circle or to what may not be seen
 */
export async function behindLinks(path: string): Promise<string> {
  const link = await readlink(path).catch(() => null);
  if (link === null) return path;
  try {
    return await realpath(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    // Not normalised: the system takes `..` from where a folder is, not from where a link to it is.
    return behindLinks(isAbsolute(link) ? link : `${dirname(path)}${sep}${link}`);
  }
}

function contentsOf(parts: readonly Uint8Array[]): Contents {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return { length, headLength: 0, head: () => new Uint8Array(), pieces: () => parts };
}

/** Makes the new name last. Not every system can. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows opens no folders: there, the name lasts with the next flush.
  }
}
