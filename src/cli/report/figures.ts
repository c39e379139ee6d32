import type { Study } from '../compare/study.js';
import { lookOf } from './looks.js';
import { html, type Markup } from './markup.js';
import { pixelOf, SURFACE_FRAME, type Surface, surfaces } from './surfaces.js';
import { walkers } from './walkers.js';

/** A short line in the colour of a key, and the dashes of the n-th look. */
export function swatch(key: string, look: number): Markup {
  return line(key, lookOf(look).dash);
}

const line = (key: string, dash: readonly number[]) =>
  html`<svg class="swatch" viewBox="0 0 26 10" style="--run: var(--run-${key})" aria-hidden="true"><line x1="0" y1="6" x2="26" y2="6" stroke-dasharray="${dash.join(' ')}"/></svg>`;

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly swatch: Markup;
}

/** Lines as switches. */
function legend(entries: readonly Entry[], label: string): Markup {
  const buttons = entries.map(
    ({ key, name, swatch }) =>
      html`<button type="button" data-run="${key}" aria-pressed="true">${swatch}${name}</button>`,
  );
  return html`<div class="legend" role="group" aria-label="${label}">${buttons}</div>`;
}

/** What the charts have across; at first the steps drawn so that their beginning is not lost. */
const axisChoice = html`<div class="choice" role="group" aria-label="Across">Across:
  <button type="button" data-axis="step" aria-pressed="false">steps</button>
  <button type="button" data-axis="log" aria-pressed="true">steps, logarithmic</button>
  <button type="button" data-axis="pass" aria-pressed="false">passes over the data</button>
</div>`;

/** Those of one click. */
const quickChoice = html`<div class="choice" role="group" aria-label="Draw">Draw:
  <button type="button" data-choose="best">the best five</button>
  <button type="button" data-choose="all">all</button>
  <button type="button" data-choose="none">none</button>
</div>`;

/** A figure that the page's script fills, with what can be taken away from it. */
export function figure(id: string, title: Markup, caption: Markup | string, label: string): Markup {
  return html`<figure id="figure-${id}">
  <div class="title"><p class="axis-title">${title}</p>${downloads(id)}</div>
  <div class="chart" data-figure="${id}" role="img" aria-label="${label}"></div>
  <figcaption>${caption}</figcaption>
</figure>`;
}

const downloads = (id: string) =>
  html`<span class="tools"><button type="button" data-svg="${id}" aria-label="This figure as SVG">SVG</button><button type="button" data-csv="${id}" aria-label="The numbers of this figure as CSV">CSV</button></span>`;

const HOW_TO_READ =
  'Point to read values, drag across to zoom all of these in, double-click or press Escape to zoom out.';

/** Losses, metrics and rates of all configurations, with their legend. */
export function curves(
  { configurations, metric, goal, seeds, runs }: Study,
  keyOf: (index: number) => string,
): Markup {
  const entries = configurations.map(({ name }, index) => ({
    key: keyOf(index),
    name,
    swatch: swatch(keyOf(index), index),
  }));
  const band =
    seeds.length > 1
      ? ' Lines are medians over the seeds, bands reach from the lowest seed to the highest.'
      : '';
  const [name, better] = metric === 'accuracy' ? ['accuracy', ', stretched towards 100 %'] : ['R²', ''];
  const goalText = metric === 'accuracy' ? `${100 * goal} %` : String(goal);
  const knowsTraining = runs.some(({ evaluations }) =>
    evaluations.some(({ trainMetric }) => Number.isFinite(trainMetric)),
  );
  const training = knowsTraining
    ? figure(
        'trainMetric',
        html`<b>Train ${name}</b>${better}`,
        'On rows that were learnt from.',
        `Train ${name} against the step, one line per configuration`,
      )
    : '';
  return html`<div class="controls">${legend(entries, 'Configurations shown')}<div class="choices">${axisChoice}${quickChoice}</div></div>
${figure('loss', html`<b>Training loss</b>, logarithmic`, `Loss of each batch before its step, smoothed.${band} ${HOW_TO_READ}`, 'Training loss against the step, one line per configuration')}
<div class="pair">
${training}
${figure('testMetric', html`<b>Test ${name}</b>${better}`, `On rows never learnt from. The dotted line is the goal, ${goalText}.`, `Test ${name} against the step, one line per configuration`)}
${figure('testLoss', html`<b>Test loss</b>, logarithmic`, 'Where it rises while the training loss falls, the network learns its rows by heart.', 'Test loss against the step, one line per configuration')}
${figure('rate', html`<b>Learning rate</b>, logarithmic`, 'The rate in force at each step.', 'Learning rate against the step, one line per configuration')}
</div>`;
}

/** The surfaces; the page's script draws the contours and the walks. */
export function surfaceSection(): Markup {
  const entries = walkers.map(({ id, name, look }) => ({ key: id, name, swatch: line(id, look.dash) }));
  return html`<div class="controls">${legend(entries, 'Optimizers shown')}
<label class="choice">Steps shown: <input type="range" id="progress" min="0" max="100" step="0.5" value="100"></label></div>
<div class="pair">${surfaces.map(surfaceFigure)}</div>`;
}

function surfaceFigure(surface: Surface): Markup {
  const { width, height } = SURFACE_FRAME;
  const start = pixelOf(surface, surface.start);
  return html`<figure class="surface" id="surface-${surface.id}">
  <div class="title"><h3>${surface.title} <span class="formula">${surface.formula}</span></h3>${downloads(`surface-${surface.id}`)}</div>
  <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${surface.title}: ${surface.caption}">
    <g class="contours"></g>
    ${surface.minima.map((minimum) => cross(pixelOf(surface, minimum)))}
    <g class="walks"></g>
    <circle class="start" cx="${start.x}" cy="${start.y}" r="5"/>
  </svg>
  <figcaption>${surface.caption}</figcaption>
</figure>`;
}

function cross({ x, y }: { x: number; y: number }): Markup {
  return html`<path class="minimum" d="M${x - 5} ${y - 5}l10 10m0 -10l-10 10"/>`;
}
