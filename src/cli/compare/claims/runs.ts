import * as format from '../../../text/format.js';
import { type Difference, deviation, mean, median, pairedDifference } from '../statistics.js';
import type { Study, StudyRun } from '../study.js';
import type { Finding, Measured, RunClaim } from './claim.js';
import { type Contrast, contrast, matching, values, type Wanted } from './contrast.js';
import { decides } from './decides.js';
import { outcomeOf, resolutionOf } from './outcome.js';

/** A paired difference of a contrast, as a test and in words. */
interface Tested extends Measured {
  readonly verdict: Difference['verdict'];
}

interface Question {
  readonly what: string;
  readonly value: (run: StudyRun) => number;
  readonly text: (value: number) => string;
  readonly leastDeviation?: number;
}

function tested(
  found: Contrast,
  level: number,
  { what, value, text: inWords, leastDeviation = 0 }: Question,
): Tested {
  const text = (number: number) => (Number.isFinite(number) ? inWords(number) : format.NOTHING);
  const { a, b } = values(found, value);
  const { size, low, high, verdict } = pairedDifference(a, b, { level, leastDeviation });
  const interval = Number.isFinite(low)
    ? ` (difference ${text(size)}, from ${text(low)} to ${text(high)})`
    : '';
  return { what, text: `${text(mean(a))} against ${text(mean(b))}${interval}`, verdict };
}

/** Supported where all differences are as claimed, not supported where one is the other way round by more than chance. */
export function together(tests: readonly Tested[], figure: string): Finding {
  const verdicts = tests.map(({ verdict }) => verdict);
  const verdict = verdicts.every((one) => one === 'ahead')
    ? 'supported'
    : verdicts.includes('behind')
      ? 'not supported'
      : 'open';
  return { verdict, numbers: tests.map(({ what, text }) => ({ what, text })), figure };
}

/** A claim that a contrast answers with some differences, each of which has to be above zero. */
const compared =
  (a: Wanted, b: Wanted, figure: string, questions: (study: Study) => readonly Question[]) =>
  (study: Study, level: number): Finding | null => {
    const found = contrast(study, a, b);
    if (found === null) return null;
    return together(
      questions(study).map((question) => tested(found, level, question)),
      figure,
    );
  };

const inPoints =
  ({ metric }: Study) =>
  (value: number) =>
    (metric === 'accuracy' ? format.percent(value) : value.toFixed(4)).replace('-', '−');

/** A run that never got to the goal counts as one that gets there with its last step, at best. */
const stepsToGoal = (run: StudyRun) => run.stepsToGoal ?? run.steps;

const steps = (value: number) => format.count(value).replace('-', '−');

/** How often the loss of a batch is higher than that of the batch before. */
function shareOfRises({ losses }: StudyRun): number {
  const rises = losses.filter((loss, index) => index > 0 && loss > losses[index - 1]).length;
  return rises / Math.max(1, losses.length - 1);
}

const gap = (run: StudyRun) => outcomeOf(run).trainMetric - outcomeOf(run).testMetric;

/** The loss of so many batches says where it stands; a constant warm-up may be over soon. */
const LEAST_WINDOW = 3;

/** By how much the training loss is higher behind the end of the warm-up than before it, as a logarithm; NaN without an end. */
export function jumpOf({ losses, lossSteps, warmupSteps }: StudyRun): number {
  if (warmupSteps === null) return Number.NaN;
  const end = lossSteps.findIndex((step) => step > warmupSteps);
  const window = Math.min(end, Math.max(5, Math.round(losses.length / 50)));
  if (window < LEAST_WINDOW) return Number.NaN;
  return Math.log(mean(losses.slice(end, end + window)) / mean(losses.slice(end - window, end)));
}

const isNumber = (value: string | number | boolean) => typeof value === 'number';
const inBatches: Wanted = { optimizer: 'sgd', batch: isNumber };
const allRows: Wanted = { optimizer: 'sgd', batch: 'full' };

function alikeAtLast(study: Study, level: number): Finding | null {
  const rates = [...new Set(matching(study, inBatches).map(({ settings }) => settings.lr))].sort(
    (a, b) => a - b,
  );
  if (rates.length < 2) return null;
  const [small, large] = [rates[0], rates[rates.length - 1]];
  const [atSmall, atLarge] = [small, large].map((lr) =>
    contrast(study, { ...inBatches, lr }, { ...allRows, lr: isNumber }),
  );
  if (atSmall === null || atLarge === null) return null;
  const distances = ({ a, b, study: of }: Contrast) => {
    const ends = values({ a, b, study: of }, (run) => outcomeOf(run).trainLoss);
    return ends.a.map((loss, index) => Math.abs(loss - ends.b[index]));
  };
  const [far, near] = [distances(atLarge), distances(atSmall)];
  const { verdict } = pairedDifference(far, near, { level });
  const at = (lr: number, found: readonly number[]) =>
    `${Number.isFinite(mean(found)) ? format.loss(mean(found)) : format.NOTHING} apart at a rate of ${format.rate(lr)}`;
  return together(
    [{ what: 'training loss', text: `${at(large, far)}, ${at(small, near)}`, verdict }],
    'figure-loss',
  );
}

/** How far each seed is from the one in the middle. */
function steadier(study: Study, level: number): Finding | null {
  const found = contrast(study, { optimizer: 'adam' }, { optimizer: 'momentum' });
  if (found === null) return null;
  const { a, b } = values(found, (run) => outcomeOf(run).testMetric);
  const away = (metrics: readonly number[]) => metrics.map((metric) => Math.abs(metric - median(metrics)));
  const { verdict } = pairedDifference(away(a), away(b), { level, leastDeviation: resolutionOf(study) });
  const told = (metrics: readonly number[]) => inPoints(study)(metrics.length < 2 ? 0 : deviation(metrics));
  const text = `${told(a)} with Adam, ${told(b)} with momentum`;
  return together([{ what: 'deviation over seeds on the test rows', text, verdict }], 'results');
}

