import { Generator, setPlace } from '../array/generator.js';
import { checkInteger, checkObject, isObject, show } from '../core/validate.js';

/** Whatever has a state of its own: modules, optimizers, averages. */
export interface Stateful {
  stateDict(): unknown;
  loadStateDict(state: never): void;
}

/** What a checkpoint is made of, by names of one's choice: what has a state, generators, and plain data. */
export type Parts = Readonly<Record<string, unknown>>;

function isStateful(part: unknown): part is { stateDict(): unknown; loadStateDict(state: unknown): void } {
  return isObject(part) && typeof part.stateDict === 'function' && typeof part.loadStateDict === 'function';
}

/** The state of a part, as it is now; plain data are their own. */
export function stateOf(part: unknown): unknown {
  if (part instanceof Generator) return { seed: part.seed, position: part.position };
  return isStateful(part) ? part.stateDict() : part;
}

/** Whether a part is something that a state is put into. */
export function takesState(part: unknown): boolean {
  return part instanceof Generator || isStateful(part);
}

function load(name: string, part: unknown, state: unknown): void {
  if (isStateful(part)) {
    part.loadStateDict(state);
    return;
  }
  if (!(part instanceof Generator)) throw new TypeError(`${name} must have a state, got ${show(part)}`);
  checkObject(name, state);
  const { seed, position } = state;
  checkInteger(`${name}.seed`, seed, 0);
  checkInteger(`${name}.position`, position, 0);
  setPlace(part, seed, position);
}

/** Puts all states into their parts, or none. @throws what the first part that refuses its state throws. */
export function loadAll(parts: readonly (readonly [name: string, part: unknown, state: unknown])[]): void {
  const done: (readonly [name: string, part: unknown, state: unknown])[] = [];
  try {
    for (const [name, part, state] of parts) {
      // Before it is tried: a part of the user's own may fail halfway.
      done.push([name, part, stateOf(part)]);
      load(name, part, state);
    }
  } catch (error) {
    for (const [name, part, before] of done.reverse()) load(name, part, before);
    throw error;
  }
}
