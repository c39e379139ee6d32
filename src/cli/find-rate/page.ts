import { VERSION } from '../../core/version.js';
import * as format from '../../text/format.js';
import type { RangeTest } from '../../train/index.js';
import { html, Markup } from '../report/markup.js';

/** What the page says of the test beside its numbers. */
export interface RatePageFacts {
  readonly optimizer: string;
  readonly data: string;
  readonly network: string;
  readonly training: string;
  readonly command: string;
  /** The report's styles. */
  readonly style: string;
}

const FRAME = { width: 1072, height: 460, left: 56, right: 16, top: 24, bottom: 44 };

/** A plot of the losses by the rate: one HTML page that needs nothing from outside, and no script to be read. */
export function renderRatePage(test: RangeTest, facts: RatePageFacts): string {
  const { suggestion, minimum } = test;
  const title =
    suggestion === null
      ? `No rate suits ${facts.optimizer}`
      : `A learning rate for ${facts.optimizer}: ${format.rate(suggestion)}`;
  const rows = [
    ['Data', facts.data],
    ['Network', facts.network],
    ['Training', facts.training],
    ['A tenth of the rate of the least loss', format.rate(minimum / 10)],
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – lockstep find-rate</title>
<style>
${new Markup(`${facts.style}\n${STYLE}`)}
</style>
<script>if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.dataset.theme = 'dark';</script>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="lead">The rate grows from step to step by one factor. Where the loss falls fastest, the rate is large enough to learn
from and small enough to stay.</p>
<dl class="facts">${rows.map(([term, fact]) => html`<div><dt>${term}</dt><dd>${fact}</dd></div>`)}</dl>
</header>
<main>
<figure>
<p class="axis-title"><b>Training loss</b> by the learning rate, logarithmic</p>
${plot(test)}
<figcaption>Dots: the loss of each batch before its step. Line: smoothed from both sides.${test.diverged ? ' The test ended where the loss grew.' : ''}</figcaption>
</figure>
</main>
<footer><p>lockstep ${VERSION}. Made by <code>${facts.command}</code>.</p></footer>
</body>
</html>
`.text;
}

const STYLE = `.rate-plot { display: block; width: 100%; height: auto; font-size: 12.5px; }
.rate-plot text { fill: var(--muted); }
.rate-plot .grid { stroke: var(--grid); }
.rate-plot .axis { stroke: var(--rule); }
.rate-plot .dots { fill: var(--accent); fill-opacity: 0.32; }
.rate-plot .line { fill: none; stroke: var(--accent); stroke-width: 2.25; stroke-linejoin: round; }
.rate-plot .mark { stroke: var(--ink); stroke-dasharray: 5 4; }
.rate-plot .told { fill: var(--ink); font-weight: 600; }`;

/** Where a rate and a loss lie in the plot. */
interface Scale {
  readonly x: (rate: number) => number;
  readonly y: (loss: number) => number;
}

function plot(test: RangeTest): Markup {
  const { rates, losses, smoothed, suggestion } = test;
  const { width, height, left, right, top, bottom } = FRAME;
  if (rates.length === 0) return html`<p>The loss is no number at the first step.</p>`;
  const [first, last] = [rates[0], rates[rates.length - 1]].map(Math.log10);
  const [low, high] = range(losses, smoothed);
  const scale: Scale = {
    x: (rate) => left + ((Math.log10(rate) - first) / Math.max(last - first, 1e-9)) * (width - left - right),
    y: (loss) => height - bottom - Math.min((loss - low) / (high - low), 1) * (height - top - bottom),
  };
  const dots = losses.flatMap((loss, i) =>
    loss >= low && loss <= high
      ? [html`<circle cx="${short(scale.x(rates[i]))}" cy="${short(scale.y(loss))}" r="2.5"/>`]
      : [],
  );
  const line = smoothed.map((loss, i) => `${short(scale.x(rates[i]))},${short(scale.y(loss))}`).join(' ');
  return html`<svg class="rate-plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="Training loss by the learning rate">
${decades(first, last).map((rate) => verticalGrid(scale.x(rate), format.rate(rate)))}
${ticks(low, high).map((loss) => horizontalGrid(scale.y(loss), String(Number(loss.toPrecision(3)))))}
<line class="axis" x1="${left}" x2="${width - right}" y1="${height - bottom}" y2="${height - bottom}"/>
<text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">learning rate</text>
<g class="dots">${dots}</g>
<polyline class="line" points="${line}"/>
${suggestion === null ? '' : mark(scale.x(suggestion), `falls fastest at ${format.rate(suggestion)}`)}
</svg>`;
}

/** What of the losses is shown: a loss that grows beyond where it began says no more than that. */
function range(losses: readonly number[], smoothed: readonly number[]): readonly [number, number] {
  const least = Math.min(...losses, ...smoothed);
  const most = Math.max(smoothed[0], Math.min(Math.max(...smoothed), 1.5 * smoothed[0]));
  const room = 0.08 * Math.max(most - least, 1e-6);
  return [least - room, most + room];
}

const short = (pixel: number) => Number(pixel.toFixed(1));

function verticalGrid(x: number, label: string): Markup {
  const { height, top, bottom } = FRAME;
  const at = short(x);
  return html`<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${height - bottom}"/><text x="${at}" y="${height - bottom + 18}" text-anchor="middle">${label}</text>
`;
}

function horizontalGrid(y: number, label: string): Markup {
  const { width, left, right } = FRAME;
  const at = short(y);
  return html`<line class="grid" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/><text x="${left - 8}" y="${at + 4}" text-anchor="end">${label}</text>
`;
}

/** A line down the plot, and what it is beside it, where there is room. */
function mark(x: number, text: string): Markup {
  const { width, height, top, bottom } = FRAME;
  const at = short(x);
  const isLeft = x > 0.7 * width;
  return html`<line class="mark" x1="${at}" x2="${at}" y1="${top}" y2="${height - bottom}"/>
<text class="told" x="${at + (isLeft ? -8 : 8)}" y="${top + 12}" text-anchor="${isLeft ? 'end' : 'start'}">${text}</text>`;
}

/** The powers of ten between two logarithms. */
function decades(first: number, last: number): number[] {
  const from = Math.ceil(first - 1e-9);
  const count = Math.max(0, Math.floor(last + 1e-9) - from + 1);
  return Array.from({ length: count }, (_, i) => 10 ** (from + i));
}

/** Some five round numbers between two. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const from = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - from + 1 }, (_, i) => (from + i) * step);
}
