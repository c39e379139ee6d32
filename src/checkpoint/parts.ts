import { Generator, setPlace } from '../array/generator.js';
import { type Copied, type Copying, stateCopied } from '../core/copied-state.js';
import { type Loading, nothingToAttempt, prepareLoading } from '../core/loading.js';
import { checkInteger, checkObject, isObject, show } from '../core/validate.js';

/** Whatever has a state of its own: modules, optimizers, averages. */
export interface Stateful {
  stateDict(): unknown;
  loadStateDict(state: never): void;
}

/** What a checkpoint is made of, by names of one's choice: what has a state, generators, and plain data. */
export type Parts = Readonly<Record<string, unknown>>;

function isStateful(part: unknown): part is Copied<unknown> & { loadStateDict(state: unknown): void } {
  return isObject(part) && typeof part.stateDict === 'function' && typeof part.loadStateDict === 'function';
}

/** The state of a part, as it is now; plain data are their own. */
export function stateOf(part: unknown, copying: Copying): unknown {
  if (part instanceof Generator) return { seed: part.seed, position: part.position };
  return isStateful(part) ? stateCopied(part, copying) : part;
}

/** Whether a part is something that a state is put into. */
export function takesState(part: unknown): boolean {
  return part instanceof Generator || isStateful(part);
}

type Named = readonly [name: string, part: unknown, state: unknown];

/** Checks all states, changing nothing. @throws what the first part that refuses its state throws, where it can tell by now. */
export function prepareAll(parts: readonly Named[]): Loading[] {
  return parts.map(([name, part, state]) => {
    if (part instanceof Generator) return prepareGenerator(name, part, state);
    if (!isStateful(part)) throw new TypeError(`${name} must have a state, got ${show(part)}`);
    return prepared(part, state) ?? attemptOnly(part, state);
  });
}

function prepared(part: object, state: unknown): Loading | null {
  return prepareLoading in part && typeof part[prepareLoading] === 'function'
    ? part[prepareLoading](state)
    : null;
}

function prepareGenerator(name: string, generator: Generator, state: unknown): Loading {
  checkObject(name, state);
  const { seed, position } = state;
  checkInteger(`${name}.seed`, seed, 0);
  checkInteger(`${name}.position`, position, 0);
  return { attempt: nothingToAttempt, copies: [], finish: () => setPlace(generator, seed, position) };
}

/** Of a part that only tells by trying: it may be the user's own, and fail halfway. */
function attemptOnly(
  part: { stateDict(): unknown; loadStateDict(state: unknown): void },
  state: unknown,
): Loading {
  return {
    attempt() {
      const before = part.stateDict();
      const undo = () => part.loadStateDict(before);
      try {
        part.loadStateDict(state);
      } catch (error) {
        undo();
        throw error;
      }
      return undo;
    },
    copies: [],
    finish() {},
  };
}

/**
 * Does what may still fail in all of them, or in none.
 * @param check comes last.
 * @throws what the first that fails throws.
 */
export function attemptAll(loadings: readonly Loading[], check: () => void): void {
  const undoes: (() => void)[] = [];
  try {
    for (const { attempt } of loadings) undoes.push(attempt());
    check();
  } catch (error) {
    for (const undo of undoes.reverse()) undo();
    throw error;
  }
}

/** Puts all states, which nobody else may have, into their parts, or none. @throws what the first part that refuses its state throws. */
export function loadAll(parts: readonly Named[]): void {
  const loadings = prepareAll(parts);
  attemptAll(loadings, () => {});
  for (const { from, into } of loadings.flatMap(({ copies }) => copies)) into.set(from);
  for (const { finish } of loadings) finish();
}
