import { expect, it, vi } from 'vitest';
import { summary } from '../../src/cli/compare/summary.js';
import { sampleStudy } from './sample-study.js';

const [first, ...others] = sampleStudy().runs;
const one = sampleStudy({
  seeds: [0],
  configurations: sampleStudy().configurations.slice(0, 1),
  runs: [first],
});

it('has medians over the seeds with their intervals, and says what is told apart', () => {
  const text = summary(sampleStudy());
  expect(text).toMatch(/\n {0,3}Sgd[^\n]* {2}\d\d\.\d\d % \(\d\d\.\d\d–\d\d\.\d\d\)/i);
  expect(text).toContain('is the best on the test rows');
});

it('has no interval and the hash of the weights for a single run, one for those of all seeds', () => {
  expect(summary(one)).toContain(first.weightsHash);
  expect(summary(one)).not.toContain('–9');
  const hash = (text: string) => /[0-9a-f]{16}/.exec(text)?.[0];
  const all = hash(summary(sampleStudy()));
  const changed = others.map((run) => ({ ...run, weightsHash: '00000000deadbeef' }));
  expect(hash(summary(sampleStudy({ runs: [first, ...changed] })))).not.toBe(all);
});

it('fits a terminal of 60 columns, with every number', () => {
  vi.stubEnv('COLUMNS', '60');
  try {
    const text = summary(sampleStudy());
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(60);
    for (const title of [
      'test accuracy',
      'train accuracy',
      'test loss',
      'steps to 94 %',
      'time',
      'weights',
    ]) {
      expect(text).toContain(title);
    }
    expect(text.match(/[0-9a-f]{16}/g)).toHaveLength(sampleStudy().configurations.length);
  } finally {
    vi.unstubAllEnvs();
  }
});
