import { KeptCopies, Lent, plainCopies } from '../backend/memory.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { checkBoolean, checkInteger, checkObject, show } from '../core/validate.js';
import { DataError } from '../data/errors.js';
import { openStates } from './file.js';
import { checkPath } from './folder.js';
import { attemptAll, type Parts, prepareAll, takesState } from './parts.js';
import { saveParts } from './save-parts.js';
import { withFile } from './source.js';

export { DataError } from '../data/errors.js';
export { type Latest, latest, type Skipped } from './folder.js';
export type { Parts, Stateful } from './parts.js';

/** See {@link save}. */
export interface SaveOptions {
  /**
   * How many files of this name, but for the numbers in it, stay in the folder: with 3, `step-40.safetensors` removes
   * `step-10.safetensors` once it is written. Those with the largest numbers stay, broken ones too: a run that goes back to an older
   * step needs a folder of its own. Default: all.
   */
  readonly keep?: number;
  /**
   * Whether models, optimizers and averages are copied before the call returns its promise, so that training may go on at once.
   * With false they are read while the file is written: only states in fewer bits then take memory, unpacked, and nobody may change
   * anything before the promise is settled. Default true.
   */
  readonly copy?: boolean;
}

const OPTIONS: OptionNames<SaveOptions> = { keep: true, copy: true };

/** The copies of the last save, for as long as nobody has collected them: new memory may cost more than the disk does. */
let lastCopies: WeakRef<KeptCopies> | null = null;

/**
 * Saves models, optimizers, averages, generators and plain data under names of one's choice, whole or not at all: a crash, a full
 * disk or `kill -9` on the way leaves what was there before. All states are copied before the call returns its promise: training
 * may go on at once.
 *
 * ```ts
 * await save('runs/step-100.safetensors', { model, optimizer, generator, extra: { epoch: 3 } }, { keep: 3 });
 * ```
 *
 * A file is a `.safetensors` file: tensors are called `model.0.weight` and `optimizer.parameters.0.weight.arrays.m`, and Python's
 * `safetensors` reads them. Folders are made where there are none. Of a symbolic link, such as `latest.safetensors`, what it leads to is
 * written, and the link stays.
 *
 * @param parts what has `stateDict()` and `loadStateDict()`, a `Generator` (its seed and position), or plain data: objects, arrays,
 *   strings, numbers, booleans, null and typed arrays.
 * @throws TypeError or RangeError naming the part that cannot be saved, before anything is written; DataError where the file
 *   cannot be written.
 */
export async function save(path: string, parts: Parts, options: SaveOptions = {}): Promise<void> {
  checkPath('path', path);
  checkObject('parts', parts);
  checkOptions('save', options, OPTIONS);
  const { keep, copy = true } = options;
  if (keep !== undefined) checkInteger('keep', keep, 1);
  checkBoolean('copy', copy);
  if (!copy) return saveParts(path, parts, keep, new Lent(plainCopies));
  const copies = lastCopies?.deref() ?? new KeptCopies();
  // Nobody else's while they are written.
  lastCopies = null;
  await saveParts(path, parts, keep, copies);
  copies.release();
  lastCopies = new WeakRef(copies);
}

/**
 * Puts what {@link save} has saved back into parts of the same names: all of them, or none where the file is broken or one does not
 * fit. Modules, optimizers and averages need no memory for it: the file is gone through and checked, then read again into their
 * arrays.
 *
 * ```ts
 * const { extra } = await load('runs/step-100.safetensors', { model, optimizer, generator });
 * ```
 * @returns all parts of the file that none was given for, as plain data: states of modules and optimizers among them.
 * @throws DataError saying what is wrong with the file, or that it has no such part; what a part throws that does not fit. Only where
 *   the disk fails at the second reading, or somebody writes to the file meanwhile, a part may hold half of it: the error says so.
 */
export async function load(path: string, parts: Parts = {}): Promise<Record<string, unknown>> {
  checkPath('path', path);
  checkObject('parts', parts);
  for (const [name, part] of Object.entries(parts)) {
    if (!takesState(part)) {
      throw new TypeError(
        `${name} must be a Generator or have stateDict() and loadStateDict(), got ${show(part)}`,
      );
    }
  }
  return withFile(path, async (source) => {
    const { states, verify, checkUnchanged, readInto } = await openStates(source);
    const missing = Object.keys(parts).filter((name) => !Object.hasOwn(states, name));
    if (missing.length > 0) {
      const found = Object.keys(states).map(show).join(', ');
      throw new DataError(`${path}: has no part ${missing.map(show).join(', ')}; it has ${found}`);
    }
    const named = Object.entries(parts).map(([name, part]) => [name, part, states[name]] as const);
    // What does not fit is known before the file is gone through. Much may happen meanwhile, so that all is checked again.
    const later = prepareAll(named).flatMap(({ copies }) => copies.map(({ from }) => from));
    await verify(new Set(later));
    const loadings = prepareAll(named);
    attemptAll(loadings, checkUnchanged);
    readInto(loadings.flatMap(({ copies }) => copies));
    for (const { finish } of loadings) finish();
    return Object.fromEntries(Object.entries(states).filter(([name]) => !Object.hasOwn(parts, name)));
  });
}
