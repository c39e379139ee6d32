import uPlot from 'uplot';
import type { PageData, PageRun } from '../page-types.js';
import type { ChartKind } from './kinds.js';
import { logarithmicTicks, shortNumber } from './numbers.js';
import { Reading } from './reading.js';
import { cssColor, runColor } from './theme.js';
import { type Axis, strengthOf, view } from './view.js';

const logarithmicAxis: uPlot.Axis = {
  splits: (_, __, low, high) => logarithmicTicks(low, high),
  filter: (_, splits) => splits,
  values: (_, splits) => splits.map((value) => shortNumber(value)),
};

/** A chart of one kind for some runs, in an element of the page. */
export class Chart {
  readonly host: HTMLElement;
  readonly data: PageData;
  readonly runs: readonly PageRun[];
  readonly kind: ChartKind;
  axis: Axis = 'step';
  #plot: uPlot | null = null;
  readonly #reading: Reading;

  constructor(host: HTMLElement, data: PageData, runs: readonly PageRun[], kind: ChartKind) {
    this.host = host;
    this.data = data;
    this.runs = runs;
    this.kind = kind;
    this.#reading = new Reading(host);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(host);
  }

  #size(): { width: number; height: number } {
    return { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  /** Steps on the axis that was chosen. */
  #position(run: PageRun, step: number): number {
    if (this.axis === 'pass') return (step * run.batch) / this.data.trainRows;
    return this.axis === 'log' ? Math.max(step, 1) : step;
  }

  /** Builds the chart anew: for the first time, for another axis or in other colours. */
  build(): void {
    this.#plot?.destroy();
    const tables = this.runs.map((run) => {
      const { steps, values, faint = [] } = this.kind.series(run, this.data);
      const x = steps.map((step) => this.#position(run, step));
      const table: uPlot.AlignedData = [x, [...(faint.length > 0 ? faint : values)], [...values]];
      return table;
    });
    this.#plot = new uPlot(this.#options(), uPlot.join(tables), this.host);
    this.refresh();
  }

  /** Shows, hides and fades the runs as the reader chose. */
  refresh(): void {
    const plot = this.#plot;
    if (plot === null) return;
    plot.batch(() => {
      for (const [index, run] of this.runs.entries()) {
        const strength = strengthOf(run.id);
        const hasFaint = this.kind.series(run, this.data).faint !== undefined;
        for (const [series, alpha, show] of [
          [2 * index + 1, view.highlighted === run.id ? 0.4 : 0.06 * strength, hasFaint],
          [2 * index + 2, strength, true],
        ] as const) {
          plot.series[series].alpha = alpha;
          const shown = show && !view.hidden.has(run.id);
          if (plot.series[series].show !== shown) plot.setSeries(series, { show: shown });
        }
      }
    });
    plot.redraw(false);
    this.#reading.follow(plot, this);
  }

  #options(): uPlot.Options {
    const { kind, data } = this;
    return {
      ...this.#size(),
      padding: [10, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
      scales: { x: this.#across(), y: kind.scale(data) },
      axes: [
        {
          ...this.#axisLook(30),
          grid: { show: false },
          ...(this.axis === 'log' ? logarithmicAxis : {}),
        },
        {
          ...this.#axisLook(54),
          ticks: { show: false },
          splits: (_, __, low, high) => kind.ticks(low, high, data),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map((value) => kind.tick(value, data)),
        },
      ],
      series: [{}, ...this.runs.flatMap((run) => this.#seriesOf(run))],
      hooks: {
        drawAxes: [(plot) => this.#drawReference(plot)],
        draw: [(plot) => this.#drawEvents(plot)],
        setCursor: [(plot) => this.#reading.follow(plot, this)],
      },
    };
  }

  /** The scale of steps or passes: from the very first to the very last, until the reader zooms in. */
  #across(): uPlot.Scale {
    const first = this.axis === 'log' ? 1 : 0;
    const scale: uPlot.Scale = {
      time: false,
      range: ({ data: [x] }, low: number | null, high) => {
        const from = low === null || low <= x[0] ? first : low;
        // An axis needs a length, even for a single step.
        return [from, high > from ? high : from + 1];
      },
    };
    return this.axis === 'log' ? { ...scale, distr: 3, log: 10 } : scale;
  }

  #axisLook(size: number): uPlot.Axis {
    const grid = { stroke: cssColor('--grid'), width: 1 };
    return {
      stroke: cssColor('--muted'),
      grid,
      ticks: { ...grid, size: 5 },
      font: '12px system-ui, sans-serif',
      size,
    };
  }

  /** The measured values, faint and clipped, and the smoothed ones, which set the scale. */
  #seriesOf(run: PageRun): uPlot.Series[] {
    const stroke = runColor(run.id);
    const few = this.kind.series(run, this.data).steps.length <= 20;
    const common = { stroke, spanGaps: true };
    return [
      { ...common, auto: false, width: 1, points: { show: false } },
      { ...common, width: 2, dash: [...run.dash], points: { show: few, size: 5, fill: stroke } },
    ];
  }

  #drawReference(plot: uPlot): void {
    const value = this.kind.reference?.(this.data);
    if (value === undefined) return;
    const y = Math.round(plot.valToPos(value, 'y', true));
    const { left, top, width, height } = plot.bbox;
    if (y < top || y > top + height) return;
    strokeLine(plot.ctx, [left, y], [left + width, y], cssColor('--muted'), [3, 4]);
  }

  /** A line down the chart for each event of a run in sight, and what happened, one below the other. */
  #drawEvents(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const events = this.runs.flatMap((run) =>
      view.hidden.has(run.id) ? [] : run.events.map((event) => ({ ...event, run })),
    );
    for (const [row, { run, step, text }] of events.entries()) {
      const x = Math.round(plot.valToPos(this.#position(run, step), 'x', true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.save();
      ctx.globalAlpha = strengthOf(run.id);
      strokeLine(ctx, [x, bbox.top], [x, bbox.top + bbox.height], runColor(run.id), [5, 4]);
      if (this.kind.tellsEvents) tell(ctx, text, x, bbox, row, runColor(run.id));
      ctx.restore();
    }
  }
}

/** Writes beside a line down the chart, where there is room. */
function tell(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  box: uPlot.BBox,
  row: number,
  color: string,
): void {
  const unit = devicePixelRatio;
  context.font = `${12 * unit}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  const fits = x + 6 * unit + context.measureText(text).width < box.left + box.width;
  context.textAlign = fits ? 'left' : 'right';
  context.fillStyle = color;
  context.fillText(text, x + (fits ? 6 : -6) * unit, box.top + (4 + 16 * row) * unit);
}

function strokeLine(
  context: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
  color: string,
  dash: readonly number[],
): void {
  context.save();
  context.beginPath();
  context.setLineDash(dash.map((length) => length * devicePixelRatio));
  context.lineWidth = devicePixelRatio;
  context.strokeStyle = color;
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.restore();
}
