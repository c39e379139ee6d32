import { type Run, runs } from '../compare/runs.js';
import { html, type Markup } from './markup.js';
import { pixelOf, SURFACE_FRAME, type Surface, surfaces } from './surfaces.js';

/** A short line in a run's colour and dashes. */
export function swatch({ id, look }: Run): Markup {
  return html`<svg class="swatch" viewBox="0 0 26 10" style="--run: var(--run-${id})" aria-hidden="true"><line x1="0" y1="6" x2="26" y2="6" stroke-dasharray="${look.dash.join(' ')}"/></svg>`;
}

/** The runs as switches. */
export function legend(shown: readonly Run[]): Markup {
  const buttons = shown.map(
    (run) =>
      html`<button type="button" data-run="${run.id}" aria-pressed="true">${swatch(run)}${run.name}</button>`,
  );
  return html`<div class="legend" role="group" aria-label="Runs shown">${buttons}</div>`;
}

/** What the charts of a section have across; at first the steps drawn so that their beginning is not lost. */
const axisChoice = html`<div class="choice" role="group" aria-label="Across">Across:
  <button type="button" data-axis="step" aria-pressed="false">steps</button>
  <button type="button" data-axis="log" aria-pressed="true">steps, logarithmic</button>
  <button type="button" data-axis="pass" aria-pressed="false">passes over the data</button>
</div>`;

/** A chart that the page's script fills. */
function chart(kind: string, title: Markup, caption: Markup, shown: readonly Run[], label: string): Markup {
  const ids = shown.map(({ id }) => id).join(' ');
  return html`<figure>
  <p class="axis-title">${title}</p>
  <div class="chart" data-kind="${kind}" data-runs="${ids}" role="img" aria-label="${label}"></div>
  <figcaption>${caption}</figcaption>
</figure>`;
}

const HOW_TO_READ =
  ' In every chart: point to read values, drag across to zoom in, double-click to zoom out.';

/** Loss, accuracy and learning rate. */
export const FIGURES_PER_GROUP = 3;

/** Loss, accuracy and learning rate of some runs, with their legend. `first` is the number of the first figure. */
export function chartSection(shown: readonly Run[], first: number, goal: string): Markup {
  return html`<div class="controls">${legend(shown)}${axisChoice}</div>
${chart(
  'loss',
  html`<b>Training loss</b>, logarithmic`,
  html`<b>Figure ${first}.</b> Cross entropy of each batch before its step: measured (faint) and smoothed.${first === 1 ? HOW_TO_READ : ''}`,
  shown,
  'Training loss against the step, one line per run',
)}
<div class="pair">
${chart(
  'accuracy',
  html`<b>Test accuracy</b>, stretched towards 100 %`,
  html`<b>Figure ${first + 1}.</b> Share of test rows classified rightly. Equal distances are equal ratios of errors; the dotted line is ${goal}.`,
  shown,
  'Test accuracy against the step, one line per run',
)}
${chart(
  'rate',
  html`<b>Learning rate</b>, logarithmic`,
  html`<b>Figure ${first + 2}.</b> The rate in force at each step.`,
  shown,
  'Learning rate against the step, one line per run',
)}
</div>`;
}

/** The surfaces; the page's script draws the contours and the walks. */
export function surfaceSection(first: number): Markup {
  const shown = runs.filter(({ id }) => surfaces.some(({ rates }) => Object.hasOwn(rates, id)));
  return html`<div class="controls">${legend(shown)}
<label class="choice">Steps shown: <input type="range" id="progress" min="0" max="100" step="0.5" value="100"></label></div>
<div class="pair">${surfaces.map((surface, index) => surfaceFigure(surface, first + index))}</div>`;
}

function surfaceFigure(surface: Surface, number: number): Markup {
  const { width, height } = SURFACE_FRAME;
  const start = pixelOf(surface, surface.start);
  return html`<figure class="surface" id="surface-${surface.id}">
  <div class="title"><h3>${surface.title}</h3><span class="formula">${surface.formula}</span></div>
  <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${surface.title}: ${surface.caption}">
    <g class="contours"></g>
    ${surface.minima.map((minimum) => cross(pixelOf(surface, minimum)))}
    <g class="walks"></g>
    <circle class="start" cx="${start.x}" cy="${start.y}" r="5"/>
  </svg>
  <figcaption><b>Figure ${number}.</b> ${surface.caption}</figcaption>
</figure>`;
}

function cross({ x, y }: { x: number; y: number }): Markup {
  return html`<path class="minimum" d="M${x - 5} ${y - 5}l10 10m0 -10l-10 10"/>`;
}
