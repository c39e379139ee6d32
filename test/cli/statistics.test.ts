import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadData } from '../../src/cli/compare/data.js';
import {
  bootstrapInterval,
  familyOfDifferences,
  holm,
  median,
  pairedDifference,
  tailOfT,
  tQuantile,
} from '../../src/cli/compare/statistics.js';
import { Generator } from '../../src/nn/index.js';
import { flipsCoins } from './coin-flips.js';

const numbers = (n: number) =>
  fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: n, maxLength: 9 });

describe('median', () => {
  it('has as many values on either side', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
    fc.assert(
      fc.property(numbers(1), (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      }),
      { seed: 1 },
    );
  });
});

describe('bootstrapInterval', () => {
  it('lies within the values, around their median, the same for the same seed', () => {
    fc.assert(
      fc.property(numbers(1), fc.nat(1000), (values, seed) => {
        const { low, high } = bootstrapInterval(values, seed);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(low).toBeLessThanOrEqual(median(values));
        expect(high).toBeGreaterThanOrEqual(median(values));
        expect(bootstrapInterval(values, seed)).toEqual({ low, high });
      }),
      { seed: 1, numRuns: 20 },
    );
    expect(bootstrapInterval([1, 2, 3], 0)).toEqual({ low: 1, high: 3 });
  });

  it('covers the median of a normal distribution about as often as it says', () => {
    const generator = new Generator(3);
    const covered = Array.from({ length: 80 }, () => {
      const { low, high } = bootstrapInterval(draws(generator, 15, 'normal'), 0);
      return low <= 0 && high >= 0;
    });
    expect(covered.filter(Boolean).length / 80).toBeGreaterThan(0.9);
  });
});

describe('the t distribution', () => {
  it('has the quantiles of the tables', () => {
    for (const [freedom, quantile] of [
      [1, 12.7062],
      [2, 4.30265],
      [3, 3.18245],
      [4, 2.77645],
      [9, 2.26216],
      [30, 2.04227],
    ]) {
      expect(tQuantile(0.05, freedom)).toBeCloseTo(quantile, 4);
      expect(tailOfT(quantile, freedom)).toBeCloseTo(0.05, 5);
    }
  });
});

describe('holm', () => {
  it('gives the steps of Holm 1979', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([])).toEqual([]);
  });

  it('never lowers a p, keeps their order and is at most Bonferroni’s', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(ps, (values) => {
        const adjusted = holm(values);
        for (const [i, p] of values.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, values.length * p));
          for (const [j, other] of values.entries())
            if (p < other) expect(adjusted[i] <= adjusted[j]).toBe(true);
        }
      }),
      { seed: 1 },
    );
  });
});

