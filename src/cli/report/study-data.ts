import * as format from '../../text/format.js';
import { runsOf } from '../compare/claims/outcome.js';
import { median } from '../compare/statistics.js';
import type { Configuration, Study, StudyRun } from '../compare/study.js';
import { effects } from './effects.js';
import { lookOf } from './looks.js';
import type { Curve, PageConfiguration, PageData, Tuned } from './page-types.js';
import { smooth } from './smooth.js';
import { standings } from './standings.js';
import { walks } from './walks.js';

/** As many points as all curves of one kind may have together, and one curve at most and at least. */
const POINTS = { together: 4000, most: 300, least: 60 };

/** A loss of exactly zero has no place on a logarithmic axis. */
const SMALLEST_LOSS = 1e-8;

/** More lines than this in a chart are drawn only when they are asked for. */
const SHOWN_AT_FIRST = 8;

/** The key of the n-th configuration, for properties of style sheets and attributes. */
export const keyOf = (index: number): string => `c${index}`;

export function studyData(study: Study): PageData {
  const first = new Set(
    standings(study)
      .slice(0, SHOWN_AT_FIRST)
      .map(({ index }) => index),
  );
  return {
    name: study.data.name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    trainRows: study.data.trainRows,
    metric: study.metric,
    goal: study.goal,
    resolution: 0.5 / study.data.testRows,
    configurations: study.configurations.map((configuration, index) =>
      pageConfiguration(study, configuration, index, first.has(index)),
    ),
    tuned: tuned(study),
    effects: effects(study),
    walks: walks(),
  };
}

function pageConfiguration(
  study: Study,
  configuration: Configuration,
  index: number,
  shown: boolean,
): PageConfiguration {
  const runs = runsOf(study, configuration);
  const { batch } = configuration.settings;
  const points = Math.min(
    POINTS.most,
    Math.max(POINTS.least, Math.floor(POINTS.together / study.configurations.length)),
  );
  const perStep = (values: (run: StudyRun) => readonly number[]) =>
    curve(
      runs.map((run) => ({ steps: run.lossSteps, values: values(run) })),
      points,
    );
  const evaluated = (name: 'trainMetric' | 'testMetric' | 'testLoss') =>
    curve(
      runs.map(({ evaluations }) => ({
        steps: evaluations.map(({ step }) => step),
        values: evaluations.map((evaluation) => evaluation[name]),
      })),
      points,
    );
  return {
    key: keyOf(index),
    id: configuration.id,
    name: configuration.name,
    dash: lookOf(index).dash,
    batch: batch === 'full' ? study.data.trainRows : batch,
    shown,
    curves: {
      loss: perStep(({ losses }) => smooth(losses.map(drawable), losses.length / 40)),
      trainMetric: evaluated('trainMetric'),
      testMetric: evaluated('testMetric'),
      testLoss: evaluated('testLoss'),
      rate: perStep(({ learningRates }) => learningRates),
    },
    events: eventsOf(configuration, runs),
  };
}

const drawable = (loss: number) => Math.max(loss, SMALLEST_LOSS);

const shortened = (value: number) => Number(value.toPrecision(4));

interface Line {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** The seeds together, at the steps of the one that came furthest: those that have a value there, as long as most have. */
function curve(lines: readonly Line[], points: number): Curve {
  const longest = lines.reduce((a, b) => (b.steps.length > a.steps.length ? b : a), {
    steps: [],
    values: [],
  });
  const columns = spreadBothWays(longest.steps, points).map((step) => ({
    step,
    values: lines.flatMap(({ steps, values }) => {
      const at = steps.indexOf(step);
      return at < 0 || !Number.isFinite(values[at]) ? [] : [values[at]];
    }),
  }));
  const most = columns.filter(({ values }) => values.length > lines.length / 2);
  const has = lines.length > 1;
  return {
    steps: most.map(({ step }) => step),
    median: most.map(({ values }) => shortened(median(values))),
    low: has ? most.map(({ values }) => shortened(Math.min(...values))) : [],
    high: has ? most.map(({ values }) => shortened(Math.max(...values))) : [],
  };
}

/** At most so many of the steps: half of them even on an axis, half of them even on a logarithmic one. */
function spreadBothWays(steps: readonly number[], limit: number): readonly number[] {
  const n = steps.length;
  if (n <= limit) return steps;
  const half = Math.floor(limit / 2);
  const even = Array.from({ length: half }, (_, i) => Math.round((i * (n - 1)) / (half - 1)));
  const geometric = Array.from({ length: half }, (_, i) => Math.round(n ** (i / (half - 1))) - 1);
  return [...new Set([...even, ...geometric])].sort((a, b) => a - b).map((index) => steps[index]);
}

function eventsOf(
  { name, settings }: Configuration,
  runs: readonly StudyRun[],
): { step: number; text: string }[] {
  const at = (text: string, steps: readonly (number | null)[]) => {
    const known = steps.filter((step) => step !== null);
    if (known.length === 0) return [];
    const step = Math.round(median(known));
    return [
      { step, text: `${name}: ${text} at step ${format.count(step)}${ofSeeds(known.length, runs.length)}` },
    ];
  };
  return [
    ...at(
      'turns into SGD',
      runs.map((run) => run.switch?.step ?? null),
    ),
    ...(settings.warmup === 'none'
      ? []
      : at(
          'warm-up ends',
          runs.map(({ warmupSteps }) => warmupSteps),
        )),
    ...at(
      'diverges',
      runs.map(({ divergedAt }) => divergedAt),
    ),
  ];
}

const ofSeeds = (some: number, all: number) => (some === all ? '' : `, ${some} of ${all} seeds`);

/** The trials by optimizer: of those with one rate the one that got the most steps. */
function tuned({ trials, configurations }: Study): Tuned[] {
  const optimizers = [...new Set(trials.map(({ optimizer }) => optimizer))];
  return optimizers.map((optimizer, order) => {
    const own = trials.filter((trial) => trial.optimizer === optimizer);
    const rates = [...new Set(own.map(({ lr }) => lr))].sort((a, b) => a - b);
    const longest = rates.map((lr) =>
      own.filter((trial) => trial.lr === lr).reduce((a, b) => (b.budget > a.budget ? b : a)),
    );
    const index = configurations.findIndex(({ settings }) => settings.optimizer === optimizer);
    const place = index < 0 ? order : index;
    return {
      key: index < 0 ? `t${order}` : keyOf(index),
      name: optimizer,
      dash: lookOf(place).dash,
      rates,
      losses: longest.map(({ validationLoss }) =>
        validationLoss === null ? null : shortened(drawable(validationLoss)),
      ),
    };
  });
}
