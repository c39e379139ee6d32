import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Contents, writeContents } from './write-contents.js';

let written = 0;

/**
 * Writes a file whole or not at all: a crash or a loss of power on the way leaves what was there before.
 * @param contents or all bytes, in parts
 */
export async function writeWhole(path: string, contents: Contents | readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}.${written++}.tmp`;
  try {
    await writeContents(temporary, 'pieces' in contents ? contents : contentsOf(contents));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
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
