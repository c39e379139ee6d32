import { join } from 'node:path';
import { readStates } from '../../checkpoint/file.js';
import { namesIn, newest, type Skipped } from '../../checkpoint/folder.js';
import { loadAll } from '../../checkpoint/parts.js';
import { withFile } from '../../checkpoint/source.js';
import { isObject } from '../../core/validate.js';
import { DataError } from '../../data/errors.js';
import type { Target } from '../examples.js';
import type { Resumed } from '../reports.js';
import type { Settings } from '../settings.js';
import type { Standing } from '../standing.js';
import type { RunParts } from './parts.js';

const NAME = /^step-(\d+)\.safetensors$/;

/** The file of a run after so many steps. */
export function pathOf(folder: string, steps: number): string {
  return join(folder, `step-${steps}.safetensors`);
}

interface Found {
  readonly path: string;
  readonly states: Readonly<Record<string, unknown>>;
  readonly skipped: readonly Skipped[];
}

/**
 * Puts a run where its checkpoint is: all parts, or none.
 * @returns null where it begins.
 * @throws DataError where no file can be read, RangeError naming what is not as it was.
 */
export async function goOn<Y extends Target>(
  { resume, saving }: Settings<Y>,
  parts: RunParts<Y>,
  standing: Standing<Y>,
): Promise<Resumed | null> {
  const found = await find(resume, saving?.folder);
  const extra = found === null ? {} : parts.check(found.path, found.states);
  if (saving !== null) await checkFolder(saving.folder, found);
  if (found === null) return null;
  const { path, states, skipped } = found;
  loadAll(Object.entries(parts.stateful).map(([name, part]) => [name, part, states[name]]));
  const { epoch, stepsInEpoch, steps: step } = standing;
  return { path, skipped, epoch, stepsInEpoch, step, extra };
}

async function find(resume: boolean | string, folder: string | undefined): Promise<Found | null> {
  if (typeof resume === 'string') {
    return { path: resume, states: await withFile(resume, readStates), skipped: [] };
  }
  if (!resume || folder === undefined) return null;
  const { found, skipped } = await newest(folder, NAME, readStates);
  if (found !== null) return { path: found.path, states: found.content, skipped };
  if (skipped.length === 0) return null;
  throw new DataError(`${folder}: none of ${skipped.length} checkpoints can be read; ${skipped[0].reason}`);
}

/** Other checkpoints would be taken for this run's, the next time. */
async function checkFolder(folder: string, found: Found | null): Promise<void> {
  const steps = found === null ? -1 : stepsOf(found.states);
  const passedOver = found?.skipped.map(({ path }) => path) ?? [];
  const later = (await namesIn(folder)).find((name) => {
    const own = NAME.exec(name);
    return own !== null && Number(own[1]) > steps && !passedOver.includes(join(folder, name));
  });
  if (later === undefined) return;
  throw new RangeError(
    `checkpoint.folder must have no ${found === null ? '' : 'later '}checkpoints, but ${folder} has ${later}: ` +
      'go on from the last one with resume: true, or take another folder',
  );
}

function stepsOf({ training }: Found['states']): number {
  return isObject(training) && typeof training.steps === 'number' ? training.steps : -1;
}
