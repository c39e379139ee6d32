import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The styles and scripts that are put into the report, in order. */
export interface Assets {
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
}

const CHART_STYLE = 'uPlot.min.css';
const CHART_SCRIPT = 'uPlot.iife.min.js';
/** In order: what comes later may refine what comes before. */
const PAGE_STYLES = ['page.css', 'figures.css', 'surfaces.css', 'media.css'];
/** In an order in which each needs only those before it. */
const PAGE_SCRIPTS = [
  'theme.js',
  'view.js',
  'numbers.js',
  'svg.js',
  'kinds.js',
  'reading.js',
  'chart.js',
  'surfaces.js',
  'main.js',
];

/** Reads everything the report inlines. The page's own files lie in `page/` next to this module. */
export function loadAssets(): Assets {
  const here = dirname(fileURLToPath(import.meta.url));
  const charts = chartsFolder(here);
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
  return {
    styles: [read(charts, CHART_STYLE), ...PAGE_STYLES.map((name) => read(here, 'page', name))],
    scripts: [read(charts, CHART_SCRIPT), linked(PAGE_SCRIPTS.map((name) => read(here, 'page', name)))],
  };
}

/** Modules as one script: a page in one file has nothing to import from. Their top-level names must differ. */
export function linked(modules: readonly string[]): string {
  const bodies = modules.map((source) =>
    source.replace(/^(import [^;]*;|\/\*\* @import .*\*\/)\n/gm, '').replace(/^export /gm, ''),
  );
  return `{\n${bodies.join('\n')}}`;
}

/** uPlot's files lie next to the built module; when running from source, in the installed package. */
function chartsFolder(here: string): string {
  if (existsSync(join(here, CHART_SCRIPT))) return here;
  return dirname(createRequire(import.meta.url).resolve(`uplot/dist/${CHART_SCRIPT}`));
}
