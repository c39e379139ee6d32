import { describe, expect, it, vi } from 'vitest';
import { createProgress } from '../../src/cli/compare/progress.js';
import type { Output } from '../../src/text/progress-line.js';
import { sampleComparison } from './sample-comparison.js';

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
