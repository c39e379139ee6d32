import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './errors.js';

/**
 * That a file can be written, before the work whose result it will hold begins.
 * @throws UsageError naming the flag.
 */
export function checkWritable(path: string, flag: string): void {
  const fail = (problem: string) => new UsageError(`${flag} ${JSON.stringify(path)}: ${problem}`);
  const folder = dirname(resolve(path));
  if (!isFolder(folder)) throw fail(`there is no folder ${folder}`);
  if (isFolder(path)) throw fail('is a folder, expected a file');
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw fail(`no permission to write into ${folder}`);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Writes a file whole or not at all: a crash on the way leaves what was there before. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
