import { describe, expect, it } from 'vitest';
import {
  type Contender,
  fastest,
  interleave,
  isVoid,
  ratio,
  type Timing,
  timingOf,
} from '../../bench/measure.js';
import { spread } from '../../bench/statistics.js';
import { comparedText, processorsText, shareText, timingText } from '../../bench/text.js';

const plan = { rounds: 5, seconds: 0.1, pause: 0 };

/** Pretends that a step takes so many seconds, and writes down its turns. */
function pretend(name: string, secondsPerStep: (turn: number) => number, turns: string[]): Contender {
  let turn = 0;
  return {
    name,
    threads: 1,
    work: 10,
    run(steps) {
      turns.push(name);
      const seconds = steps * secondsPerStep(turn++);
      return { seconds, processor: seconds };
    },
  };
}

describe('spread', () => {
  it('gives the median and the quartiles of values in any order', () => {
    expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it('interpolates between neighbours', () => {
    expect(spread([1, 2])).toEqual({ median: 1.5, low: 1.25, high: 1.75 });
  });
});

describe('interleave', () => {
  it('takes as many steps as fill a sample, and counts the work', async () => {
    const [timing] = await interleave([pretend('a', () => 0.02, [])], plan);
    expect(timing.steps).toBe(5);
    expect(timing.speeds.map((speed) => Math.round(speed ?? 0))).toEqual([500, 500, 500, 500, 500]);
  });

  it('lets all take turns, after another one every time', async () => {
    const turns: string[] = [];
    const contenders = ['a', 'b', 'c', 'd'].map((name) => pretend(name, () => 0.1, turns));
    const timings = await interleave(contenders, { ...plan, rounds: 4 });
    const rounds = turns.slice(-16).join('').match(/..../g) ?? [];
    for (const round of rounds) expect([...round].sort().join('')).toBe('abcd');
    const pairs = rounds.flatMap((round) => [0, 1, 2].map((i) => round.slice(i, i + 2)));
    expect(new Set(pairs).size).toBe(12);
    expect(timings.map(({ speeds }) => speeds.length)).toEqual([4, 4, 4, 4]);
  });

  it('lets a slow one sit out three rounds of four', async () => {
    const turns: string[] = [];
    const contenders = [pretend('fast', () => 0.1, turns), pretend('slow', () => 2, turns)];
    const [fast, slow] = await interleave(contenders, plan);
    expect(fast.speeds.every((speed) => speed !== undefined)).toBe(true);
    expect(slow.speeds).toEqual([5, undefined, undefined, undefined, 5]);
    expect(slow.speed.median).toBe(5);
  });

  it('does not measure the steps that allocate and compile', async () => {
    const [timing] = await interleave([pretend('a', (turn) => (turn === 0 ? 100 : 0.1), [])], plan);
    expect(timing.speeds).toEqual([100, 100, 100, 100, 100]);
  });
});

describe('ratio', () => {
  it('compares within the rounds: a drift of the machine between them cancels', async () => {
    const measured = async (...speeds: number[]) => {
      // Two turns come before the first round.
      const contender = pretend('any', (turn) => 10 / speeds[Math.max(0, turn - 2)], []);
      const [timing] = await interleave([contender], { ...plan, rounds: 3 });
      expect(timing.speeds).toEqual(speeds);
      return timing;
    };
    expect(ratio(await measured(100, 200, 400), await measured(200, 400, 100))).toEqual({
      median: 0.5,
      low: 0.5,
      high: 2.25,
    });
  });

  it('takes the rounds in which both took part', async () => {
    const [fast, slow] = await interleave(
      [pretend('fast', () => 0.1, []), pretend('slow', () => 2, [])],
      plan,
    );
    expect(ratio(fast, slow)?.median).toBeCloseTo(20, 10);
  });
});

/** A contender that takes a second for its work, and so much processor time. */
function busy(name: string, threads: number, work: number, processors: number): Timing {
  const contender = { name, threads, work, run: () => ({ seconds: 1, processor: processors }) };
  return timingOf(contender, 1, [
    { seconds: 1, processor: processors },
    { seconds: 3, processor: 3 * processors },
  ]);
}

describe('processor time', () => {
  it('is counted over all samples', () => {
    const samples = [{ seconds: 1, processor: 1 }, undefined, { seconds: 3, processor: 7 }];
    expect(timingOf(busy('a', 1, 1, 1).contender, 1, samples).processors).toBe(2);
  });

  it('makes void what keeps more processors busy than its threads, by more than a tenth', () => {
    expect(isVoid(busy('a', 1, 1, 1.1))).toBe(false);
    expect(isVoid(busy('a', 1, 1, 1.11))).toBe(true);
    expect(isVoid(busy('a', 2, 1, 2.2))).toBe(false);
    expect(isVoid(busy('a', 2, 1, 2.21))).toBe(true);
  });

  it('keeps what is void out of ratios and shares, and shows it', () => {
    const [own, peer] = [busy('lockstep', 1, 100, 1), busy('PyTorch', 1, 200, 1.9)];
    expect(ratio(own, peer)).toBeUndefined();
    expect(ratio(peer, own)).toBeUndefined();
    expect(ratio(own, undefined)).toBeUndefined();
    expect([timingText(peer), comparedText(own, peer), shareText(peer, own)]).toEqual([
      'void',
      'void',
      'void',
    ]);
    expect(processorsText(peer)).toBe('1.90');
    expect(comparedText(own, undefined)).toBe('-');
    expect(shareText(own, busy('limit', 1, 400, 1))).toBe('25%');
  });

  it('lets the fastest way win that is not void', () => {
    const ways = [busy('PyTorch a', 1, 300, 2), busy('PyTorch b', 1, 200, 1), busy('PyTorch c', 1, 100, 1)];
    expect(fastest(ways, 'PyTorch', 1)?.contender.name).toBe('PyTorch b');
    expect(fastest(ways.slice(0, 1), 'PyTorch', 1)?.contender.name).toBe('PyTorch a');
    expect(fastest(ways, 'PyTorch', 2)).toBeUndefined();
  });
});
