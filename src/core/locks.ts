import { show } from './validate.js';

/** What a training in the background writes to, and who does. */
const locked = new Map<object, string>();
let isHolder = false;

/**
 * Keeps others from writing to parameters, until what this returns is called.
 * @param by who writes to them, in errors
 * @throws Error where one is locked already; none is then locked.
 */
export function lock(parameters: Iterable<object>, by: string): () => void {
  const own = new Set(parameters);
  for (const parameter of own) checkUnlocked(parameter);
  for (const parameter of own) locked.set(parameter, by);
  return () => {
    for (const parameter of own) locked.delete(parameter);
  };
}

/** Runs `fn`, which must be synchronous, as one of those who hold a lock. */
export function asHolder<Result>(fn: () => Result): Result {
  const outer = isHolder;
  isHolder = true;
  try {
    return fn();
  } finally {
    isHolder = outer;
  }
}

/** To be called before a parameter, its gradient or its states are written to. @throws Error where it is locked. */
export function checkUnlocked(parameter: object): void {
  if (locked.size === 0 || isHolder) return;
  const by = locked.get(parameter);
  if (by === undefined) return;
  const name: unknown = Reflect.get(parameter, 'name');
  const which = name === undefined ? 'a parameter' : `parameter ${show(name)}`;
  throw new Error(
    `${which} must not be written to while ${by} is at work in the background: await that first`,
  );
}
