import { resolve } from 'node:path';
import { show } from '../../core/validate.js';
import { UsageError } from '../errors.js';
import { checkFolder, checkWritable } from '../files.js';
import type { Values } from '../flags.js';
import { BUILT_IN, type DataOptions, isFolder } from './data.js';
import { DEFAULT_BASE, defaultEntries } from './default-plan.js';
import {
  baseAmong,
  type Design,
  type Entry,
  entriesOf,
  openOptimizers,
  type Rates,
  withLevels,
} from './design.js';
import { changeInWords, factorNames } from './factors.js';
import { checkFactors, type compareFlags, DEFAULT_REPORT, DEFAULT_SEEDS, readImage } from './flags.js';
import { optimizerOf } from './optimizers.js';
import { type PlanFile, readPlan } from './plan-file.js';
import { DEFAULT_STORE } from './store.js';
import type { Factor, Settings } from './study.js';

type CompareValues = Values<typeof compareFlags>;

/** What a study is asked to do; `null` where it shall decide by the data. */
export interface CompareOptions {
  readonly data: DataOptions;
  /** What was said of all configurations. */
  readonly base: Partial<Settings>;
  readonly entries: readonly Entry[];
  /** What `--vary` names; `null`: whatever differs. */
  readonly factors: readonly Factor[] | null;
  readonly rates: Rates;
  readonly epochs: number | null;
  readonly seed: number;
  readonly seeds: number;
  /** Trials for each optimizer. */
  readonly tune: number | null;
  readonly goal: number | null;
  readonly out: string;
  readonly json: string | null;
  readonly tensorboard: string | null;
  readonly serve: boolean;
  readonly store: string;
  readonly jobs: number | null;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  readonly threads: number | null;
  readonly target: string | null;
}

/** The options that the flags amount to. @throws UsageError where they contradict each other or a file cannot be written. */
export function compareOptions(flags: CompareValues): CompareOptions {
  checkFrom(flags);
  const plan = flags.plan === undefined ? {} : readPlan(flags.plan);
  const data = dataOptions(flags, plan);
  const { json = null, out = DEFAULT_REPORT, tensorboard = null } = flags;
  checkFiles(flags, data, out);
  const said = settingsOf(flags, plan);
  const what = entriesAsked(flags, plan, said);
  const rates = flags.lr ?? null;
  checkRates(rates, what);
  const tune = flags.tune ?? plan.tune ?? null;
  if (tune !== null) checkTune(what, rates);
  return {
    data,
    ...what,
    rates,
    epochs: flags.epochs ?? plan.epochs ?? null,
    seed: data.seed,
    seeds: flags.seeds ?? plan.seeds ?? DEFAULT_SEEDS,
    tune,
    goal: flags.goal ?? plan.goal ?? null,
    out,
    json,
    tensorboard,
    serve: flags.serve ?? false,
    store: flags.store ?? DEFAULT_STORE,
    jobs: flags.jobs ?? null,
    dryRun: flags['dry-run'] ?? false,
    quiet: flags.quiet ?? false,
    threads: flags.threads ?? null,
    target: flags.target ?? null,
  };
}

/** @throws UsageError where there is no rate to be chosen. */
function checkTune(
  { entries, base, factors }: Pick<CompareOptions, 'entries' | 'base' | 'factors'>,
  rates: Rates,
) {
  if (factors?.some(({ name }) => name === 'lr')) {
    throw new UsageError('--tune chooses the rate, which --vary sets: leave one of them out');
  }
  if (openOptimizers(entries, base, rates).length > 0) return;
  throw new UsageError('--tune has nothing to choose, as all rates are given: leave it out, or some of them');
}

function dataOptions(flags: CompareValues, plan: PlanFile): DataOptions {
  const data = flags.data ?? plan.data ?? null;
  const label = flags.label ?? plan.label ?? null;
  const regression = flags.regression ?? plan.regression ?? false;
  const ownFile = checkData(data, label);
  if (regression && ownFile === null)
    throw new UsageError('--regression is for a file: give one with --data');
  const image = flags.image ?? (plan.image === undefined ? null : readImage(plan.image, 'image of --plan'));
  return { data, label, regression, image, seed: flags.seed ?? plan.seed ?? 0 };
}

/** @returns the file that `--data` names, if any. @throws UsageError where the flags contradict each other. */
export function checkData(data: string | null, label: string | null): string | null {
  const ownFile = data !== null && !BUILT_IN.some((name) => name === data) && !isFolder(data);
  if (ownFile && label === null) {
    throw new UsageError(
      '--data needs --label: the column with the class of each row, or, for a .npy file, the .npy file with the classes',
    );
  }
  if (!ownFile && label !== null)
    throw new UsageError('--label is for a file of your own: give one with --data');
  return ownFile ? data : null;
}

function checkFiles(
  { json, tensorboard, plan, from, model }: CompareValues,
  { data }: DataOptions,
  out: string,
): void {
  checkWritable(out, '--out');
  if (json !== undefined) checkWritable(json, '--json');
  if (tensorboard !== undefined) checkFolder(tensorboard, '--tensorboard');
  checkDistinct([
    ['--data', data],
    ['--plan', plan ?? null],
    ['--from', from ?? null],
    ['--model', model ?? null],
    ['--out', out],
    ['--json', json ?? null],
  ]);
}

