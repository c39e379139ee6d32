import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Copying } from '../core/copied-state.js';
import { DataError } from '../data/errors.js';
import { behindLinks, writeWhole } from '../data/write-whole.js';
import { keepLast, sweep } from './folder.js';
import { formatStates } from './format.js';
import { type Parts, stateOf, takesState } from './parts.js';

/**
 * See `save`. All states are copied before the call returns its promise.
 * @param keep how many files of the name, but for numbers, stay; undefined for all
 * @param copying whose copies are read until the promise comes
 */
export async function saveParts(
  path: string,
  parts: Parts,
  keep: number | undefined,
  copying: Copying,
): Promise<void> {
  const states = Object.entries(parts).map(([name, part]) => [name, copied(name, part, copying)]);
  const contents = formatStates(Object.fromEntries(states));
  try {
    const file = await behindLinks(path);
    await mkdir(dirname(file), { recursive: true });
    await sweep(file);
    await writeWhole(file, contents);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new DataError(`${path}: could not be written, and nothing has changed: ${error.message}`);
  }
  if (keep !== undefined) await keepLast(path, keep);
}

/** A state is a copy; plain data become one. */
function copied(name: string, part: unknown, copying: Copying): unknown {
  if (takesState(part)) return stateOf(part, copying);
  try {
    return structuredClone(part);
  } catch (error) {
    throw new TypeError(
      `${name} must be plain data, or have stateDict() and loadStateDict(): ${String(error)}`,
    );
  }
}
