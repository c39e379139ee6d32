import { median } from '../statistics.js';
import type { Configuration, Settings, Study, StudyRun } from '../study.js';
import { bySeed, outcomeOf, runsOf } from './outcome.js';

type Setting = string | number | boolean;

/** What settings are to be: values, or what they have to satisfy. */
export type Wanted = Readonly<Partial<Record<keyof Settings, Setting | ((value: Setting) => boolean)>>>;

/** Runs of two kinds that differ in nothing but what makes the kinds. */
export interface Contrast {
  readonly study: Study;
  readonly a: readonly StudyRun[];
  readonly b: readonly StudyRun[];
}

const NAMES: readonly (keyof Settings)[] = [
  'network',
  'depth',
  'width',
  'activation',
  'init',
  'norm',
  'residual',
  'optimizer',
  'lr',
  'warmup',
  'batch',
];

export const matching = (
  { configurations }: Pick<Study, 'configurations'>,
  wanted: Wanted,
): Configuration[] =>
  configurations.filter(({ settings }) =>
    NAMES.every((name) => {
      const want = wanted[name];
      if (want === undefined) return true;
      return typeof want === 'function' ? want(settings[name]) : want === settings[name];
    }),
  );

/**
 * Configurations of both kinds whose other settings are alike, or `null` where there are none. Optimizers have rates of their own,
 * unless these are asked for: of several the one that ended with the least training loss.
 */
export function contrast(study: Study, a: Wanted, b: Wanted): Contrast | null {
  const named = NAMES.filter((name) => a[name] !== undefined || b[name] !== undefined);
  const ownRates = named.includes('optimizer') && !named.includes('lr');
  const others = ({ settings }: Configuration) =>
    JSON.stringify(
      NAMES.map((name) => (named.includes(name) || (ownRates && name === 'lr') ? null : settings[name])),
    );
  const groups = (wanted: Wanted) => {
    const found = new Map<string, Configuration>();
    for (const configuration of matching(study, wanted)) {
      if (runsOf(study, configuration).length === 0) continue;
      const key = others(configuration);
      const known = found.get(key);
      if (known === undefined || endLoss(study, configuration) < endLoss(study, known)) {
        found.set(key, configuration);
      }
    }
    return found;
  };
  const [ofA, ofB] = [groups(a), groups(b)];
  const shared = [...ofA.keys()].filter((key) => ofB.has(key));
  const runs = (kind: ReadonlyMap<string, Configuration>) =>
    shared.flatMap((key) => {
      const configuration = kind.get(key);
      return configuration === undefined ? [] : runsOf(study, configuration);
    });
  return shared.length === 0 ? null : { study, a: runs(ofA), b: runs(ofB) };
}

const endLoss = (study: Study, configuration: Configuration) =>
  median(runsOf(study, configuration).map((run) => outcomeOf(run).trainLoss));

/** A number for each seed of both kinds, for the seeds that both have. */
export function values(
  { study, a, b }: Contrast,
  value: (run: StudyRun) => number,
): { a: number[]; b: number[] } {
  const both = study.seeds.filter((seed) => [a, b].every((runs) => runs.some((run) => run.seed === seed)));
  return { a: bySeed({ seeds: both }, a, value), b: bySeed({ seeds: both }, b, value) };
}
