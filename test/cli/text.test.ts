import { describe, expect, it, vi } from 'vitest';
import { toggle } from '../../src/cli/flags.js';
import { commandHelp } from '../../src/cli/help.js';
import { createProgress } from '../../src/cli/progress.js';
import * as format from '../../src/text/format.js';
import type { Output } from '../../src/text/progress-line.js';
import { renderTable } from '../../src/text/table.js';
import { sampleComparison } from './sample-comparison.js';

describe('format', () => {
  it.each([
    [format.count(1234567.4), '1,234,567'],
    [format.counted(1, 'step'), '1 step'],
    [format.counted(1200, 'step'), '1,200 steps'],
    [format.percent(0.9753), '97.53 %'],
    [format.percent(0.8, 0), '80 %'],
    [format.loss(0.12345), '0.1235'],
    [format.loss(0), '0.0000'],
    [format.loss(0.00012345), '1.23e-4'],
    [format.loss(123456), '1.23e+5'],
    [format.rate(0.1), '0.1'],
    [format.rate(0.24238586), '0.242'],
    [format.rate(0.0001), '1e-4'],
    [format.duration(8.44), '8.4 s'],
    [format.duration(59.96), '1:00 min'],
    [format.duration(83.2), '1:23 min'],
    [format.duration(7500), '2:05:00 h'],
  ])('%s', (got, expected) => expect(got).toBe(expected));
});

describe('renderTable', () => {
  it('aligns columns to their widest cell', () => {
    const table = renderTable<[string, number]>(
      [
        { title: 'name', align: 'left', text: ([name]) => name },
        { title: 'n', align: 'right', text: ([, n]) => String(n) },
      ],
      [
        ['a', 5],
        ['longest', 1000],
      ],
    );
    expect(table).toBe('name        n\n─────────────\na           5\nlongest  1000\n');
  });
});

describe('renderTable in a narrow terminal', () => {
  const title = (name: string) => ({ title: name, align: 'left', text: () => '' }) as const;
  const columns = ['first', 'second', 'third'].map(title);

  it('puts the columns that do not fit below, with the first again', () => {
    expect(renderTable(columns, [], 13)).toBe('first  second\n─────────────\n\nfirst  third\n────────────\n');
    expect(renderTable(columns, [], 20)).toBe('first  second  third\n────────────────────\n');
  });

  it('never leaves the first column alone', () => {
    expect(renderTable(columns, [], 3).split('\n')[0]).toBe('first  second');
  });
});

describe('commandHelp', () => {
  it('keeps within 100 columns', () => {
    const help = commandHelp({
      name: 'x',
      summary: 'Does it.',
      flags: { verbose: toggle('word '.repeat(60).trim()) },
      examples: [{ command: 'lockstep x', does: 'It.' }],
    });
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(help.split('word').length - 1).toBe(60);
  });
});

describe('progress', () => {
  const stage = { name: 'Adam', number: 2, of: 3 };
  const [result] = sampleComparison().runs;
  const standing = (step: number) => ({
    samples: step,
    samplesOfAll: 100,
    loss: 0.5,
    accuracy: 0.9,
    samplesPerSecond: 1000,
  });

  function written(output: Partial<Output>, quiet: boolean): string {
    let text = '';
    const progress = createProgress(
      {
        ...output,
        write: (part) => {
          text += part;
        },
      },
      quiet,
    );
    for (let step = 0; step <= 100; step += 5) progress.update(stage, standing(step));
    progress.finish(stage, result);
    progress.note('done');
    progress.update(stage, standing(5));
    progress.close();
    return text;
  }

  it('writes plain lines, a few for each run, where there is no terminal', () => {
    const lines = written({}, false).trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual([
      '[2/3] Adam  25 %  loss 0.5000  test 90.0 %  1,000 samples/s',
      '[2/3] Adam  50 %  loss 0.5000  test 90.0 %  1,000 samples/s',
    ]);
    expect(lines).toHaveLength(6);
    expect(lines.join('')).not.toContain('\x1b');
  });

  it('never writes a line that would wrap on a terminal, and clears the last one', () => {
    const text = written({ isTTY: true, columns: 60 }, false);
    const shown = text.split('\r\x1b[2K').flatMap((part) => part.split('\n').slice(0, 1));
    const bars = shown.filter((line) => line.includes('━'));
    expect(bars.length).toBeGreaterThan(10);
    for (const line of bars) expect(line.length).toBeLessThan(60);
    expect(text.endsWith('\r\x1b[2K')).toBe(true);
  });

  it('writes plain lines where the terminal can do no more', () => {
    vi.stubEnv('TERM', 'dumb');
    try {
      expect(written({ isTTY: true, columns: 60 }, false)).toBe(written({}, false));
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('is silent when quiet', () => expect(written({ isTTY: true, columns: 60 }, true)).toBe(''));
});
