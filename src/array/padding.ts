import type { Shape } from '../core/shapes.js';
import { checkInteger, checkOneOf, show } from '../core/validate.js';
import { type Dimension, inTurn, whole } from './pieces.js';

/**
 * What stands around an array: a number; the array mirrored at its first and last element, which are not repeated; these elements;
 * or the array over again.
 */
export type PadMode = keyof typeof MODES;

/** A dimension of length n with `left` elements before it and `right` behind. Those below 0 take as many away. */
type Mode = (n: number, left: number, right: number) => Dimension;

type Stretch = readonly [start: number, step: number];

/** What is left of the array itself. */
function kept(n: number, left: number, right: number): [start: number, step: number, count: number] {
  const [less, fewer] = [Math.max(0, -left), Math.max(0, -right)];
  return [less, 1, n - less - fewer];
}

/** What `before` and `behind` say on either side of what is left, each at most `limit` long. */
function around(
  limit: (n: number) => number,
  before: (n: number, count: number) => Stretch,
  behind: (n: number) => Stretch,
): Mode {
  return (n, left, right) => {
    const most = limit(n);
    if (left > most || right > most) {
      throw new RangeError(
        `widths must be at most ${most} for a length of ${n}, got ${Math.max(left, right)}`,
      );
    }
    const [first, last] = [Math.max(0, left), Math.max(0, right)];
    return inTurn([...before(n, first), first], kept(n, left, right), [...behind(n), last]);
  };
}

const MODES = {
  constant: (n, left, right) => {
    const [start, step, count] = kept(n, left, right);
    const runs = count > 0 ? [{ at: Math.max(0, left), start, step, count }] : [];
    return { length: n + left + right, runs };
  },
  reflect: around(
    (n) => n - 1,
    (_, count) => [count, -1],
    (n) => [n - 2, -1],
  ),
  replicate: around(
    () => Number.POSITIVE_INFINITY,
    () => [0, 0],
    (n) => [n - 1, 0],
  ),
  circular: around(
    (n) => n,
    (n, count) => [n - count, 1],
    () => [0, 1],
  ),
} as const satisfies Record<string, Mode>;

/** The dimensions of a padded array. @param widths before and behind, of the last dimension first. */
export function padded(shape: Shape, widths: unknown, mode: PadMode): Dimension[] {
  checkOneOf('mode', mode, Object.keys(MODES));
  const rank = shape.length;
  const given = readWidths(widths, rank);
  return shape.map((length, d) => {
    const left = given[2 * (rank - 1 - d)] ?? 0;
    const right = given[2 * (rank - 1 - d) + 1] ?? 0;
    if (left === 0 && right === 0) return whole(length);
    if (length + left + right < 1 || (mode !== 'constant' && kept(length, left, right)[2] < 1)) {
      throw new RangeError(`widths must leave an element of ${length}, got ${left} and ${right}`);
    }
    return MODES[mode](length, left, right);
  });
}

function readWidths(widths: unknown, rank: number): number[] {
  if (!Array.isArray(widths) || widths.length % 2 !== 0 || widths.length > 2 * rank) {
    throw new RangeError(
      `widths must be pairs of numbers for ${rank} dimensions at most, got ${show(widths)}`,
    );
  }
  return Array.from(widths, (width: unknown, i) => {
    checkInteger(`widths[${i}]`, width, Number.MIN_SAFE_INTEGER);
    return width;
  });
}
