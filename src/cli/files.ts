import { accessSync, constants, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { show } from '../core/validate.js';
import { UsageError } from './errors.js';

/**
 * That a file can be written, before the work whose result it will hold begins.
 * @throws UsageError naming the flag.
 */
export function checkWritable(path: string, flag: string): void {
  const fail = (problem: string) => new UsageError(`${flag} ${show(path)}: ${problem}`);
  const folder = dirname(resolve(path));
  if (!(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
    throw fail(`there is no folder ${folder}`);
  }
  try {
    // A folder or a device would not be written to, but replaced.
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) {
      throw fail(`is a ${there.isDirectory() ? 'folder' : 'device'}, expected a file`);
    }
    const temporary = temporaryOf(path);
    writeFileSync(temporary, '');
    rmSync(temporary);
  } catch (error) {
    throw error instanceof UsageError ? error : fail(`cannot be written: ${reasonOf(error)}`);
  }
}

/**
 * That files can be written into a folder, which need not be there yet.
 * @throws UsageError naming the flag.
 */
export function checkFolder(path: string, flag: string): void {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder`);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${flag} ${show(path)}: cannot be written: ${reasonOf(error)}`);
  }
}

/** Writes a file whole or not at all: a crash on the way leaves what was there before. */
export function writeWhole(path: string, text: string): void {
  const temporary = temporaryOf(path);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const temporaryOf = (path: string) => `${path}.${process.pid}.tmp`;

/** Why the system could not do something, in its words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Writes a file, or tells that it cannot be: the numbers are in the table already, and in other files. */
export function save(path: string, flag: string, text: string): boolean {
  try {
    writeWhole(path, text);
    return true;
  } catch (error) {
    process.stderr.write(`lockstep: ${flag} ${show(path)} could not be written: ${reasonOf(error)}\n`);
    process.exitCode = 1;
    return false;
  }
}

/** A command as it was typed, as a shell takes it. */
export function commandLine(name: string, args: readonly string[]): string {
  return ['lockstep', name, ...args].map(quoted).join(' ');
}

const quoted = (argument: string) =>
  /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
