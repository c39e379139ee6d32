import * as format from '../../text/format.js';
import type { Study } from '../compare/study.js';
import type { Differences } from './differences.js';
import { percentOr, signedPercentOr } from './numbers.js';
import { standings } from './standings.js';

/** What the numbers say, in a few sentences. */
export function findings(study: Study, { lines, pairs }: Differences): string[] {
  const all = standings(study);
  if (all.length === 0) return ['No run has ended yet.'];
  return [best(study, { lines, pairs }), ...goal(study), ...diverged(study)];
}

function best(study: Study, { lines, pairs }: Differences): string {
  const [first] = standings(study);
  const { name } = first.configuration;
  const share = percentOr(study.metric);
  const { median, low, high, values } = first.testMetric;
  const spread = values.length > 1 ? ` (${share(low)} to ${share(high)})` : '';
  const ended = `${name} is the best on the test rows: ${share(median)}${spread}`;
  const behind = pairs.filter(
    ({ first: a, second: b, verdict }) =>
      verdict !== 'open' && [a, b].some((place) => lines[place].index === first.index),
  );
  if (lines.length < 2) return `${ended}.`;
  if (behind.length === 0) return `${ended}; its lead over any other may be chance.`;
  const unit = study.metric === 'accuracy' ? ' percentage points' : '';
  const sizes = behind.map(({ size }) => Math.abs(size));
  const least = signedPercentOr(study.metric)(Math.min(...sizes)).slice(1);
  return `${ended}. Its lead is more than chance over ${behind.length} of ${lines.length - 1}, by ${least}${unit} or more.`;
}

function goal(study: Study): string[] {
  const reached = standings(study)
    .filter(({ stepsToGoal, runs }) => stepsToGoal.values.length === runs.length)
    .sort((a, b) => a.stepsToGoal.median - b.stepsToGoal.median);
  const name = study.metric === 'accuracy' ? format.percent(study.goal, 0) : `R² of ${study.goal}`;
  if (reached.length === 0) return [`No configuration reaches ${name} with every seed.`];
  const [first] = reached;
  return [
    `${first.configuration.name} needs the fewest steps to ${name}: ${format.count(first.stepsToGoal.median)}. ${reached.length} of ${study.configurations.length} get there with every seed.`,
  ];
}

function diverged(study: Study): string[] {
  const names = standings(study)
    .filter(({ diverged }) => diverged > 0)
    .map(({ configuration, diverged, runs }) => `${configuration.name} (${diverged} of ${runs.length})`);
  return names.length === 0 ? [] : [`Diverged: ${names.join(', ')}.`];
}
