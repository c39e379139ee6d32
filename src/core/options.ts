import { nearestName } from './nearest.js';
import { isObject, show } from './validate.js';

/** The names of all options in an interface, in the order in which messages list them: the compiler misses none. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * What every function and class asks of its options before it reads them: whether it has all of them, as a misspelt option must
 * not silently mean its default. Of an object only its own enumerable properties count.
 *
 * @param owner the function or class, as messages name it.
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  names: OptionNames<Options>,
): void {
  if (!isObject(options)) {
    const list = Object.keys(names).join(', ');
    throw new TypeError(`${owner}: options must be an object, got ${show(options)}; it has ${list}`);
  }
  const known: Readonly<Record<string, unknown>> = names;
  // The smallest product pays for this as the largest does: for...in makes no array of the keys.
  for (const name in options) {
    if (known[name] !== true && Object.hasOwn(options, name)) throw unknownOption(owner, name, names);
  }
}

function unknownOption(owner: string, given: string, names: object): TypeError {
  const known = Object.keys(names);
  const nearest = nearestName(given, known);
  const list = nearest === undefined ? 'it has' : `did you mean ${show(nearest)}? It has`;
  return new TypeError(`${owner} has no option ${show(given)}; ${list} ${known.join(', ')}`);
}
