import { describe, expect, it } from 'vitest';
import { bundlePage } from '../../scripts/report-page.mjs';
import { renderReport } from '../../src/cli/report/html.js';
import { html, jsonInScript } from '../../src/cli/report/markup.js';
import { contourPaths } from '../../src/cli/report/page/contours.js';
import { pageData } from '../../src/cli/report/page-data.js';
import { smooth, spread } from '../../src/cli/report/smooth.js';
import { pixelOf, SURFACE_FRAME, type Surface, surfaces } from '../../src/cli/report/surfaces.js';
import { sampleComparison } from './sample-comparison.js';

/** Of the sources as they are, whatever was built last. */
const assets = await bundlePage();

const VOID = new Set(['meta', 'input', 'br']);

/** Opens and closes every element in order; the contents of scripts and styles are skipped. */
function checkBalanced(page: string): number {
  const open: string[] = [];
  let elements = 0;
  const tag = /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/gy;
  let at = page.indexOf('<html');
  while (at < page.length && at >= 0) {
    tag.lastIndex = at;
    const match = tag.exec(page);
    if (match === null) throw new Error(`no tag at ${JSON.stringify(page.slice(at, at + 60))}`);
    const [whole, closing, name, , selfClosing] = match;
    at += whole.length;
    elements++;
    if (closing) expect(name).toBe(open.pop());
    else if (!selfClosing && !VOID.has(name)) {
      open.push(name);
      if (name === 'script' || name === 'style') at = page.indexOf(`</${name}`, at);
    }
    at = page.indexOf('<', at);
  }
  expect(open).toEqual([]);
  return elements;
}

