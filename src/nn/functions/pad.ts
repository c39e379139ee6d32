import { type Dimension, inTurn, whole } from '../../array/pieces.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger, checkNumber, checkOneOf, show } from '../../core/validate.js';
import { checkTensor, type Tensor } from '../engine/tensor.js';
import { pick } from './pick.js';

/** See {@link pad}. */
export interface PadOptions {
  /**
   * What stands outside of x: `value`; x mirrored at its first and last element, which are not repeated; these elements; or x
   * over again. Default 'constant'.
   */
  readonly mode?: keyof typeof MODES;
  /** For 'constant'. Default 0. */
  readonly value?: number;
}

const OPTIONS: OptionNames<PadOptions> = { mode: true, value: true };

/** A dimension of length n with `left` elements before it and `right` behind. Those below 0 take as many away. */
type Mode = (n: number, left: number, right: number) => Dimension;

/** What is left of x itself. */
function kept(n: number, left: number, right: number): [start: number, step: number, count: number] {
  const [less, fewer] = [Math.max(0, -left), Math.max(0, -right)];
  return [less, 1, n - less - fewer];
}

/** Of x what `before` and `behind` say on either side of what is left. */
function around(
  limit: (n: number) => number,
  before: (n: number, count: number) => [start: number, step: number],
  behind: (n: number, count: number) => [start: number, step: number],
): Mode {
  return (n, left, right) => {
    const most = limit(n);
    if (left > most || right > most) {
      throw new RangeError(
        `widths must be at most ${most} for a length of ${n}, got ${Math.max(left, right)}`,
      );
    }
    const [first, last] = [Math.max(0, left), Math.max(0, right)];
    return inTurn([...before(n, first), first], kept(n, left, right), [...behind(n, last), last]);
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

/**
 * x with something before and behind it. The gradient of what stands outside goes to the elements it was made of.
 * @param widths how many before and how many behind, for the last dimension first, as PyTorch has it: [left, right] pads the
 *   last one, [0, 0, left, right, top, bottom] the rows and columns of images, whose channels are last. Those below 0 take
 *   elements away.
 * @throws RangeError where nothing would be left, or where a width is more than there is to mirror (length - 1) or to go over
 *   again (length).
 */
export function pad(x: Tensor, widths: readonly number[], options: PadOptions = {}): Tensor {
  checkTensor('x', x);
  checkOptions('pad', options, OPTIONS);
  const { mode = 'constant', value = 0 } = options;
  checkOneOf('mode', mode, Object.keys(MODES));
  checkNumber('value', value);
  const { shape } = x;
  const rank = shape.length;
  const given = readWidths(widths, rank);
  const dimensions = shape.map((length, d) => {
    const left = given[2 * (rank - 1 - d)] ?? 0;
    const right = given[2 * (rank - 1 - d) + 1] ?? 0;
    if (left === 0 && right === 0) return whole(length);
    if (length + left + right < 1 || (mode !== 'constant' && kept(length, left, right)[2] < 1)) {
      throw new RangeError(`widths must leave an element of ${length}, got ${left} and ${right}`);
    }
    return MODES[mode](length, left, right);
  });
  return pick('pad', x, dimensions, { value });
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
