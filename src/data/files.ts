import { readFile } from 'node:fs/promises';
import { DataError } from './errors.js';

/** @throws DataError saying why the file cannot be read. */
export async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
