// The report in a browser, where one is installed.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundlePage } from '../../scripts/report-page.mjs';
import { renderReport } from '../../src/cli/report/html.js';
import { surfaces } from '../../src/cli/report/surfaces.js';
import { temporaryFolder } from './run-cli.js';
import { sampleComparison } from './sample-comparison.js';

const hasChromium = spawnSync('chromium', ['--version']).status === 0;

/** Points into the first chart, as a reader does. */
const POINT = `<script>
  setTimeout(() => {
    const chart = document.querySelector('.u-over');
    const box = chart.getBoundingClientRect();
    for (const name of ['mouseenter', 'mousemove']) {
      chart.dispatchEvent(new MouseEvent(name, { clientX: box.left + 100, clientY: box.top + 50 }));
    }
  }, 500);
</script>`;

describe.skipIf(!hasChromium)('the page', () => {
  let shown = '';
  let told = '';

  beforeAll(async () => {
    const page = renderReport(sampleComparison(), await bundlePage());
    const path = join(temporaryFolder(), 'report.html');
    writeFileSync(
      path,
      page.replace('</body>', () => `${POINT}</body>`),
    );
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--dump-dom'];
    const { stdout, stderr } = spawnSync(
      'chromium',
      [...flags, '--virtual-time-budget=5000', pathToFileURL(path).href],
      { encoding: 'utf8' },
    );
    [shown, told] = [stdout, stderr];
  });

  it('has nothing to complain about', () => expect(told.match(/.*CONSOLE.*/g)).toBeNull());

  it('draws every chart', () => expect(shown.match(/<canvas /g)).toHaveLength(6));

  it('draws the contours and the walks of every surface', () => {
    for (const { id, levels, rates } of surfaces) {
      const [figure] = new RegExp(`<figure class="surface" id="surface-${id}">.*?</figure>`, 's').exec(
        shown,
      ) ?? [''];
      const [contours] = /<g class="contours">.*?<\/g>/s.exec(figure) ?? [''];
      expect(contours.match(/ d="M[^"]+Z"/g)).toHaveLength(levels.length);
      expect(figure.match(/<path class="path" [^>]*d="M[^"]+"/g)).toHaveLength(Object.keys(rates).length);
    }
  });

  it('tells the values below the pointer', () => {
    const [reading] = /<div class="reading" style.*?<\/table>/s.exec(shown) ?? [''];
    expect(reading).toContain('Step ');
    expect(reading.match(/<svg class="swatch"/g)?.length).toBeGreaterThan(3);
  });
});
