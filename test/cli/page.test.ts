// The report in a browser, where one is installed.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePage } from '../../scripts/report-page.mjs';
import { serveStudy } from '../../src/cli/compare/serve.js';
import { renderStudy } from '../../src/cli/report/html.js';
import { surfaces } from '../../src/cli/report/surfaces.js';
import { temporaryFolder } from './run-cli.js';
import { sampleStudy } from './sample-study.js';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'];

const chromium = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim();

describe.skipIf(chromium === '')('the page', () => {
  let browser: Browser;
  let page: Page;
  let html = '';
  let url = '';
  const folder = temporaryFolder();
  const complaints: string[] = [];

  beforeAll(async () => {
    html = renderStudy(sampleStudy(), await bundlePage());
    const path = join(folder, 'report.html');
    writeFileSync(path, html);
    url = pathToFileURL(path).href;
    browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
  }, 60_000);

  afterAll(() => browser.close());

  async function open(hash = '', width = 1200) {
    await page.goto('about:blank');
    await page.setViewport({ width, height: 900 });
    await page.goto(url + hash);
    await page.waitForSelector('[data-figure="rate"] svg path');
  }

  const count = (selector: string) => page.$$eval(selector, (found) => found.length);
  const texts = (selector: string) =>
    page.$$eval(selector, (found) => found.map(({ textContent }) => textContent?.trim() ?? ''));
  // Text: the page's own types are none of the tests'.
  const ask = (expression: string) => page.evaluate(expression);
  const hash = async () => String(await ask('location.hash'));
  const lines = (figure: string) => count(`[data-figure="${figure}"] path[stroke-width="2"]`);

  it('has nothing to complain about, and fits a narrow window', async () => {
    for (const width of [390, 1200]) {
      await open('', width);
      expect(await ask('document.documentElement.scrollWidth')).toBe(width);
    }
    expect(complaints).toEqual([]);
  });

  it('draws every chart: a line and a band for each configuration that is shown', async () => {
    for (const figure of ['loss', 'trainMetric', 'testMetric', 'testLoss', 'rate']) {
      expect(await lines(figure), figure).toBe(8);
      expect(await count(`[data-figure="${figure}"] path[fill-opacity]`), figure).toBe(8);
    }
    expect(await lines('tuning')).toBe(7);
    expect(await count('[data-figure="effect-0"] circle[r="5"]')).toBe(12);
  });

  it('draws the contours and the walks of every surface', async () => {
    for (const { id, levels, rates } of surfaces) {
      expect(await count(`#surface-${id} .contours path[d$="Z"]`)).toBe(levels.length);
      expect(await count(`#surface-${id} .walks path.path[d^="M"]`)).toBe(Object.keys(rates).length);
    }
  });

  it('has no violations that axe finds, in light and in dark', async () => {
    await page.$eval('details', (details) => details.setAttribute('open', ''));
    for (const [value, runOnly] of [
      ['light', RULES],
      ['dark', ['color-contrast']],
    ] as const) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
      await page.evaluate(axe.source);
      const violations = await ask(
        `axe.run(document, { runOnly: ${JSON.stringify(runOnly)} }).then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
      );
      expect(violations, value).toEqual([]);
    }
    await page.emulateMediaFeatures([]);
  });

  it('sorts the table by mouse and keyboard, and says how', async () => {
    await open();
    const names = () => texts('#results tbody label');
    const sorts = () => page.$$eval('#results th', (cells) => cells.map((cell) => cell.ariaSort));
    expect((await sorts()).slice(0, 2)).toEqual(['none', 'descending']);
    const best = await names();
    expect(best[0]).toBe('residual true');
    await page.click('[data-sort="test"]');
    expect(await names()).toEqual(best.toReversed());
    await page.focus('[data-sort="name"]');
    await page.keyboard.press('Enter');
    expect((await sorts())[0]).toBe('ascending');
    expect(await names()).toEqual(best.toSorted((a, b) => a.localeCompare(b)));
    // What has no value comes last either way.
    for (const _ of ['descending', 'ascending']) {
      await page.click('[data-sort="steps"]');
      expect((await names()).at(-1)).toBe('adagrad, lr 0.05');
    }
  });

  it('lays configurations over each other as they are picked, in the table and in the legend', async () => {
    await open();
    await page.click('#results input[data-run="c2"]');
    expect(await lines('loss')).toBe(9);
    expect(await page.$eval('.legend [data-run="c2"]', (button) => button.ariaPressed)).toBe('true');
    await page.focus('.legend [data-run="c0"]');
    await page.keyboard.press('Space');
    expect(await lines('loss')).toBe(8);
    expect(await page.$eval('#results input[data-run="c0"]', (box) => Reflect.get(box, 'checked'))).toBe(
      false,
    );
    for (const [choice, expected] of [
      ['none', 0],
      ['best', 5],
      ['all', 10],
    ] as const) {
      await page.click(`[data-choose="${choice}"]`);
      expect(await lines('loss')).toBe(expected);
    }
  });

  it('keeps the view in the address', async () => {
    await open();
    await page.click('[data-choose="best"]');
    await page.click('[data-axis="pass"]');
    await page.click('[data-sort="loss"]');
    const link = await hash();
    const order = await texts('#results tbody label');
    await open(link);
    expect(await lines('testLoss')).toBe(5);
    expect(await page.$eval('[data-axis="pass"]', (button) => button.ariaPressed)).toBe('true');
    expect(await texts('#results tbody label')).toEqual(order);
    expect(await hash()).toBe(link);
    await open('#nonsense=1&axis=x&zoom=5to1&sort=');
    expect(await lines('loss')).toBe(8);
    expect(complaints).toEqual([]);
  });

  it('tells the values below the pointer, zooms in where it is drawn across, and out again', async () => {
    await open();
    const box = await (await page.$('[data-figure="loss"]'))?.boundingBox();
    if (!box) throw new Error('there is no chart');
    await ask(`scrollTo(0, ${box.y - 100})`);
    const y = 200;
    await page.mouse.move(box.x + 400, y);
    const [reading] = await texts('[data-figure="loss"] .reading');
    expect(reading).toMatch(/^Step \d+/);
    expect(await count('[data-figure="loss"] .reading tr .swatch')).toBe(8);
    await page.mouse.down();
    await page.mouse.move(box.x + 600, y);
    await page.mouse.up();
    const zoom = /zoom=(\d+\.?\d*)to(\d+\.?\d*)/.exec(await hash());
    expect(Number(zoom?.[1])).toBeGreaterThan(1);
    expect(Number(zoom?.[2])).toBeLessThan(400);
    await page.keyboard.press('Escape');
    expect(await hash()).toBe('');
  });

  it('gives every figure as SVG in the colours of the moment, and its numbers as CSV', async () => {
    await open();
    // What would be saved, by name: a browser lets a page save a few files only.
    await ask(`{
      globalThis.saved = {};
      let last;
      URL.createObjectURL = (blob) => { last = blob; return 'blob:none'; };
      HTMLAnchorElement.prototype.click = function () { saved[this.download] = last.text(); };
      for (const button of document.querySelectorAll('[data-svg], [data-csv], [data-table]')) button.click();
    }`);
    const files: Record<string, string> = JSON.parse(
      String(
        await ask(
          'Promise.all(Object.entries(saved).map(async ([name, text]) => [name, await text])).then((all) => JSON.stringify(Object.fromEntries(all)))',
        ),
      ),
    );
    expect(Object.keys(files)).toHaveLength(27);
    for (const [name, text] of Object.entries(files)) {
      if (name.endsWith('.csv')) {
        const columns = text.split('\r\n').map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).length);
        expect(columns.length, name).toBeGreaterThan(3);
        expect(new Set(columns.slice(0, -1)).size, name).toBe(1);
      } else {
        expect(text, name).not.toMatch(/var\(|NaN|undefined/);
        const parsed = `new DOMParser().parseFromString(${JSON.stringify(text)}, 'image/svg+xml')`;
        expect(await ask(`${parsed}.querySelector('parsererror') === null`), name).toBe(true);
      }
    }
    for (const part of ['momentum, lr 0.05', 'Training loss', '#1546c0']) {
      expect(files['sample-loss.svg']).toContain(part);
    }
    expect(files['sample-results.csv']).toContain('"test accuracy, low"');
  });

  it('saves a file', async () => {
    await open();
    const target = temporaryFolder();
    const session = await page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: target });
    await page.click('[data-csv="loss"]');
    for (let waits = 0; readdirSync(target).length === 0 && waits < 100; waits++) await setTimeout(20);
    expect(readdirSync(target)).toEqual(['sample-loss.csv']);
  });

  it('follows the reader to a figure without losing the view', async () => {
    await open();
    await page.click('[data-axis="step"]');
    const link = await hash();
    await page.click('#claim-stands-still .reference');
    expect(await hash()).toBe(link);
    expect(await ask('scrollY')).toBeGreaterThan(1000);
  });

  it('is drawn anew when it is served and a run ends, with the view that was chosen', async () => {
    const server = await serveStudy({ port: 0, page: () => html });
    try {
      await page.goto(server.url);
      await page.waitForSelector('[data-figure="rate"] svg path');
      await page.click('[data-axis="pass"]');
      server.push({ type: 'progress', data: '3 of 30 runs' });
      await page.waitForFunction(`document.querySelector('#live').textContent === '3 of 30 runs'`);
      const loaded = page.waitForNavigation();
      server.push({ type: 'run', data: {} });
      await loaded;
      expect(await hash()).toBe('#axis=pass');
      const closed = server.close();
      const told = `document.querySelector('#live')?.textContent`;
      await page.waitForFunction(`${told} === 'The study is no longer running.'`);
      await closed;
      expect(await hash()).toBe('#axis=pass');
    } finally {
      await server.close();
    }
    expect(complaints.filter((text) => !text.includes('ERR_'))).toEqual([]);
  });
});
