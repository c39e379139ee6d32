import { currentTarget } from '../../index.js';
import type { StudyData } from './data.js';
import type { StudyPlan } from './plan.js';
import { hashOf } from './store.js';
import type { Settings } from './study.js';
import type { Task } from './train.js';

/** A training that is asked for. */
export interface Request {
  readonly id: string;
  readonly name: string;
  readonly settings: Settings;
  readonly seed: number;
  /** Default: all steps, and evaluations on the way. */
  readonly limit?: number;
}

/** The task of a request, with the hash of all that decides it. */
export function taskOf(
  { id, settings, seed, limit }: Request,
  { epochs, goal }: Pick<StudyPlan, 'epochs' | 'goal'>,
  data: StudyData,
): Task {
  const task = { settings, seed, epochs, limit: limit ?? null, goal };
  const isTypeScript = currentTarget() === 'typescript';
  return { ...task, hash: hashOf(task, data.hash, isTypeScript), configuration: id };
}