describe('pairedDifference', () => {
  it('is the mean of the differences, and claims what is clear', () => {
    const { size, low, high, verdict } = pairedDifference([2, 2.1, 1.9], [1, 1.1, 0.95]);
    expect(size).toBeCloseTo(0.98333, 4);
    expect(low).toBeLessThan(size);
    expect(low).toBeGreaterThan(0.7);
    expect(high - size).toBeCloseTo(size - low, 12);
    expect(verdict).toBe('ahead');
  });

  it('turns around with its samples', () => {
    fc.assert(
      fc.property(numbers(3), fc.nat(50), (a, shift) => {
        const b = a.map((value, i) => value * 0.9 - shift + Math.sin(i));
        const [one, other] = [pairedDifference(a, b), pairedDifference(b, a)];
        expect(other.size).toBeCloseTo(-one.size, 9);
        expect(other.p).toBeCloseTo(one.p, 9);
        expect(one.verdict === 'open').toBe(other.verdict === 'open');
        if (one.verdict !== 'open') expect(other.verdict).not.toBe(one.verdict);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('claims nothing with two pairs, without a difference, or where a value is missing', () => {
    expect(pairedDifference([1, 1.01], [0, 0]).verdict).toBe('open');
    expect(pairedDifference([1, 2, 3], [1, 2, 3])).toMatchObject({ size: 0, p: 1, verdict: 'open' });
    expect(pairedDifference([1, 2, Number.NaN], [0, 0, 0]).verdict).toBe('open');
    expect(pairedDifference([], []).verdict).toBe('open');
  });

  it('takes no equal steps of a grid for certainty', () => {
    const [a, b] = [
      [0.91, 0.92, 0.93],
      [0.9, 0.91, 0.92],
    ];
    expect(pairedDifference(a, b).verdict).toBe('ahead');
    expect(pairedDifference(a, b, { leastDeviation: 0.01 }).verdict).toBe('open');
  });

  it('needs the signs to agree from six pairs on', () => {
    const b = [0, 0, 0, 0, 0, 0];
    expect(pairedDifference([5, 5.1, 5.2, 4.9, 5, 5.1], b).verdict).toBe('ahead');
    // Clear to t alone, with 4 of 64 assignments of signs as far from zero.
    const a = [5, 5.1, 5.2, 4.9, 5, -0.001];
    expect(pairedDifference(a.slice(0, 5), b.slice(0, 5)).verdict).toBe('ahead');
    expect(pairedDifference(a, b)).toMatchObject({ p: 1, verdict: 'open' });
  });
});

describe('equals', () => {
  // What two identical optimizers may look like: seeds that fail to learn make two heaps, accuracies a grid.
  it.each(['normal', 'uniform', 'exponential', 'heaps', 'grid'] as const)(
    '%s: at most one of twenty pairs of three values is told apart, of 2,000',
    (kind) => {
      const generator = new Generator(11);
      const claims = Array.from({ length: 2000 }, () =>
        pairedDifference(draws(generator, 3, kind), draws(generator, 3, kind), {
          leastDeviation: kind === 'grid' ? 1 : 0,
        }),
      ).filter(({ verdict }) => verdict !== 'open');
      expect(claims.length / 2000).toBeLessThanOrEqual(0.05);
    },
  );

  // `uneven`: of six, one has seeds that differ ten times as much.
  it.each(['normal', 'heaps', 'grid', 'uneven'] as const)(
    '%s: at most one of twenty tables of six times three values tells any apart, of 2,000',
    (kind) => {
      const generator = new Generator(12);
      const withClaims = Array.from({ length: 2000 }, () => {
        const samples = Array.from({ length: 6 }, (_, place) => {
          const values = draws(generator, 3, kind === 'uneven' ? 'normal' : kind);
          return kind === 'uneven' && place === 0 ? values.map((value) => 10 * value) : values;
        });
        return familyOfDifferences(
          samples,
          samples.map(() => (kind === 'grid' ? 1 : 0)),
        );
      }).filter((family) => family.some(({ verdict }) => verdict !== 'open'));
      expect(withClaims.length / 2000).toBeLessThanOrEqual(0.05);
    },
  );

  it('are told from each other beside one that is erratic', () => {
    const generator = new Generator(14);
    const samples = [0, 0, 0, 20, 0].map((shift) =>
      draws(generator, 3, 'normal').map((value) => value + shift),
    );
    samples[4] = [5, -2000, 900];
    const told = familyOfDifferences(samples).filter(({ verdict }) => verdict !== 'open');
    expect(told.map(({ first, second }) => [first, second])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
  });

  it('claim in at most one of twenty studies that are trained: two names of one optimizer', async () => {
    const { data } = await loadData({
      ...{ data: 'spirals', label: null, regression: false, image: null, seed: 0 },
    });
    let claims = 0;
    for (let number = 0; number < 20; number++) {
      if (await flipsCoins(data, number, { epochs: 1, limit: 20 })) claims++;
    }
    expect(claims).toBeLessThanOrEqual(1);
  });

  it('are still told from what is far away', () => {
    const generator = new Generator(13);
    const samples = [0, 0, 50].map((shift) => draws(generator, 4, 'normal').map((value) => value + shift));
    const verdicts = familyOfDifferences(samples).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['open', 'behind', 'behind']);
  });
});

function draws(
  generator: Generator,
  n: number,
  kind: 'normal' | 'uniform' | 'exponential' | 'heaps' | 'grid',
) {
  return Array.from({ length: n }, () => {
    if (kind === 'normal') return generator.normal();
    const uniform = generator.uniform();
    if (kind === 'uniform') return uniform;
    if (kind === 'exponential') return -Math.log(1 - uniform);
    if (kind === 'grid') return Math.floor(10 * uniform);
    return (generator.uniform() < 0.5 ? 0 : 1) + 0.02 * uniform;
  });
}