function warmupsJump(study: Study, level: number): Finding | null {
  const found = contrast(study, { warmup: 'constant' }, { warmup: 'gradual' });
  if (found === null) return null;
  const { a: constant, b: gradual } = values(found, jumpOf);
  const told = (jumps: readonly number[]) => {
    const share = Math.exp(mean(jumps)) - 1;
    return Number.isFinite(share)
      ? `${share < 0 ? '−' : '+'}${format.percent(Math.abs(share), 0)}`
      : 'no end';
  };
  const against = (other: readonly number[]) => pairedDifference(constant, other, { level }).verdict;
  return together(
    [
      {
        what: 'where a constant warm-up ends',
        text: `${told(constant)} of training loss`,
        verdict: against(constant.map(() => 0)),
      },
      {
        what: 'where a gradual one ends',
        text: `${told(gradual)} of training loss`,
        verdict: against(gradual),
      },
    ],
    'figure-loss',
  );
}

export const runClaims: readonly RunClaim[] = [
  {
    id: 'sgd-swings',
    text: 'SGD swings where the whole batch goes straight.',
    needs: 'sgd with batches and with the full batch: --optimizers sgd --vary batch=32,full',
    judge: compared(inBatches, allRows, 'figure-loss', () => [
      {
        what: 'steps on which the loss rises, batches against all rows',
        value: shareOfRises,
        text: (value) => format.percent(value, 0).replace('-', '−'),
      },
    ]),
  },
  {
    id: 'alike-at-last',
    text: 'With a smaller rate, SGD and the whole batch end alike.',
    needs:
      'sgd with two rates, with batches and with the full batch: --optimizers sgd --vary batch=32,full lr=0.01,0.2 --design full',
    judge: alikeAtLast,
  },
  {
    id: 'adam-fast',
    text: 'Adam is fast.',
    needs: 'adam and momentum: --vary optimizer=adam,momentum',
    judge: compared({ optimizer: 'momentum' }, { optimizer: 'adam' }, 'figure-testMetric', () => [
      {
        what: 'steps to the goal, momentum against Adam',
        value: stepsToGoal,
        text: steps,
        leastDeviation: 1,
      },
    ]),
  },
  {
    id: 'momentum-steady',
    text: 'Momentum is steady: seeds differ less than with Adam.',
    needs: 'adam and momentum, five seeds or more: --vary optimizer=adam,momentum --seeds 5',
    judge: steadier,
  },
  {
    id: 'momentum-gap',
    text: 'Momentum keeps what it learnt on new rows: its gap between train and test is smaller than Adam’s.',
    needs: 'adam and momentum: --vary optimizer=adam,momentum',
    judge: compared({ optimizer: 'adam' }, { optimizer: 'momentum' }, 'results', (study) => [
      {
        what: 'gap, Adam against momentum',
        value: gap,
        text: inPoints(study),
        leastDeviation: resolutionOf(study),
      },
    ]),
  },
  {
    id: 'swats-both',
    text: 'SWATS has both: it begins as Adam does and ends as SGD with momentum does.',
    needs: 'swats, adam and momentum: --vary optimizer=swats,adam,momentum',
    judge(study, level) {
      const [early, late] = [
        contrast(study, { optimizer: 'momentum' }, { optimizer: 'swats' }),
        contrast(study, { optimizer: 'swats' }, { optimizer: 'adam' }),
      ];
      if (early === null || late === null) return null;
      return together(
        [
          tested(early, level, {
            what: 'steps to the goal, momentum against SWATS',
            value: stepsToGoal,
            text: steps,
            leastDeviation: 1,
          }),
          tested(late, level, {
            what: 'on the test rows, SWATS against Adam',
            value: (run) => outcomeOf(run).testMetric,
            text: inPoints(study),
            leastDeviation: resolutionOf(study),
          }),
        ],
        'figure-testMetric',
      );
    },
  },
  {
    id: 'warmup-jump',
    text: 'A constant warm-up jumps in training loss where it ends, a gradual one does not.',
    needs: 'both warm-ups at a large rate: --optimizers momentum --vary warmup=constant,gradual --lr 1',
    judge: warmupsJump,
  },
  {
    id: 'residual-depth',
    text: 'From some depth on, a residual connection decides whether a network learns at all.',
    needs: 'depths with and without them: --vary depth=2,8,20 residual=yes,no --design full',
    judge: (study, level) =>
      decides(
        study,
        level,
        'residual',
        (value) => value === true,
        (value) => value === false,
      ),
  },
  {
    id: 'norm-depth',
    text: 'From some depth on, normalisation decides whether a network learns at all.',
    needs: 'depths with and without it: --vary depth=2,8,20 norm=none,layer,batch --design full',
    judge: (study, level) =>
      decides(
        study,
        level,
        'norm',
        (value) => value !== 'none',
        (value) => value === 'none',
      ),
  },
  {
    id: 'init-depth',
    text: 'From some depth on, the initialisation decides whether a network learns at all.',
    needs: 'depths with several of them: --vary depth=2,8,20 init=kaiming,xavier,zeros --design full',
    judge: (study, level) =>
      decides(
        study,
        level,
        'init',
        (value) => value === 'kaiming',
        (value) => value !== 'kaiming',
      ),
  },
];
