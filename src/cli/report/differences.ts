import * as format from '../../text/format.js';
import { outcomeOf, resolutionOf } from '../compare/claims/outcome.js';
import { familyOfDifferences, mean, median, type PairOf } from '../compare/statistics.js';
import type { Study } from '../compare/study.js';
import { swatch } from './figures.js';
import { html, type Markup } from './markup.js';
import { signedPercentOr } from './numbers.js';
import { type Standing, standings } from './standings.js';
import { keyOf } from './study-data.js';

/** A table of all pairs is read by nobody beyond this many. */
const MOST_IN_TABLE = 12;

/** How every two configurations differ on the test rows, in the order of `standings`. */
export interface Differences {
  readonly lines: readonly Standing[];
  readonly pairs: readonly PairOf[];
}

export function differences(study: Study): Differences {
  const lines = standings(study).filter(({ runs }) => runs.length === study.seeds.length);
  const samples = lines.map(({ runs }) => runs.map((run) => outcomeOf(run).testMetric));
  const { place, slope } = evenScale(study);
  const resolutions = samples.map((values) => resolutionOf(study) * slope(median(values)));
  const pairs = familyOfDifferences(
    samples.map((values) => values.map(place)),
    resolutions,
  );
  return { lines, pairs: pairs.map((pair) => inMetric(pair, samples)) };
}

/**
 * Where seeds spread alike whatever the level, as they do not between 70 and 98 %: the logarithm of the odds of an accuracy, that of
 * what an R² leaves.
 */
function evenScale({ metric, data }: Study): Scale {
  const half = 0.5 / data.testRows;
  return metric === 'accuracy'
    ? {
        place: (share) => Math.log((share + half) / (1 - share + half)),
        slope: (share) => 1 / (share + half) + 1 / (1 - share + half),
      }
    : { place: (r2) => -Math.log(1 - r2 + half), slope: (r2) => 1 / (1 - r2 + half) };
}

interface Scale {
  readonly place: (metric: number) => number;
  /** By how much the place grows with the metric. */
  readonly slope: (metric: number) => number;
}

/** A difference of places as one of metrics: so that its interval is away from zero where the verdict is. */
function inMetric(pair: PairOf, samples: readonly (readonly number[])[]): PairOf {
  const size = mean(samples[pair.first].map((value, seed) => value - samples[pair.second][seed]));
  const scale = size / pair.size;
  if (scale > 0) return { ...pair, size, low: scale * pair.low, high: scale * pair.high };
  return { ...pair, size, low: -Infinity, high: Infinity, p: 1, verdict: 'open' };
}

export function differencesSection(study: Study): Markup {
  const { lines, pairs } = differences(study);
  const claimed = pairs.filter(({ verdict }) => verdict !== 'open').length;
  const what =
    pairs.length === 0
      ? 'There is nothing to compare.'
      : `Of ${format.counted(pairs.length, 'pair')} of configurations, ${claimed === 0 ? 'none is' : claimed === 1 ? 'one is' : `${claimed} are`} told apart by more than chance.`;
  return html`<section id="differences">
<h2>Who is ahead of whom</h2>
<p>${what} ${study.seeds.length < 3 ? 'Fewer than three seeds can tell nothing apart: give --seeds 3 or more.' : ''}</p>
${lines.length < 2 ? '' : table(study, lines, pairs)}
<p class="note">${howItIsTold(study)}</p>
${lines.length < 2 ? '' : html`<p class="tools"><button type="button" data-table="pairs">Numbers as CSV</button></p>`}
</section>`;
}

function howItIsTold({ seeds, metric }: Study): string {
  const unit = metric === 'accuracy' ? ' in percentage points' : '';
  const scale =
    metric === 'accuracy'
      ? ' of the logarithms of the odds'
      : ' of the logarithms of what is left of the variance';
  const signs =
    seeds.length < 6
      ? `The test is Student’s t${scale}, with the deviation of the pair or of all pairs together, whichever is larger; with six seeds or more the exact sign-flip test has to agree.`
      : `Student’s t test${scale}, with the deviation of the pair or of all pairs together, whichever is larger, and the exact sign-flip test agree.`;
  return `Row less column on the test rows after the last step${unit}, seed by seed: the mean of the differences. Bold and ▲ or ▼: away from zero, all pairs taken into account (Holm 1979), so that of a hundred studies in which all configurations are equally good at most five show a ▲ or ▼ at all. Grey: may be chance. ${signs}`;
}

function table({ metric }: Study, lines: readonly Standing[], pairs: readonly PairOf[]): Markup {
  const columns = lines.length <= MOST_IN_TABLE ? lines.map((_, place) => place) : [0];
  const name = ({ index, configuration }: Standing) =>
    html`${swatch(keyOf(index), index)}${configuration.name}`;
  const rows = lines.map((line, row) => {
    const cells = columns.map((column) => cell(pairs, row, column, signedPercentOr(metric)));
    return html`<tr><th scope="row">${name(line)}</th>${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Differences"><table id="pairs" class="matrix">
<thead><tr><th scope="col">row less column</th>${columns.map((place) => html`<th scope="col">${lines[place].configuration.name}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

function cell(
  pairs: readonly PairOf[],
  row: number,
  column: number,
  text: (value: number) => string,
): Markup {
  if (row === column) return html`<td data-value="" class="self">${format.NOTHING}</td>`;
  const pair = pairs.find(
    ({ first, second }) => first === Math.min(row, column) && second === Math.max(row, column),
  );
  if (pair === undefined) return html`<td data-value=""></td>`;
  const sign = row < column ? 1 : -1;
  const size = sign * pair.size;
  const [low, high] = sign === 1 ? [pair.low, pair.high] : [-pair.high, -pair.low];
  const interval = Number.isFinite(low) ? `from ${text(low)} to ${text(high)}` : 'no interval';
  const isClear = pair.verdict !== 'open';
  const arrow = isClear ? (size > 0 ? '▲ ' : '▼ ') : '';
  return html`<td data-value="${size}" data-low="${low}" data-high="${high}" class="${isClear ? 'clear' : 'open'}" title="${interval}, p ${format.loss(pair.p)}">${arrow}${text(size)}</td>`;
}
