import { describe, expect, it } from 'vitest';
import { bundlePage } from '../../scripts/report-page.mjs';
import { differences } from '../../src/cli/report/differences.js';
import { renderStudy } from '../../src/cli/report/html.js';
import { html, jsonInScript } from '../../src/cli/report/markup.js';
import { contourPaths } from '../../src/cli/report/page/contours.js';
import { csv } from '../../src/cli/report/page/csv.js';
import { accuracy, evenTicks, logarithmic } from '../../src/cli/report/page/scales.js';
import { smooth } from '../../src/cli/report/smooth.js';
import { studyData } from '../../src/cli/report/study-data.js';
import { pixelOf, SURFACE_FRAME, type Surface, surfaces } from '../../src/cli/report/surfaces.js';
import { walks as allWalks } from '../../src/cli/report/walks.js';
import { sampleStudy, studyOfCases } from './sample-study.js';

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

describe('renderStudy', () => {
  const page = renderStudy(sampleStudy(), assets);

  it('is well-formed, and small', () => {
    expect(checkBalanced(page)).toBeGreaterThan(300);
    expect(() => checkBalanced(page.replace('</table>', ''))).toThrow();
    expect(page.length).toBeLessThan(400_000);
  });

  it('fetches nothing', () => {
    expect(page.match(/\b(src|srcset|action|poster)\s*=|href="(?!#)/i)).toBeNull();
    expect(
      page.match(/@import|url\((?!#)|\bfetch\(|XMLHttpRequest|importScripts|\bimport\s*[({'"]/),
    ).toBeNull();
    const addresses = [...page.matchAll(/https?:\/\/[^\s"'<)]+/g)].map(([address]) => address);
    // A namespace.
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg']));
  });

  it('shows every configuration, what happened to it and how the study was made', () => {
    for (const { name } of sampleStudy().configurations) expect(page.includes(name)).toBe(true);
    for (const text of [
      '1 of 3 seeds diverged',
      'diverged at 33',
      'turns into SGD at step 151',
      'lockstep compare --seeds 3',
      'A processor',
      'seeds 0, 1, 2',
      '0123456789abcde2',
      'Medians over 3 seeds',
      'Who is ahead of whom',
      'What each choice does',
      'How much the rate matters',
      'What is said, and what was measured',
    ]) {
      expect(page, text).toContain(text);
    }
  });

  it('refers to figures that are there', () => {
    const references = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(references.length).toBeGreaterThan(5);
    for (const id of references) expect(page).toContain(`id="${id}"`);
  });

  it('leaves out the sections that a study has nothing for, and says that one seed tells nothing apart', () => {
    const one = renderStudy(
      studyOfCases([{ settings: {} }, { settings: { lr: 1 } }], { seeds: [4] }),
      assets,
    );
    expect(one).not.toContain('What each choice does');
    expect(one).not.toContain('How much the rate matters');
    expect(one).toContain('One seed: no interval');
    expect(one).toContain('Fewer than three seeds can tell nothing apart');
    checkBalanced(one);
  });

  it('shows a study none of whose runs has ended', () => {
    const none = renderStudy(sampleStudy({ runs: [], trials: [] }), assets);
    expect(none).toContain('No run has ended yet');
    checkBalanced(none);
  });

  it('tells R² of a regression, and diverged trials', () => {
    const { data } = sampleStudy();
    const page = renderStudy(
      sampleStudy({ metric: 'r2', goal: 0.9, data: { ...data, kind: 'regression', classes: 0 } }),
      assets,
    );
    expect(page).toContain('test R²');
    expect(page).not.toContain('test accuracy');
  });

  it('stays below a megabyte with ninety configurations', () => {
    const cases = Array.from({ length: 90 }, (_, index) => ({ settings: { lr: 0.001 * (index + 1) } }));
    expect(renderStudy(studyOfCases(cases), assets).length).toBeLessThan(1_000_000);
  });

  it('cannot be broken out of by names', () => {
    const name = '</script><script>alert(1)</script><!-- & "quoted"';
    const { data, configurations } = sampleStudy();
    const nasty = sampleStudy({
      data: { ...data, name },
      command: name,
      configurations: configurations.map((configuration) => ({ ...configuration, name })),
    });
    const broken = renderStudy(nasty, assets);
    expect(broken.includes('<script>alert')).toBe(false);
    checkBalanced(broken);
    const json = /id="report-data">(.*)<\/script>/.exec(broken)?.[1] ?? '';
    expect(JSON.parse(json).configurations[0].name).toBe(name);
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
    expect(notices(assets.style)).toEqual([]);
    expect(notices(assets.script).sort()).toEqual(['d3-array', 'd3-contour']);
    for (const words of ['Mike Bostock', 'with or without fee']) {
      expect(assets.script).toContain(words);
    }
  });
});

describe('studyData', () => {
  const base = sampleStudy();
  const [run] = base.runs;
  const only = (change: object) =>
    studyData(
      sampleStudy({
        configurations: base.configurations.slice(0, 1),
        seeds: [0],
        runs: [{ ...run, ...change }],
      }),
    ).configurations[0];

  it('thins long runs and keeps their ends', () => {
    const lossSteps = Array.from({ length: 3000 }, (_, index) => 1 + 3 * index);
    const losses = lossSteps.map((step) => 1 / step);
    const { loss } = only({ lossSteps, losses, learningRates: losses }).curves;
    expect(loss.steps.length).toBeLessThanOrEqual(300);
    expect([loss.steps[0], loss.steps[1], loss.steps.at(-1)]).toEqual([1, 4, 8998]);
  });

  it('keeps a loss of zero on a logarithmic axis', () => {
    const { loss } = only({ losses: run.losses.map(() => 0) }).curves;
    expect(Math.min(...loss.median)).toBeGreaterThan(0);
  });

  it('has the median and the range of the seeds, as long as most go on', () => {
    const { configurations } = studyData(base);
    const { testMetric, loss } = configurations[0].curves;
    const ends = base.runs.slice(0, 3).map(({ evaluations }) => evaluations.at(-1)?.testMetric ?? 0);
    const sorted = ends.toSorted((a, b) => a - b);
    const last = testMetric.steps.length - 1;
    for (const [values, expected] of [
      [testMetric.low, sorted[0]],
      [testMetric.median, sorted[1]],
      [testMetric.high, sorted[2]],
    ] as const) {
      expect(values[last]).toBeCloseTo(expected, 3);
    }
    expect(loss.low.length).toBe(loss.steps.length);
    expect(configurations[0].shown).toBe(true);
    expect(configurations.filter(({ shown }) => !shown)).toHaveLength(2);
  });

  it('compares levels with all else alike', () => {
    const [optimizers, residual] = studyData(base).effects;
    // The large rate is no level of momentum.
    expect(optimizers.levels[0].test.low).toBeGreaterThan(0.96);
    expect(residual.levels.map(({ name }) => name)).toEqual(['no', 'yes']);
    expect(residual.levels[0].test.values).toEqual(optimizers.levels[0].test.values);
  });

  it('takes the longest trial of each rate', () => {
    const trial = { optimizer: 'sgd', lr: 0.1, budget: 10, validationLoss: 1 };
    const { tuned } = studyData(
      sampleStudy({
        trials: [
          trial,
          { ...trial, budget: 40, validationLoss: 0.5 },
          { ...trial, lr: 1, validationLoss: null },
        ],
      }),
    );
    expect(tuned).toMatchObject([{ name: 'sgd', rates: [0.1, 1], losses: [0.5, null] }]);
  });

  it('smooths over the window, and at first over less', () => {
    expect(smooth([5, 5, 5], 10)).toEqual([5, 5, 5]);
    expect(smooth([3, 1], 2)[1]).toBeCloseTo(3 - 2 / 1.2, 12);
    expect(smooth([3, 1], 0)).toEqual([3, 1]);
    const step = [...new Array<number>(100).fill(0), 1];
    expect(smooth(step, 10).at(-1)).toBeCloseTo(0.1, 12);
  });
});

describe('differences', () => {
  // As ten ways to train on MNIST ended.
  const ends = [
    [0.7064, 0.7195, 0.7387],
    [0.9761, 0.9764, 0.9735],
    [0.9767, 0.9785, 0.9765],
    [0.9799, 0.9786, 0.9783],
    [0.9705, 0.9775, 0.9722],
    [0.975, 0.978, 0.9789],
    [0.9662, 0.9622, 0.9544],
  ];
  const study = (values: readonly (readonly number[])[], change: object = {}) =>
    studyOfCases(
      values.map((tests, index) => ({
        settings: { lr: 0.01 * (index + 1) },
        course: (seed) => ({ test: tests[seed] }),
      })),
      change,
    );

  it('are told where seeds spread more at a lower level, with intervals on the side of the verdict', () => {
    const { pairs, lines } = differences(study(ends));
    const lowest = pairs.filter(({ second }) => lines[second].index === 0);
    expect(lowest).toHaveLength(6);
    for (const { verdict, size, low, high } of lowest) {
      expect(verdict).toBe('ahead');
      expect(size).toBeGreaterThan(0.23);
      expect(low).toBeGreaterThan(0.18);
      expect(high).toBeLessThan(0.35);
    }
    expect(pairs.some(({ verdict }) => verdict === 'open')).toBe(true);
  });

  it('are of R² as well, and open where all is right', () => {
    const r2 = differences(
      study(
        [
          [0.2, 0.25, 0.22],
          [0.95, 0.96, 0.955],
        ],
        { metric: 'r2' },
      ),
    );
    expect(r2.pairs.map(({ verdict }) => verdict)).toEqual(['ahead']);
    const all = differences(
      study([
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 0.9999],
      ]),
    );
    expect(all.pairs.map(({ verdict }) => verdict)).toEqual(['open', 'open', 'open']);
  });
});

describe('scales', () => {
  it('place values from end to end, and find them again', () => {
    for (const scale of [logarithmic(0.01, 10), accuracy(0.5, 0.999, 0.0005)]) {
      expect(scale.place(scale.from)).toBeCloseTo(0, 12);
      expect(scale.place(scale.to)).toBeCloseTo(1, 12);
      expect(scale.value(scale.place(0.7))).toBeCloseTo(0.7, 12);
      expect(scale.ticks.length).toBeGreaterThan(2);
    }
    expect(logarithmic(0.01, 1).place(0.1)).toBeCloseTo(0.5, 12);
    expect(evenTicks(0.1, 0.62)).toEqual([0.2, 0.4, 0.6]);
  });
});

describe('csv', () => {
  it('quotes what has to be, and lets no text be a formula', () => {
    expect(
      csv([
        ['a', 'b, "c"', 1e-9, null, Number.NaN],
        ['=1+1', '-x', -1],
      ]),
    ).toBe(`a,"b, ""c""",1e-9,,\r\n'=1+1,'-x,-1\r\n`);
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

  const walks = allWalks();
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
