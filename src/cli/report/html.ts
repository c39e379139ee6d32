import * as format from '../../text/format.js';
import type { Comparison } from '../compare/result.js';
import { type RunGroup, runOf, runs } from '../compare/runs.js';
import type { Assets } from './assets.js';
import { chartSection, FIGURES_PER_GROUP, surfaceSection } from './figures.js';
import { findings } from './findings.js';
import { html, jsonInScript, Markup, sourceInScript } from './markup.js';
import { pageData } from './page-data.js';
import { resultsTable } from './results-table.js';

/** The report of a comparison: one HTML page that needs nothing from outside. */
export function renderReport(comparison: Comparison, assets: Assets): string {
  const groups = (['optimizers', 'warmup'] as const).filter((group) =>
    comparison.runs.some(({ id }) => runOf(id).group === group),
  );
  const title = `${format.counted(comparison.runs.length, 'run')} on ${comparison.data.name}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – lockstep compare</title>
<style>
${new Markup(`${assets.style}\n${runColors()}`)}
</style>
</head>
<body>
${header(comparison)}
<main>
${resultsSection(comparison)}
${groups.map((group, index) => groupSection(comparison, group, 1 + index * FIGURES_PER_GROUP))}
<section>
<h2>What the optimizers are known for</h2>
<p>The same optimizers on four functions of two weights whose minimum is known (✕), all from one start (○). A dot on every
few steps: where dots lie close, the optimizer is slow. Point at a name to bring out its path, or draw the slider to watch
them walk.</p>
${surfaceSection(1 + groups.length * FIGURES_PER_GROUP)}
</section>
</main>
${footer(comparison)}
<script type="application/json" id="report-data">${jsonInScript(pageData(comparison))}</script>
<script>
${sourceInScript(assets.script)}
</script>
</body>
</html>
`.text;
}

/** One colour per run, wherever it appears. */
function runColors(): string {
  const rule = (mode: 'light' | 'dark') =>
    runs.map(({ id, look }) => `--run-${id}: ${look[mode]};`).join(' ');
  return `:root { ${rule('light')} }\n:root[data-theme="dark"] { ${rule('dark')} }`;
}

function header(comparison: Comparison): Markup {
  const { data, network, epochs, batch, seed, target, threads } = comparison;
  const facts: (readonly [string, string])[] = [
    [
      'Data',
      `${data.name}: ${format.count(data.trainRows)} rows to learn from, ${format.count(data.testRows)} to judge by`,
    ],
    ['Network', `${network.layers} (${format.count(network.parameters)} weights)`],
    [
      'Training',
      `${format.counted(epochs, 'pass', 'passes')} over the data, batches of ${format.count(batch)}, seed ${seed}`,
    ],
    ['Computed by', `${target} kernels on ${format.counted(threads, 'thread')}`],
  ];
  return html`<header>
<h1>${comparison.runs.length === 1 ? 'One way' : `${comparison.runs.length} ways`} to train one network</h1>
<p class="lead">Every run begins with the same weights and sees the same rows of ${data.name} in the same order. Only the
optimizer and its settings differ.</p>
<ul class="findings">${findings(comparison).map((finding) => html`<li>${finding}</li>`)}</ul>
<dl class="facts">${facts.map(([term, fact]) => html`<div><dt>${term}</dt><dd>${fact}</dd></div>`)}</dl>
</header>`;
}

function resultsSection(comparison: Comparison): Markup {
  return html`<section>
<h2>Results</h2>
${resultsTable(comparison)}
</section>`;
}

const GROUPS: Readonly<Record<RunGroup, { title: string; text: string; reference: string | null }>> = {
  optimizers: {
    title: 'The optimizers',
    text: 'Each with its own rate. Full-batch gradient descent sees the data as often as the others, so it takes one step per pass.',
    reference: null,
  },
  warmup: {
    title: 'Warm-up at a large rate',
    text: 'SGD with momentum at a large rate, with the ordinary rate for comparison: without warm-up; with a low rate until the training error is below 80 % (He et al. 2016); and growing by the same amount at every step (Goyal et al. 2017).',
    reference: 'momentum',
  },
};

function groupSection(comparison: Comparison, group: RunGroup, firstFigure: number): Markup {
  const { title, text, reference } = GROUPS[group];
  const present = comparison.runs.map(({ id }) => runOf(id));
  const own = present.filter((run) => run.group === group);
  const shown = [...present.filter(({ id }) => id === reference), ...own];
  return html`<section>
<h2>${title}</h2>
<p>${text}</p>
${chartSection(shown, firstFigure, format.percent(comparison.goalAccuracy, 0))}
</section>`;
}

function footer({ machine, target, threads, seed, date, version, command }: Comparison): Markup {
  const day = date.slice(0, 16).replace('T', ' ');
  return html`<footer>
<p>lockstep ${version} on ${machine.cpu}, ${machine.platform}, Node.js ${machine.node}; target ${target},
${format.counted(threads, 'thread')}, seed ${seed}; ${day} UTC.</p>
<p>Made by <code>${command}</code>. The same seed gives the same weights, bit for bit, on every native target and with any
number of threads; the hashes in the table tell.</p>
</footer>`;
}
