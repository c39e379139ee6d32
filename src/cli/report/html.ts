import * as format from '../../text/format.js';
import { judgeAll } from '../compare/claims/index.js';
import type { Settings, Study } from '../compare/study.js';
import type { Assets } from './assets.js';
import { differences, differencesSection } from './differences.js';
import { curves, figure, surfaceSection } from './figures.js';
import { findings } from './findings.js';
import { colorProperties, lookOf } from './looks.js';
import { html, jsonInScript, Markup, sourceInScript } from './markup.js';
import type { PageData } from './page-types.js';
import { resultsTable } from './results-table.js';
import { keyOf, studyData } from './study-data.js';
import { verdictsSection } from './verdicts.js';
import { walkers } from './walkers.js';

/** The report of a study: one HTML page that needs nothing from outside. */
export function renderStudy(study: Study, assets: Assets): string {
  const data = studyData(study);
  const title = `${format.counted(study.configurations.length, 'configuration')} on ${study.data.name}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – lockstep compare</title>
<style>
${new Markup(`${assets.style}\n${colorProperties(looksOf(study, data))}`)}
</style>
</head>
<body>
${header(study)}
<main>
<section>
<h2>Results</h2>
${resultsTable(study)}
</section>
<section id="curves">
<h2>On the way</h2>
<p>Each configuration with its own rate. One that sees all rows at once takes one step per pass.</p>
${curves(study, keyOf)}
</section>
${differencesSection(study)}
${data.effects.length === 0 ? '' : effectsSection(data)}
${data.tuned.length === 0 ? '' : tuningSection()}
${verdictsSection(judgeAll(study, assets.findings))}
<section>
<h2>What the optimizers are known for</h2>
<p>Six optimizers on four functions of two weights whose minimum is known (✕), all from one start (○). A dot on every
few steps: where dots lie close, the optimizer is slow. Point at a name to bring out its path, or draw the slider to watch
them walk.</p>
${surfaceSection()}
</section>
</main>
${footer(study)}
<script type="application/json" id="report-data">${jsonInScript(data)}</script>
<script>
${sourceInScript(assets.script)}
</script>
</body>
</html>
`.text;
}

/** One colour per configuration and walker, wherever it appears. */
const looksOf = ({ configurations }: Study, { tuned }: PageData) => [
  ...configurations.map((_, index) => [keyOf(index), lookOf(index)] as const),
  ...tuned.flatMap(({ key }, order) => (key.startsWith('t') ? [[key, lookOf(order)] as const] : [])),
  ...walkers.map(({ id, look }) => [id, look] as const),
];

function header(study: Study): Markup {
  const { data, epochs, seeds, target, threads, configurations } = study;
  const facts: (readonly [string, string])[] = [
    [
      'Data',
      `${data.name}: ${format.count(data.trainRows)} rows to learn from, ${format.count(data.testRows)} to judge by`,
    ],
    study.factors.length === 0
      ? ['Network', study.base.network]
      : ['Unless said otherwise', settingsInWords(study.base)],
    [
      'Training',
      `${format.counted(epochs, 'pass', 'passes')} over the data; ${seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds for the weights and the batches`}`,
    ],
    ['Computed by', `${target} kernels on ${format.counted(threads, 'thread')}`],
  ];
  return html`<header>
<h1>${configurations.length === 1 ? 'One way' : `${configurations.length} ways`} to train on ${data.name}</h1>
<p class="lead">${leadOf(study)}</p>
<ul class="findings">${findings(study, differences(study)).map((finding) => html`<li>${finding}</li>`)}</ul>
<dl class="facts">${facts.map(([term, fact]) => html`<div><dt>${term}</dt><dd>${fact}</dd></div>`)}</dl>
</header>`;
}

function leadOf({ factors, seeds }: Study): string {
  const varied = factors.filter(({ levels }) => levels.length > 1).map(({ name }) => NAMES[name]);
  const what =
    varied.length === 0 ? 'Only what their names say differs' : `What differs: ${varied.join(', ')}`;
  const pairs =
    seeds.length > 1
      ? ` With each of ${seeds.length} seeds, all begin with the same weights and see the same rows in the same order.`
      : ' All begin with the same weights and see the same rows in the same order.';
  return `${what}.${pairs}`;
}

const NAMES: Readonly<Record<keyof Settings, string>> = {
  network: 'the network',
  depth: 'the depth',
  width: 'the width',
  activation: 'the activation',
  init: 'the initialisation',
  norm: 'the normalisation',
  residual: 'residual connections',
  optimizer: 'the optimizer',
  lr: 'the learning rate',
  warmup: 'the warm-up',
  batch: 'the size of a batch',
};

function settingsInWords(base: Settings): string {
  const { network, depth, width, activation, init, norm, residual, optimizer, lr, warmup, batch } = base;
  return [
    `${network}, depth ${depth}, width ${width}`,
    `${activation}, ${init} initialisation`,
    `${norm === 'none' ? 'no' : norm} normalisation, ${residual ? '' : 'no '}residual connections`,
    `${optimizer} at ${format.rate(lr)}, ${warmup === 'none' ? 'no' : warmup} warm-up`,
    batch === 'full' ? 'full batches' : `batches of ${format.count(batch)}`,
  ].join('; ');
}

function effectsSection({ effects, metric }: PageData): Markup {
  const name = metric === 'accuracy' ? 'accuracy' : 'R²';
  return html`<section id="effects">
<h2>What each choice does</h2>
<p>The levels of each factor with all else alike: the median over the seeds and its interval, a dot for every seed; filled on the test rows,
hollow on the rows learnt from.</p>
<div class="pair">${effects.map(({ factor }, index) =>
    figure(
      `effect-${index}`,
      html`<b>${factor}</b>: ${name} after the last step`,
      '',
      `Train and test ${name} for each level of ${factor}`,
    ),
  )}</div>
</section>`;
}

function tuningSection(): Markup {
  return html`<section id="tuning">
<h2>How much the rate matters</h2>
<p>Each optimizer got the same number of trials, on rows that are neither learnt from nor judged by. A wide valley forgives a rate that was guessed.</p>
${figure(
  'tuning',
  html`<b>Validation loss</b> against the learning rate, both logarithmic`,
  'For each rate the trial that was given the most steps. The ring is the rate chosen; ✕ at the top: diverged.',
  'Validation loss against the learning rate, one line per optimizer',
)}
</section>`;
}

function footer({ machine, target, threads, seeds, date, version, command }: Study): Markup {
  const day = date.slice(0, 16).replace('T', ' ');
  return html`<footer>
<p>lockstep ${version} on ${machine.cpu}, ${machine.platform}, Node.js ${machine.node}; target ${target},
${format.counted(threads, 'thread')}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}; ${day} UTC.</p>
<p>Made by <code>${command}</code>. The same seed gives the same weights, bit for bit, on every native target and with any
number of threads; the hashes of the runs tell.</p>
</footer>`;
}
