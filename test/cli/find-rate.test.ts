import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRateFlags, findRateOptions } from '../../src/cli/find-rate/options.js';
import { renderRatePage } from '../../src/cli/find-rate/page.js';
import { parseFlags } from '../../src/cli/flags.js';
import { runCli, sampleCsv, temporaryFolder } from './run-cli.js';

const facts = {
  optimizer: 'Adam <1>',
  data: 'a.csv',
  network: 'Linear 2→2',
  training: '3 steps',
  command: 'lockstep find-rate',
  style: '',
};
const rates = [1e-4, 1e-3, 1e-2, 1e-1, 1];
const test = {
  rates,
  losses: [1, 0.9, 0.5, 0.4, 9],
  smoothed: [1, 0.9, 0.5, 0.45, 4],
  suggestion: 1e-3,
  minimum: 0.1,
  diverged: true,
};

describe('lockstep find-rate', () => {
  it('tells a rate, and writes the plot and the numbers', () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.csv'), sampleCsv());
    const args = [
      '--data',
      'a.csv',
      '--label',
      'kind',
      '--steps',
      '60',
      '--out',
      'r.html',
      '--json',
      'r.json',
    ];
    const { status, stdout, stderr } = runCli(['find-rate', ...args], { cwd });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^Adam: the loss falls fastest at rate [\d.e-]+, and is least at [\d.e-]+\nplot: r.html\n$/,
    );
    expect(readdirSync(cwd).sort()).toEqual(['a.csv', 'r.html', 'r.json']);
    const numbers = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8'));
    expect(numbers.losses).toHaveLength(numbers.rates.length);
    expect(readFileSync(join(cwd, 'r.html'), 'utf8')).toContain(args.join(' '));
  });

  it.each([
    [['--from', '1', '--to', '0.1'], /--to must be greater than --from 1, got 0.1/],
    [['--data', 'a.csv'], /--data needs --label/],
    [['--out', 'x.html', '--json', 'x.html'], /--out and --json name the same file/],
  ])('refuses %o', (args, message) => {
    const values = parseFlags(findRateFlags, args);
    expect(() => findRateOptions(values === 'help' ? {} : values)).toThrow(message);
  });
});

it('has the optimizers that are one class, and no runs', () => {
  const parse = () => parseFlags(findRateFlags, ['--optimizer', 'gradient-descent']);
  expect(parse).toThrow(/--optimizer: no "gradient-descent"; known are sgd, .*lbfgs/);
});

describe('the page', () => {
  it('draws every loss in sight, the curve within its frame, and the rate', () => {
    const page = renderRatePage(test, facts);
    expect(page).toContain('A learning rate for Adam &lt;1&gt;: 0.001');
    expect(page.match(/<circle /g)).toHaveLength(4);
    const points = /<polyline [^>]*points="([^"]*)"/.exec(page)?.[1].split(' ') ?? [];
    expect(points).toHaveLength(5);
    for (const point of points) {
      const [x, y] = point.split(',').map(Number);
      expect(x >= 56 && x <= 1056 && y >= 24 && y <= 416).toBe(true);
    }
    expect(page).toContain('falls fastest at 0.001');
    for (const rate of ['1e-4', '0.001', '0.01', '0.1', '1']) expect(page).toContain(`>${rate}</text>`);
    expect(page.match(/\b(src|href)\s*=/)).toBeNull();
  });

  it('says where no rate suits', () => {
    const flat = { ...test, losses: [1, 1, 1, 1, 1], smoothed: [1, 1, 1, 1, 1], suggestion: null };
    expect(renderRatePage(flat, facts)).toContain('No rate suits');
    const none = { ...test, rates: [], losses: [], smoothed: [], suggestion: null, minimum: Number.NaN };
    expect(renderRatePage(none, facts)).toContain('The loss is no number at the first step');
  });
});
