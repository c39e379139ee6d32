/** @import { PageRun } from '../page-types.js' */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} tag @param {Record<string, string | number>} attributes */
export function svgElement(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** A short line in a run's colour and dashes. */
export function swatch(/** @type {PageRun} */ run) {
  const icon = svgElement('svg', {
    class: 'swatch',
    viewBox: '0 0 26 10',
    style: `--run: var(--run-${run.id})`,
  });
  icon.append(svgElement('line', { x1: 0, y1: 6, x2: 26, y2: 6, 'stroke-dasharray': run.dash.join(' ') }));
  return icon;
}
