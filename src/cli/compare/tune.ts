import * as format from '../../text/format.js';
import { validationOf } from './data.js';
import { openOptimizers } from './design.js';
import { optimizerOf } from './optimizers.js';
import type { CompareOptions } from './options.js';
import { type StudyPlan, settle } from './plan.js';
import type { Request } from './request.js';
import type { Settings, StudyRun, Trial } from './study.js';
import { stepsOf } from './train.js';

/** What a search found: a rate for each optimizer, and what was tried. */
export interface Search {
  readonly rates: ReadonlyMap<string, number>;
  readonly trials: readonly Trial[];
}

/** The grid goes from the optimizer's own rate by this factor both ways. */
const SPAN = 30;

/** Rounds in which the better half goes on with twice the steps. */
const MOST_ROUNDS = 3;

/** How many rates of each optimizer a round tries, and which part of the steps of the study each of them gets. */
export interface Round {
  readonly rates: number;
  readonly part: number;
}

/** What a search of `count` trials is: every round has half of the rates of the one before, and twice the steps. */
export function roundsOf(count: number): Round[] {
  const rounds = Math.min(MOST_ROUNDS, Math.max(1, Math.ceil(Math.log2(count))));
  return Array.from({ length: rounds }, (_, round) => ({
    rates: Math.ceil(count / 2 ** round),
    part: 1 / 2 ** (rounds - 1 - round),
  }));
}

/** So many rates, on a logarithmic grid around one. */
export function rateGrid(lr: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number((lr * SPAN ** ((2 * index) / (count - 1) - 1)).toPrecision(3)),
  );
}

/**
 * Successive halving (Jamieson & Talwalkar 2016, https://arxiv.org/abs/1502.07943): all rates are tried with few steps, the better half
 * again with twice as many, and so on; in the last round with all steps of the study. Every optimizer has the same number of rates, and so of
 * steps; those that diverge are out.
 * @param run trains on the validation split.
 */
export async function tuned(
  plan: StudyPlan,
  options: Pick<CompareOptions, 'entries' | 'base' | 'rates'>,
  count: number,
  run: (requests: readonly Request[]) => Promise<StudyRun[]>,
): Promise<Search> {
  const alive = new Map(
    openOptimizers(options.entries, options.base, options.rates).map(
      (id) => [id, rateGrid(optimizerOf(id).lr, count)] as const,
    ),
  );
  const rounds = roundsOf(count);
  const trials: Trial[] = [];
  for (const [round, { part }] of rounds.entries()) {
    const requests = [...alive].flatMap(([id, rates]) =>
      rates.map((lr) => request(plan, options, id, lr, part)),
    );
    const results = (await run(requests)).map((result, index) => trialOf(requests[index], result));
    trials.push(...results);
    for (const id of alive.keys()) {
      const best = ranked(results.filter(({ optimizer }) => optimizer === id));
      alive.set(id, best.slice(0, rounds[round + 1]?.rates ?? 1));
    }
  }
  // Where all diverged, the optimizer's own rate stays.
  const rates = [...alive].flatMap(([id, [lr]]) => (lr === undefined ? [] : [[id, lr] as const]));
  return { rates: new Map(rates), trials };
}

/** With the settings of the base, and this part of the steps. */
function request(
  plan: StudyPlan,
  { base }: Pick<CompareOptions, 'base'>,
  optimizer: string,
  lr: number,
  part: number,
): Request {
  const id = `${optimizer} ${lr}`;
  const settings = trialSettings(plan, { base }, optimizer, lr);
  const steps = stepsOf({ settings, epochs: plan.epochs, limit: null }, validationOf(plan.data).train.rows);
  return {
    id,
    name: `${optimizerOf(optimizer).name} at ${format.rate(lr)}`,
    settings,
    seed: plan.seeds[0],
    limit: Math.max(1, Math.round(steps * part)),
  };
}

/** The settings of the base, but for the optimizer and its rate. */
export function trialSettings(
  { data }: StudyPlan,
  { base }: Pick<CompareOptions, 'base'>,
  optimizer: string,
  lr: number,
): Settings {
  return settle({ entries: [], base: { ...base, optimizer, lr }, rates: null }, data).base;
}

function trialOf({ settings, limit = 0 }: Request, { divergedAt, evaluations }: StudyRun): Trial {
  const loss = divergedAt === null ? (evaluations.at(-1)?.testLoss ?? null) : null;
  return { optimizer: settings.optimizer, lr: settings.lr, budget: limit, validationLoss: loss };
}

/** The rates that did not diverge, the best first. */
function ranked(trials: readonly Trial[]): number[] {
  return trials
    .flatMap(({ lr, validationLoss }) => (validationLoss === null ? [] : [{ lr, validationLoss }]))
    .sort((a, b) => a.validationLoss - b.validationLoss)
    .map(({ lr }) => lr);
}