describe('renderReport', () => {
  const page = renderReport(sampleComparison(), assets);

  it('is well-formed', () => {
    expect(checkBalanced(page)).toBeGreaterThan(300);
    expect(() => checkBalanced(page.replace('</table>', ''))).toThrow();
  });

  it('fetches nothing', () => {
    expect(page.match(/\b(src|href|srcset|action|poster)\s*=/i)).toBeNull();
    expect(page.match(/@import|url\(|\bfetch\(|XMLHttpRequest|importScripts|\bimport\s*[({'"]/)).toBeNull();
    const addresses = [...page.matchAll(/https?:\/\/[^\s"'<)]+/g)].map(([address]) => address);
    // A namespace.
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg']));
  });

  it('shows every run, what happened to it and how the comparison was made', () => {
    for (const { name, settings } of sampleComparison().runs) {
      expect(page.includes(name)).toBe(true);
      expect(page.includes(settings)).toBe(true);
    }
    for (const text of [
      'diverged at 33',
      'turned from Adam into SGD at step 60, with a learnt rate of 0.25',
      'lockstep compare --seed 1',
      'A processor',
      'seed 1',
      '0123456789abcdef',
    ]) {
      expect(page.includes(text)).toBe(true);
    }
  });

  it('leaves out the sections that no run belongs to', () => {
    const { runs } = sampleComparison();
    const one = renderReport(sampleComparison({ runs: runs.filter(({ id }) => id === 'adam') }), assets);
    expect(one.includes('Warm-up at a large rate')).toBe(false);
    expect(one.includes('Figure 4.')).toBe(true);
    expect(one.includes('Figure 8.')).toBe(false);
    checkBalanced(one);
  });

  it('cannot be broken out of by names', () => {
    const name = '</script><script>alert(1)</script><!-- & "quoted"';
    const { data, runs } = sampleComparison();
    const nasty = sampleComparison({
      data: { ...data, name },
      command: name,
      runs: runs.map((run) => ({ ...run, name })),
    });
    const broken = renderReport(nasty, assets);
    expect(broken.includes('<script>alert')).toBe(false);
    checkBalanced(broken);
    const json = /id="report-data">(.*)<\/script>/.exec(broken)?.[1] ?? '';
    expect(JSON.parse(json).runs[0].name).toBe(name);
  });
});

describe('markup', () => {
  it('escapes what is put in, and not what is markup already', () => {
    expect(html`<p title="${'"'}">${'a < b & c'}${[html`<b>${1}</b>`]}</p>`.text).toBe(
      '<p title="&quot;">a &lt; b &amp; c<b>1</b></p>',
    );
    expect(jsonInScript({ a: '</script>' }).text).toBe('{"a":"\\u003c/script>"}');
  });
});

describe('the page', () => {
  it('is a script that parses, and keeps the licences of all that went into it', () => {
    expect(() => new Function(assets.script)).not.toThrow();
    const notices = (text: string) => [...text.matchAll(/^\/\*! ([\w-]+) [\d.]+$/gm)].map(([, name]) => name);
    expect(notices(assets.style)).toEqual(['uplot']);
    expect(notices(assets.script).sort()).toEqual(['d3-array', 'd3-contour', 'uplot']);
    for (const words of [
      'The MIT License',
      'Copyright (c) 2022 Leon Sorokin',
      'Mike Bostock',
      'with or without fee',
    ]) {
      expect(assets.script).toContain(words);
    }
  });
});

describe('pageData', () => {
  it('thins long runs and keeps their ends', () => {
    const { runs } = sampleComparison();
    const losses = Array.from({ length: 10_000 }, (_, step) => 1 / (step + 1));
    const long = { ...runs[1], losses, learningRates: losses, steps: 10_000 };
    const [run] = pageData(sampleComparison({ runs: [long] })).runs;
    expect(run.training.steps.length).toBeLessThanOrEqual(3000);
    expect([run.training.steps[0], run.training.steps.at(-1)]).toEqual([1, 10_000]);
    expect(run.training.losses.at(-1)).toBe(1e-4);
  });

  it('keeps a loss of zero on a logarithmic axis', () => {
    const { runs } = sampleComparison();
    const [run] = pageData(sampleComparison({ runs: [{ ...runs[0], losses: [0, 0, 0, 0] }] })).runs;
    expect(Math.min(...run.training.losses)).toBeGreaterThan(0);
  });

  it('smooths over the window, and at first over less', () => {
    expect(smooth([5, 5, 5], 10)).toEqual([5, 5, 5]);
    expect(smooth([3, 1], 2)[1]).toBeCloseTo(3 - 2 / 1.2, 12);
    expect(smooth([3, 1], 0)).toEqual([3, 1]);
    const step = [...new Array<number>(100).fill(0), 1];
    expect(smooth(step, 10).at(-1)).toBeCloseTo(0.1, 12);
  });

  it('spreads indices evenly', () => {
    expect(spread(5, 10)).toEqual([0, 1, 2, 3, 4]);
    expect(spread(9, 3)).toEqual([0, 4, 8]);
  });
});

describe('contourPaths', () => {
  const { width, height } = SURFACE_FRAME;
  const pathsOf = (f: Surface['f'], ...levels: number[]) =>
    contourPaths({ ...surfaces[0], x: [-2, 2], y: [-1.5, 1.5], f, levels });
  const ringsOf = (path: string) =>
    [...path.matchAll(/M([^MZ]*)Z/g)].map(([, ring]) =>
      ring.split('L').map((point) => point.split(' ').map(Number)),
    );

  it('draws a circle where the function is a bowl', () => {
    const [path] = pathsOf((x, y) => Math.hypot(x, y), 1);
    const [ring, ...others] = ringsOf(path);
    expect(others).toEqual([]);
    expect(ring.length).toBeGreaterThan(100);
    for (const [x, y] of ring) expect(Math.hypot(x - width / 2, y - height / 2)).toBeCloseTo(130, 0);
  });

  it('draws what is inside a ring in the same path', () => {
    const [path] = pathsOf((x, y) => Math.abs(Math.hypot(x, y) - 1), 0.5);
    expect(ringsOf(path)).toHaveLength(2);
  });

  it('closes along the border where the region leaves the frame', () => {
    const [ring] = ringsOf(pathsOf((x) => x, 0)[0]);
    const [xs, ys] = [0, 1].map((axis) => ring.map((point) => point[axis]));
    expect([Math.min(...xs), Math.min(...ys), Math.max(...ys)]).toEqual([0, 0, height]);
    expect(Math.max(...xs)).toBeCloseTo(width / 2, 6);
  });

  it('draws y upwards, nothing below every value, and everything above', () => {
    const [[top]] = pathsOf((_, y) => -y, -0.75).map(ringsOf);
    for (const [, y] of top) expect(y).toBeLessThanOrEqual(height / 4 + 0.1);
    expect(pathsOf(() => 1, 0, 2)).toEqual(['', expect.stringMatching(/^M.*Z$/)]);
  });
});

describe('surfaces', () => {
  it.each(surfaces.map((surface) => [surface.id, surface] as const))(
    '%s: the gradient is that of the function',
    (_, surface) => {
      const h = 1e-6;
      for (const [x, y] of [surface.start, [0.3, -0.4], [-1.1, 0.7]]) {
        const [gx, gy] = surface.gradient(x, y);
        expect(gx).toBeCloseTo((surface.f(x + h, y) - surface.f(x - h, y)) / (2 * h), 4);
        expect(gy).toBeCloseTo((surface.f(x, y + h) - surface.f(x, y - h)) / (2 * h), 4);
      }
      for (const [x, y] of surface.minima) expect(surface.gradient(x, y).map(Math.abs)).toEqual([0, 0]);
    },
  );

  it('are drawn from corner to corner, y upwards', () => {
    for (const surface of surfaces) {
      const [[left, right], [low, high]] = [surface.x, surface.y];
      expect(pixelOf(surface, [left, high])).toEqual({ x: 0, y: 0 });
      expect(pixelOf(surface, [right, low])).toEqual({ x: SURFACE_FRAME.width, y: SURFACE_FRAME.height });
      expect(pixelOf(surface, [(left + right) / 2, (3 * low + high) / 4])).toEqual({ x: 260, y: 292.5 });
    }
  });

  const { walks } = pageData(sampleComparison({ runs: [] }));
  const points = (surface: string, run: string) => walks[surface][run].points;
  const end = (surface: string, run: string) => points(surface, run).slice(-2);

  it('shows SGD bouncing from wall to wall of the ravine, and RMSprop not', () => {
    const turns = (run: string) => {
      const ys = points('ravine', run).filter((_, index) => index % 2 === 1);
      return ys.filter((y, step) => step > 0 && y * ys[step - 1] < 0).length;
    };
    expect(turns('sgd')).toBeGreaterThan(40);
    expect(turns('rmsprop')).toBeLessThan(3);
  });

  it('shows SGD standing still on the saddle where all others have rolled on', () => {
    const [x, y] = end('saddle', 'sgd');
    expect(Math.hypot(x, y)).toBeLessThan(0.1);
    for (const run of ['momentum', 'adagrad', 'rmsprop', 'adam', 'swats']) {
      expect(Math.abs(end('saddle', run)[1])).toBeGreaterThan(0.9);
    }
  });

  it('shows Adagrad slowing down short of the middle of the bowl', () => {
    const distance = (run: string) => Math.hypot(...end('bowl', run));
    for (const run of ['sgd', 'momentum', 'rmsprop', 'adam', 'swats']) {
      expect(distance('adagrad')).toBeGreaterThan(5 * distance(run));
    }
  });

  it('shows momentum overshooting in the bowl', () => {
    const xs = points('bowl', 'momentum').filter((_, index) => index % 2 === 0);
    expect(Math.max(...xs)).toBeGreaterThan(0.3);
  });

  it('stays inside the frames', () => {
    for (const { id, x, y } of surfaces) {
      for (const { points: path } of Object.values(walks[id])) {
        for (let at = 0; at < path.length; at += 2) {
          expect(path[at]).toBeGreaterThan(x[0]);
          expect(path[at]).toBeLessThan(x[1]);
          expect(path[at + 1]).toBeGreaterThan(y[0]);
          expect(path[at + 1]).toBeLessThan(y[1]);
        }
      }
    }
  });
});
