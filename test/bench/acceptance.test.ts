import { describe, expect, it } from 'vitest';
import type { Timing } from '../../bench/measure.js';
import { judge } from '../../bench/optimizers/acceptance.js';
import { NAMES } from '../../bench/optimizers/competitor.js';

function timing(name: string, threads: number, speed: number): Timing {
  return {
    contender: { name, threads, work: 1, run: () => ({ seconds: 1, processor: threads }) },
    steps: 1,
    processors: threads,
    speeds: [speed, speed],
    speed: { median: speed, low: speed, high: speed },
  };
}

function judgeLarge(...timings: Timing[]) {
  const verdicts = judge([{ name: 'Adam 2^24', timings }], [1, 2]);
  return (text: string) => verdicts.find((one) => one.text.startsWith(text));
}

describe('judge', () => {
  it('passes what is at the promise, and nothing below it', () => {
    const loop = timing(NAMES.loop, 1, 100);
    const at = (speed: number) =>
      judgeLarge(timing(NAMES.native, 1, speed), loop)('Adam f32 2^24, 1 thread:');
    expect(at(95)?.verdict).toBe('PASS');
    expect(at(94.9)?.verdict).toBe('SHORT');
    expect(at(95)?.text).toContain('0.95 (0.95 to 0.95) of the same-traffic loop');
  });

  it('compares on the same number of threads', () => {
    const find = judgeLarge(
      timing(NAMES.native, 1, 100),
      timing(NAMES.native, 2, 150),
      timing(NAMES.loop, 1, 100),
      timing(NAMES.loop, 2, 200),
    );
    expect(find('Adam f32 2^24, 1 thread: 1.00 (1.00 to 1.00) of the same')?.verdict).toBe('PASS');
    expect(find('Adam f32 2^24, 2 threads: 0.75 (0.75 to 0.75) of the same')?.verdict).toBe('SHORT');
  });

  it('takes the way in which PyTorch is faster', () => {
    const native = timing(NAMES.native, 1, 50);
    const ways = (loop: number, foreach: number) =>
      judgeLarge(native, timing('PyTorch loop', 1, loop), timing('PyTorch foreach', 1, foreach));
    expect(ways(10, 20)('Adam f32 2^24, 1 thread: 2.50')?.verdict).toBe('SHORT');
    expect(ways(10, 5)('Adam f32 2^24, 1 thread: 5.00')?.verdict).toBe('PASS');
  });

  it('says so where a peer did not take part', () => {
    const verdicts = judge([{ name: 'Adam 2^24', timings: [timing(NAMES.native, 1, 1)] }], [1]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(Array(6).fill('NOT MEASURED'));
  });
});
