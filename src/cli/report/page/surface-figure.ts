import type { Walk, Walks } from '../page-types.js';
import { pixelOf, type Surface, surfaces } from '../surfaces.js';
import { contourPaths } from './contours.js';
import type { Cell } from './csv.js';
import { svgElement } from './svg.js';
import { strengthOf, view } from './view.js';

/** A dot on every so many steps: where they lie close, the optimizer is slow. */
const STEPS_BETWEEN_DOTS = 5;

/** Each line is narrower than those below it, so that two which go the same way are both seen. */
const WIDEST = 2.8;
const NARROWER = 0.25;

interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** The way of one run over a surface. */
class WalkLine {
  readonly #id: string;
  readonly #corners: readonly Pixel[];
  readonly #switchStep: number | null;
  readonly #line: SVGElement;
  readonly #dots = svgElement('path', { class: 'dots' });
  readonly #turn = svgElement('path', { class: 'turn' });
  readonly #end = svgElement('circle', { class: 'end', r: 5 });
  readonly halo = svgElement('path', { class: 'halo' });
  readonly marks: SVGElement;

  /** `order`: how many are drawn below it. */
  constructor(surface: Surface, id: string, { points, switchStep }: Walk, order: number) {
    this.#id = id;
    this.#corners = Array.from({ length: points.length / 2 }, (_, step) =>
      pixelOf(surface, [points[2 * step], points[2 * step + 1]]),
    );
    this.#switchStep = switchStep;
    this.#line = svgElement('path', { class: 'path', 'stroke-width': WIDEST - order * NARROWER });
    this.marks = svgElement('g', { style: `--run: var(--run-${id})` });
    this.marks.append(this.#line, this.#dots, this.#turn, this.#end);
  }

  /** Draws the way up to a share of its steps. */
  draw(share: number): void {
    const steps = this.#corners.length - 1;
    const last = Math.round(share * steps);
    const walked = this.#corners.slice(0, last + 1);
    const line = `M${walked.map(at).join('L')}`;
    this.halo.setAttribute('d', line);
    this.#line.setAttribute('d', line);
    const spacing = STEPS_BETWEEN_DOTS * Math.ceil(steps / 150);
    const dotted = walked.filter((_, step) => step > 0 && step % spacing === 0);
    this.#dots.setAttribute('d', dotted.map((corner) => `M${at(corner)}h0`).join(''));
    const turned = this.#switchStep !== null && this.#switchStep <= last;
    this.#turn.setAttribute(
      'd',
      turned ? `M${at(this.#corners[this.#switchStep ?? 0])}m0 -8l8 8l-8 8l-8 -8z` : '',
    );
    this.#end.setAttribute('cx', String(walked[last].x));
    this.#end.setAttribute('cy', String(walked[last].y));
  }

  /** Shows, hides and fades the way as the reader chose. */
  refresh(): void {
    for (const part of [this.halo, this.marks]) {
      part.setAttribute('visibility', view.hidden.has(this.#id) ? 'hidden' : 'visible');
      part.classList.toggle('dimmed', strengthOf(this.#id) < 1);
    }
  }
}

const at = ({ x, y }: Pixel) => `${x} ${y}`;

/** The walks over a surface as numbers. */
export function walkRows(walks: Walks[string]): (readonly Cell[])[] {
  return [
    ['optimizer', 'step', 'x', 'y'],
    ...Object.entries(walks).flatMap(([id, { points }]) =>
      Array.from({ length: points.length / 2 }, (_, step) => [
        id,
        step,
        points[2 * step],
        points[2 * step + 1],
      ]),
    ),
  ];
}

/** Draws all surfaces, and lets the slider run through the steps of the walks. */
export function drawSurfaces(walks: Walks): void {
  const lines = surfaces.flatMap((surface) => {
    const figure = document.querySelector(`#surface-${surface.id}`);
    const contours = contourPaths(surface).map((d) => svgElement('path', { 'fill-rule': 'evenodd', d }));
    figure?.querySelector('.contours')?.append(...contours);
    const own = Object.entries(walks[surface.id]).map(
      ([id, walk], order) => new WalkLine(surface, id, walk, order),
    );
    // All halos below all lines: two that go the same way stay visible side by side.
    figure?.querySelector('.walks')?.append(...own.map(({ halo }) => halo), ...own.map(({ marks }) => marks));
    return own;
  });
  const slider = document.querySelector<HTMLInputElement>('#progress');
  const draw = () => {
    for (const line of lines) line.draw(Number(slider?.value ?? 100) / 100);
  };
  slider?.addEventListener('input', draw);
  draw();
  view.listeners.push(() => {
    for (const line of lines) line.refresh();
  });
}
