import { describe, expect, it, vi } from 'vitest';
import type { Job } from '../../src/cli/compare/pool.js';
import { createProgress } from '../../src/cli/compare/progress.js';
import type { Output } from '../../src/text/progress-line.js';
import { BASE, sampleRun } from './sample-study.js';

describe('progress', () => {
  const configuration = { id: 'adam', name: 'Adam', settings: BASE };
  const jobs = [0, 1].map(
    (seed): Job => ({
      task: {
        ...{ hash: '', configuration: 'adam', settings: BASE, seed },
        ...{ epochs: 1, limit: null, goal: 0.97 },
      },
      rows: 'study',
      name: `Adam, seed ${seed}`,
    }),
  );
  const standing = (share: number) => ({ share, loss: 0.5, metric: 0.9 });

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
      'accuracy',
    );
    progress.begin(jobs);
    for (let share = 0; share <= 1; share += 0.05)
      for (const job of jobs) progress.update(job, standing(share));
    for (const job of jobs) progress.finish(job, sampleRun(configuration, job.task.seed));
    progress.note('done');
    progress.update(jobs[0], standing(0.1));
    progress.close();
    return text;
  }

  it('writes a plain line for each run, where there is no terminal', () => {
    const lines = written({}, false).trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^\[1\/2\] Adam, seed 0: loss 0\.\d{4}, test 95\.00 %, 4\.0 s$/),
      expect.stringMatching(/^\[2\/2\] Adam, seed 1: loss 0\.\d{4}, test 95\.00 %, 4\.1 s$/),
      'done',
    ]);
  });

  it('never writes a line that would wrap on a terminal, and clears the last one', () => {
    const text = written({ isTTY: true, columns: 60 }, false);
    const shown = text.split('\r\x1b[2K').flatMap((part) => part.split('\n').slice(0, 1));
    const bars = shown.filter((line) => line.includes('━'));
    expect(bars.length).toBeGreaterThan(10);
    for (const line of bars) expect(line.length).toBeLessThan(60);
    expect(text.endsWith('\r\x1b[2K')).toBe(true);
    // Both runs together: half of the work is half of the bar, and it never goes back.
    const full = bars.map((line) => line.split('━').length - 1);
    expect(full).toEqual([...full].sort((a, b) => a - b));
    expect(Math.max(...full)).toBe(24);
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
