import { svgElement } from './svg.js';
import { strengthOf, view } from './view.js';

/** @import { PageSurface } from '../page-types.js' */

/** A dot on every so many steps: where they lie close, the optimizer is slow. */
const STEPS_BETWEEN_DOTS = 5;

/** Each line is narrower than those below it, so that two which go the same way are both seen. */
const WIDEST = 2.8;
const NARROWER = 0.25;

/** The way of one run over a surface. */
class SurfacePath {
  /**
   * @param {PageSurface} surface
   * @param {string} id
   * @param {number} order how many are drawn below it
   */
  constructor(surface, id, order) {
    const { points, switchStep } = surface.paths[id];
    this.id = id;
    this.corners = Array.from({ length: points.length / 2 }, (_, step) => ({
      x: ((points[2 * step] - surface.x[0]) / (surface.x[1] - surface.x[0])) * surface.width,
      y: ((surface.y[1] - points[2 * step + 1]) / (surface.y[1] - surface.y[0])) * surface.height,
    }));
    this.switchStep = switchStep;
    this.halo = svgElement('path', { class: 'halo' });
    this.line = svgElement('path', { class: 'path', 'stroke-width': WIDEST - order * NARROWER });
    this.dots = svgElement('path', { class: 'dots' });
    this.turn = svgElement('path', { class: 'turn' });
    this.end = svgElement('circle', { class: 'end', r: 5 });
    this.marks = svgElement('g', { style: `--run: var(--run-${id})` });
    this.marks.append(this.line, this.dots, this.turn, this.end);
  }

  /** Draws the way up to a share of its steps. */
  draw(/** @type {number} */ share) {
    const steps = this.corners.length - 1;
    const last = Math.round(share * steps);
    const walked = this.corners.slice(0, last + 1);
    const line = `M${walked.map(at).join('L')}`;
    this.halo.setAttribute('d', line);
    this.line.setAttribute('d', line);
    const spacing = STEPS_BETWEEN_DOTS * Math.ceil(steps / 150);
    const dotted = walked.filter((_, step) => step > 0 && step % spacing === 0);
    this.dots.setAttribute('d', dotted.map((corner) => `M${at(corner)}h0`).join(''));
    const turned = this.switchStep !== null && this.switchStep <= last;
    this.turn.setAttribute(
      'd',
      turned ? `M${at(this.corners[this.switchStep ?? 0])}m0 -8l8 8l-8 8l-8 -8z` : '',
    );
    this.end.setAttribute('cx', String(walked[last].x));
    this.end.setAttribute('cy', String(walked[last].y));
  }

  /** Shows, hides and fades the way as the reader chose. */
  refresh() {
    for (const part of [this.halo, this.marks]) {
      part.setAttribute('visibility', view.hidden.has(this.id) ? 'hidden' : 'visible');
      part.classList.toggle('dimmed', strengthOf(this.id) < 1);
    }
  }
}

const at = (/** @type {{ x: number, y: number }} */ { x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** Draws all surfaces and lets the slider run through the steps. */
export function connectSurfaces(/** @type {readonly PageSurface[]} */ surfaces) {
  const paths = surfaces.flatMap((surface) => {
    const group = document.querySelector(`#surface-${surface.id} .paths`);
    const own = Object.keys(surface.paths).map((id, order) => new SurfacePath(surface, id, order));
    // All halos below all lines: two that go the same way stay visible side by side.
    group?.append(...own.map(({ halo }) => halo), ...own.map(({ marks }) => marks));
    return own;
  });
  const slider = /** @type {HTMLInputElement | null} */ (document.querySelector('#progress'));
  const draw = () => {
    for (const path of paths) path.draw(Number(slider?.value ?? 100) / 100);
  };
  slider?.addEventListener('input', draw);
  draw();
  view.listeners.push(() => {
    for (const path of paths) path.refresh();
  });
}