/** What may be said of a study that is there already. */
const WITH_FROM: readonly string[] = [
  'from',
  'out',
  'json',
  'tensorboard',
  'quiet',
] satisfies (keyof CompareValues)[];

/** @throws UsageError where something is asked of a study that is over. */
function checkFrom(flags: CompareValues): void {
  if (flags.from === undefined) return;
  const other = Object.keys(flags).find((name) => !WITH_FROM.includes(name));
  if (other === undefined) return;
  throw new UsageError(`--from trains nothing, so that --${other} decides nothing: leave one of them out`);
}

/** Nothing may be overwritten by something else of the same command. */
export function checkDistinct(files: readonly (readonly [flag: string, path: string | null])[]): void {
  const flagOf = new Map<string, string>();
  for (const [flag, path] of files) {
    if (path === null) continue;
    const other = flagOf.get(resolve(path));
    if (other !== undefined) throw new UsageError(`${other} and ${flag} name the same file ${show(path)}`);
    flagOf.set(resolve(path), flag);
  }
}

/** What was said of all configurations: flags before the plan. */
function settingsOf(flags: CompareValues, plan: PlanFile): Partial<Settings> {
  if (flags.model !== undefined && flags.network !== undefined) {
    throw new UsageError('--model and --network exclude each other');
  }
  const { network, depth, width, activation, init, norm, residual, warmup, batch } = flags;
  const given = {
    network: flags.model ?? network ?? plan.model,
    ...{ depth, width, activation, init, norm },
  };
  const all = { ...given, residual, warmup, batch };
  const said = factorNames.flatMap((name) => {
    const level = name in all ? all[name as keyof typeof all] : undefined;
    return level === undefined ? [] : [[name, level] as const];
  });
  return withLevels(plan.base ?? {}, said);
}

/** The ways of training that are asked for, and the base that they stand around. */
function entriesAsked(flags: CompareValues, plan: PlanFile, said: Partial<Settings>) {
  const factors = factorsAsked(flags, plan);
  if (factors.length > 0) {
    const base = { optimizer: 'adam', ...baseAmong(said, factors) };
    const design: Design = flags.design ?? plan.design ?? 'one-at-a-time';
    return { base, factors, entries: entriesOf(base, factors, design) };
  }
  if (flags.design !== undefined) throw new UsageError('--design is for --vary');
  if (flags.optimizers === undefined && plan.configurations !== undefined) {
    return { base: { optimizer: 'adam', ...said }, factors: null, entries: entriesIn(plan.configurations) };
  }
  const entries = (flags.optimizers ?? defaultEntries.map(({ id }) => id)).map(entryOf);
  return { base: { ...DEFAULT_BASE, ...said }, factors: null, entries };
}

function factorsAsked({ vary, optimizers, plan: _ }: CompareValues, plan: PlanFile): readonly Factor[] {
  const inPlan = factorNames.flatMap((name) => {
    const levels = plan.vary?.[name];
    return levels === undefined ? [] : [{ name, levels }];
  });
  const factors = vary ?? inPlan;
  if (factors.length === 0 || optimizers === undefined) return factors;
  for (const id of optimizers) {
    const isPlain = entryOf(id).change.optimizer === id && Object.keys(entryOf(id).change).length === 1;
    if (!isPlain) throw new UsageError(`--optimizers: ${id} is a run of its own, and goes with no --vary`);
  }
  const all = [{ name: 'optimizer', levels: optimizers } as const, ...factors];
  checkFactors(all, '--optimizers and --vary');
  return all;
}

/** A run of the default plan, or another optimizer. */
function entryOf(id: string): Entry {
  const found = defaultEntries.find((entry) => entry.id === id);
  return found ?? { id, name: optimizerOf(id).name, change: { optimizer: id } };
}

function entriesIn(configurations: NonNullable<PlanFile['configurations']>): Entry[] {
  const entries = configurations.map(({ id, name, settings }, index) => ({
    id: id ?? String(index + 1),
    name: name ?? (changeInWords(settings) || 'Base'),
    change: settings,
  }));
  const twice = entries.find(({ id }, index) => entries.findIndex((entry) => entry.id === id) !== index);
  if (twice !== undefined) throw new UsageError(`--plan: two configurations have the id ${show(twice.id)}`);
  return entries;
}

function checkRates(
  rates: Rates,
  { entries, factors, base }: Pick<CompareOptions, 'entries' | 'factors' | 'base'>,
): void {
  const isVaried = factors?.some(({ name }) => name === 'lr') ?? false;
  if (rates !== null && isVaried) throw new UsageError('--lr and --vary lr exclude each other');
  if (rates === null || typeof rates === 'number') return;
  for (const name of rates.keys()) {
    const isThere = entries.some(
      ({ id, change }) => id === name || (change.optimizer ?? base.optimizer) === name,
    );
    if (!isThere) throw new UsageError(`--lr of ${name}: this run is not among --optimizers`);
  }
}
