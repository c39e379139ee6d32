import { uniformFrom } from '../../core/draws.js';
import { Words } from '../../core/philox.js';

/** From here to there, both included. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The share of studies without any difference in which a section may still claim one. */
export const LEVEL = 0.05;

const BOOTSTRAP_SAMPLES = 2000;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value in the middle, or the mean of the two there; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return (sorted[middle - 1] + sorted[middle]) / 2;
  return sorted[Math.floor(middle)] ?? Number.NaN;
}

/**
 * A 95 % percentile interval of the median (Efron 1979): the same seed, the same interval. Of fewer than five values it is
 * from the least to the largest, and covers less than it says.
 */
export function bootstrapInterval(values: readonly number[], seed: number): Interval {
  const medians = resamples(values.length, seed)
    .map((places) => median(places.map((place) => values[place])))
    .sort((a, b) => a - b);
  const cut = Math.floor((LEVEL / 2) * BOOTSTRAP_SAMPLES);
  return { low: medians[cut], high: medians[BOOTSTRAP_SAMPLES - 1 - cut] };
}

const drawn = new Map<string, number[][]>();

/** Places of n values, drawn n at a time with replacement: the same for all values of a seed. */
function resamples(n: number, seed: number): number[][] {
  const key = `${n} ${seed}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const words = new Words(seed, 0);
  const samples = Array.from({ length: BOOTSTRAP_SAMPLES }, () =>
    Array.from({ length: n }, () => Math.floor(uniformFrom(words) * n)),
  );
  drawn.set(key, samples);
  return samples;
}

/** How values differ from others that belong to them, one to one. */
export interface Difference extends Interval {
  /** The mean of the differences. */
  readonly size: number;
  /** How often chance alone gives a difference as clear, at most; 1 where nothing can be said. */
  readonly p: number;
  /** `ahead`: the first is larger. */
  readonly verdict: 'ahead' | 'behind' | 'open';
}

/** From this many pairs on, the signs alone can be clear at the level of 5 %: 2 / 2^6 = 3.1 %. */
const PAIRS_FOR_SIGNS = 6;

/** More assignments of signs than this are not counted. */
const MOST_PAIRS_FOR_SIGNS = 14;

/**
 * How much larger p is than that of the t test. Differences of equals need not be normal: of three whose values are uniform, the worst
 * seen, 1.09 times as many go beyond a bound. The rest is for trust: of 200 studies of equals, more than ten make a claim in one case
 * of a hundred only.
 */
const CAUTION = 2;

/** Two pairs that agree by chance look certain. */
const LEAST_PAIRS = 3;

/**
 * Whether a is larger than b by more than chance, pair by pair: the seeds are what they have in common.
 *
 * The interval is Student's, of the mean difference, at 1 - `level` / 2 ({@link CAUTION}). From six pairs on, the sign-flip test (Fisher
 * 1935) has to agree, which is exact for equals whatever their distribution; fewer cannot satisfy it at 5 %, and the claim rests
 * upon t alone. Fewer than three pairs claim nothing.
 *
 * @param leastDeviation what the standard deviation of the differences is taken to be at least: such as one test row's share, for
 * equal differences on a grid are no sign of certainty. Default 0.
 * @param freedom the degrees of freedom of t, where `leastDeviation` comes from more than these pairs. Default: pairs less 1.
 */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  { level = LEVEL, leastDeviation = 0, freedom = a.length - 1 }: DifferenceOptions = {},
): Difference {
  const differences = differencesOf(a, b);
  const n = differences.length;
  const size = n === 0 ? Number.NaN : mean(differences);
  if (n < LEAST_PAIRS || !Number.isFinite(size)) {
    return { size, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, p: 1, verdict: 'open' };
  }
  const error = Math.max(deviation(differences), leastDeviation) / Math.sqrt(n);
  const reach = error * tQuantile(level / CAUTION, freedom);
  const p = size === 0 || pOfSigns(differences) > LEVEL ? 1 : pOfT(size / error, freedom);
  return { size, low: size - reach, high: size + reach, p, verdict: verdictOf(size, p, level) };
}

interface DifferenceOptions {
  readonly level?: number;
  readonly leastDeviation?: number;
  readonly freedom?: number;
}

const differencesOf = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - b[i]);

/** The standard deviation of what the values are a sample of. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/** The difference of two of several samples, by their places. */
export interface PairOf extends Difference {
  readonly first: number;
  readonly second: number;
}

/**
 * The differences between every two of several samples of one length, p and verdicts with all of them taken into account
 * ({@link holm}): at most 5 % of families of equals have a verdict at all.
 *
 * A deviation is that of its pair or that of all samples together, whichever is larger, for two reasons: three seeds know little of it,
 * all together know more, so that less has to be allowed for not knowing it; and where some seeds fail to learn, three that happen to
 * fail together would look certain.
 *
 * @param resolutions of each sample the least deviation of its differences, see {@link pairedDifference}. Default: 0.
 */
export function familyOfDifferences(
  samples: readonly (readonly number[])[],
  resolutions: readonly number[] = samples.map(() => 0),
): PairOf[] {
  const variances = variancesOf(samples);
  const pairs = allPairs(samples.length);
  const differences = pairs.map(([first, second]) => {
    const pool = withoutErratic(variances, Math.max(variances[first], variances[second]));
    const together = Math.sqrt(2 * mean(pool));
    return pairedDifference(samples[first], samples[second], {
      leastDeviation: Math.max(resolutions[first], resolutions[second], together),
      freedom: freedomOf(pool, samples[first].length),
    });
  });
  const ps = holm(differences.map(({ p }) => p));
  return differences.map((difference, index) => ({
    ...difference,
    first: pairs[index][0],
    second: pairs[index][1],
    p: ps[index],
    verdict: verdictOf(difference.size, ps[index]),
  }));
}

/** Of each sample, without what the seeds have in common. */
function variancesOf(samples: readonly (readonly number[])[]): number[] {
  const count = samples.length;
  const common = (samples[0] ?? []).map((_, seed) => median(samples.map((values) => values[seed])));
  return samples.map((values) => (deviation(differencesOf(values, common)) ** 2 * count) / (count - 1));
}

/** A deviation this many times as large as that of a pair says nothing of the pair: of a configuration that sometimes diverges. */
const ERRATIC = 10;

/** The variances without those that are erratic beside `own`; at most a quarter, the largest. */
function withoutErratic(variances: readonly number[], own: number): readonly number[] {
  const sorted = [...variances].sort((a, b) => a - b);
  const most = Math.floor(variances.length / 4);
  return sorted.filter((variance, place) => place < sorted.length - most || variance <= ERRATIC ** 2 * own);
}

/**
 * How many independent differences a common deviation comes from: fewer than there are where some samples spread more than
 * others (Satterthwaite 1946), as it is then known from those alone.
 */
function freedomOf(variances: readonly number[], n: number): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const effective = sum(variances) ** 2 / sum(variances.map((variance) => variance ** 2));
  const freedom = Math.floor(((n - 1) * effective * (variances.length - 1)) / variances.length);
  return Number.isFinite(freedom) ? Math.max(n - 1, freedom) : n - 1;
}

/** All pairs of 0 ... n - 1. */
function allPairs(n: number): (readonly [number, number])[] {
  return Array.from({ length: n }, (_, first) =>
    Array.from({ length: n - first - 1 }, (_, more) => [first, first + 1 + more] as const),
  ).flat();
}

function verdictOf(size: number, p: number, level = LEVEL): Difference['verdict'] {
  if (p > level) return 'open';
  return size > 0 ? 'ahead' : 'behind';
}

/**
 * Of several tests, how clear each is with the others taken into account (Holm 1979): no more than 5 % of families without any
 * difference have one at or below 0.05, however the tests depend on each other.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[a] - ps[b]);
  const adjusted = new Array<number>(ps.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (ps.length - rank) * ps[index]));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** Two-sided. */
function pOfT(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return 0;
  return Math.min(1, CAUTION * tailOfT(Math.abs(t), freedom));
}

/** The share of all assignments of signs whose mean is as far from zero; 0 where there are too few or too many to tell. */
function pOfSigns(differences: readonly number[]): number {
  const n = differences.length;
  if (n < PAIRS_FOR_SIGNS || n > MOST_PAIRS_FOR_SIGNS) return 0;
  const total = (signs: number) =>
    Math.abs(differences.reduce((sum, value, bit) => sum + (((signs >> bit) & 1) === 0 ? value : -value), 0));
  // Sums of the same numbers in another order may differ in their last bits.
  const seen = total(0) * (1 - 1e-12);
  let asFar = 0;
  for (let signs = 0; signs < 2 ** n; signs++) if (total(signs) >= seen) asFar++;
  return asFar / 2 ** n;
}

/** P(|T| > t) of Student's distribution with whole degrees of freedom: Abramowitz & Stegun 26.7.3 and 26.7.4. */
export function tailOfT(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = freedom % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k < freedom; k += 2) {
    term *= (cosine * cosine * (k - 1)) / k;
    sum += term;
  }
  const inside = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  // What is left of 1 has few digits where t is large, and never less than none.
  return Math.max(1 - inside, Number.EPSILON);
}

const quantiles = new Map<string, number>();

/** What |T| goes beyond with this probability. */
export function tQuantile(tail: number, freedom: number): number {
  const key = `${tail} ${freedom}`;
  const quantile = quantiles.get(key) ?? findQuantile(tail, freedom);
  quantiles.set(key, quantile);
  return quantile;
}

function findQuantile(tail: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (tailOfT(high, freedom) > tail && high < 1e9) high *= 2;
  for (let halving = 0; halving < 80; halving++) {
    const middle = (low + high) / 2;
    if (tailOfT(middle, freedom) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
