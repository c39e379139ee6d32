import type { Drawing } from './drawings.js';
import { MARGIN, type Plot, pixels, plotMarkup } from './plot.js';
import { svgElement } from './svg.js';
import { view } from './view.js';

/** A drawing in an element of the page, which tells values below the pointer and zooms. */
export class Chart {
  readonly #host: HTMLElement;
  readonly #drawing: Drawing;
  readonly #id: string;
  readonly #svg = svgElement('svg', {});
  readonly #box = document.createElement('div');
  readonly #line = document.createElement('div');
  readonly #chosen = document.createElement('div');
  #plot: Plot | null = null;
  /** Where the pointer went down, in pixels. */
  #dragged: number | null = null;

  constructor(host: HTMLElement, drawing: Drawing, id: string) {
    this.#host = host;
    this.#drawing = drawing;
    this.#id = id;
    [this.#box.className, this.#line.className, this.#chosen.className] = ['reading', 'cursor', 'chosen'];
    for (const part of [this.#box, this.#line, this.#chosen]) part.hidden = true;
    host.append(this.#svg, this.#chosen, this.#line, this.#box);
    new ResizeObserver(() => this.draw()).observe(host);
    host.addEventListener('pointermove', (event) => this.#follow(this.#at(event)));
    host.addEventListener('pointerleave', () => this.#leave());
    if (drawing.canZoom) this.#listenForZoom();
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#host;
    if (width === 0) return;
    this.#plot = this.#drawing.plot(width, height);
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#svg.innerHTML = plotMarkup(this.#plot, this.#id);
  }

  #at({ clientX }: MouseEvent): number {
    return clientX - this.#host.getBoundingClientRect().left;
  }

  #leave(): void {
    this.#box.hidden = true;
    this.#line.hidden = true;
  }

  #follow(left: number): void {
    const plot = this.#plot;
    if (plot === null || left < MARGIN.left || left > plot.width - MARGIN.right) {
      this.#leave();
      return;
    }
    const at = pixels(plot).valueAt(left);
    const readings = this.#drawing.readings(at);
    this.#line.hidden = false;
    this.#line.style.left = `${left}px`;
    this.#mark(left);
    this.#box.hidden = readings.length === 0;
    const title = document.createElement('div');
    title.textContent = this.#drawing.place(at);
    const table = document.createElement('table');
    for (const { key, name, text } of readings.slice(0, MOST_READINGS)) {
      const row = table.insertRow();
      row.insertCell().append(swatch(key), name);
      row.insertCell().textContent = text;
    }
    this.#box.replaceChildren(title, table);
    const width = this.#box.offsetWidth;
    const beside = left > plot.width / 2 ? left - width - 14 : left + 14;
    // In a narrow window it lies on the pointer rather than outside.
    this.#box.style.left = `${Math.max(0, Math.min(beside, plot.width - width))}px`;
  }

  #listenForZoom(): void {
    const host = this.#host;
    host.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      this.#dragged = this.#at(event);
      host.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    host.addEventListener('pointerup', (event) => {
      const [from, to] = [this.#dragged ?? 0, this.#at(event)].sort((a, b) => a - b);
      const wasDragged = this.#dragged !== null && to - from > LEAST_DRAG;
      this.#dragged = null;
      this.#chosen.hidden = true;
      const plot = this.#plot;
      if (!wasDragged || plot === null) return;
      const inside = (pixel: number) => Math.min(Math.max(pixel, MARGIN.left), plot.width - MARGIN.right);
      const { valueAt } = pixels(plot);
      view.zoom = [valueAt(inside(from)), valueAt(inside(to))];
      view.changed();
    });
    host.addEventListener('dblclick', zoomOut);
  }

  /** What would be zoomed in to. */
  #mark(left: number): void {
    if (this.#dragged === null) return;
    const [from, to] = [this.#dragged, left].sort((a, b) => a - b);
    this.#chosen.hidden = false;
    Object.assign(this.#chosen.style, { left: `${from}px`, width: `${to - from}px` });
  }
}

/** The box would cover the chart. */
const MOST_READINGS = 12;

/** Pixels: less is a click. */
const LEAST_DRAG = 8;

export function zoomOut(): void {
  if (view.zoom === null) return;
  view.zoom = null;
  view.changed();
}

/** The line in a key's colour and dashes, as the legends have it. */
function swatch(key: string): Node | string {
  const known = document.querySelector(`[data-run="${key}"] ~ .swatch, [data-run="${key}"] .swatch`);
  return known?.cloneNode(true) ?? '';
}
