import { UsageError } from '../errors.js';
import { changeInWords, factorNames, levelInFlag } from './factors.js';
import { optimizerOf } from './optimizers.js';
import type { Configuration, Factor, Level, Settings } from './study.js';

/** One way of training, by how it differs from the base. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly change: Partial<Settings>;
}

/** All combinations of levels, or one factor at a time around the base. */
export type Design = 'full' | 'one-at-a-time';

/** More than this is a slip of the pen. */
const MOST_CONFIGURATIONS = 10_000;

/** Settings with other levels of some factors. */
export function withLevels(
  settings: Partial<Settings>,
  levels: readonly (readonly [keyof Settings, Level])[],
) {
  return { ...settings, ...Object.fromEntries(levels) };
}

/** The base that factors are varied around: of each the first level, unless another one was said. */
export function baseAmong(said: Partial<Settings>, factors: readonly Factor[]): Partial<Settings> {
  return {
    ...withLevels(
      {},
      factors.map(({ name, levels }) => [name, levels[0]] as const),
    ),
    ...said,
  };
}

/** The ways of training that levels of factors give. @throws UsageError where they are too many. */
export function entriesOf(base: Partial<Settings>, factors: readonly Factor[], design: Design): Entry[] {
  const changes = design === 'full' ? combinations(factors) : oneAtATime(base, factors);
  return changes.map((change) => {
    const levels = factorNames.flatMap((name) =>
      change[name] === undefined ? [] : `${name}=${levelInFlag(change[name])}`,
    );
    return { id: levels.join(' ') || 'base', name: capital(changeInWords(change)) || 'Base', change };
  });
}

function combinations(factors: readonly Factor[]): Partial<Settings>[] {
  const count = factors.reduce((product, { levels }) => product * levels.length, 1);
  if (count > MOST_CONFIGURATIONS) {
    throw new UsageError(
      `--design full: ${count} configurations are too many, at most ${MOST_CONFIGURATIONS}`,
    );
  }
  return factors.reduce<Partial<Settings>[]>(
    (changes, { name, levels }) =>
      changes.flatMap((change) => levels.map((level) => withLevels(change, [[name, level]]))),
    [{}],
  );
}

function oneAtATime(base: Partial<Settings>, factors: readonly Factor[]): Partial<Settings>[] {
  const changes = factors.flatMap(({ name, levels }) =>
    levels.filter((level) => level !== base[name]).map((level) => withLevels({}, [[name, level]])),
  );
  // A single factor speaks for itself: its level in the base is called by its name.
  const [only] = factors;
  if (factors.length !== 1) return [{}, ...changes];
  return only.levels.map((level) => withLevels({}, [[only.name, level]]));
}

/** The rates that the command line or a search gives: one for all, or by optimizer or id. */
export type Rates = ReadonlyMap<string, number> | number | null;

/** Settings whose rate may be the optimizer's. */
export type Base = Omit<Settings, 'lr'> & Partial<Pick<Settings, 'lr'>>;

/** A configuration with all settings. Its rate: given for it, its own, given for its optimizer, that of the base, found, the optimizer's. */
export function configurationOf(
  { id, name, change }: Entry,
  base: Base,
  given: Rates,
  found: ReadonlyMap<string, number> = new Map(),
): Configuration {
  const settings = { ...base, ...change };
  const { optimizer } = settings;
  const own = typeof given === 'number' ? given : given?.get(id);
  const ofOptimizer = typeof given === 'number' ? undefined : given?.get(optimizer);
  const known = own ?? change.lr ?? ofOptimizer ?? base.lr;
  const lr = known ?? found.get(optimizer) ?? optimizerOf(optimizer).lr;
  return { id, name, settings: inOrder({ ...settings, lr }) };
}

/** The optimizers of which nothing but a search, or their table, decides the rate of an entry. */
export function openOptimizers(entries: readonly Entry[], base: Partial<Settings>, given: Rates): string[] {
  if (typeof given === 'number' || base.lr !== undefined) return [];
  const open = entries.flatMap(({ id, change }) => {
    const { optimizer, lr } = { ...base, ...change };
    const isOpen = lr === undefined && optimizer !== undefined && !given?.has(id) && !given?.has(optimizer);
    return isOpen ? [optimizer] : [];
  });
  return [...new Set(open)];
}

/** The settings in the order of the factors: the same settings are the same JSON. */
const inOrder = (settings: Settings): Settings => ({
  ...settings,
  ...Object.fromEntries(factorNames.map((name) => [name, settings[name]])),
});

/** What differs among configurations; rates only where they are the only thing. */
export function factorsAmong(configurations: readonly Configuration[]): Factor[] {
  const factors = factorNames
    .map((name) => ({ name, levels: [...new Set(configurations.map(({ settings }) => settings[name]))] }))
    .filter(({ levels }) => levels.length > 1);
  const others = factors.filter(({ name }) => name !== 'lr');
  return others.length > 0 ? others : factors;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
