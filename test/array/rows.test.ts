import { describe, expect, it } from 'vitest';
import { gatherRows, scatterAddRows, targets, useTarget } from '../../src/index.js';

const fastest = targets()[0] ?? 'typescript';

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  it('gather and scatter rows', () => {
    useTarget(target);
    const source = Float32Array.of(1, 2, 3, 4, 5, 6);
    const indices = Int32Array.of(2, 0, 2);
    const rows = gatherRows(source, indices, { columns: 2 });
    expect([...rows]).toEqual([5, 6, 1, 2, 5, 6]);
    const out = new Float32Array(8).fill(1);
    expect(scatterAddRows(rows, indices, { columns: 2, out })).toBe(out);
    expect([...out]).toEqual([2, 3, 1, 1, 11, 13, 1, 1]);
    expect(gatherRows(source, new Int32Array(0), { columns: 3 })).toEqual(new Float32Array(0));
  });

  it('adds to a row in the order of the indices', () => {
    useTarget(target);
    const out = Float32Array.of(0);
    scatterAddRows(Float32Array.of(1e8, 1, -1e8, 1), new Int32Array(4), { columns: 1, out });
    expect(out[0]).toBe(1);
  });
});

describe('refuse', () => {
  const six = new Float32Array(6);
  it.each<[string, RegExp, ...unknown[]]>([
    [
      'an index that is too large',
      /^RangeError: indices\[1\] must be .* from 0 to 2, got 3/,
      six,
      Int32Array.of(0, 3),
      { columns: 2 },
    ],
    ['a negative index', /^RangeError: indices\[0\] .* got -1/, six, Int32Array.of(-1), { columns: 2 }],
    ['other indices', /^TypeError: indices must be an Int32Array, got \[0\]/, six, [0], { columns: 2 }],
    [
      'rows that are none',
      /^RangeError: source must have whole rows of 4 elements, got 6/,
      six,
      Int32Array.of(0),
      { columns: 4 },
    ],
    ['no columns', /^TypeError: columns must be a number/, six, Int32Array.of(0), {}],
    [
      'out of another length',
      /^RangeError: out must have 2 elements/,
      six,
      Int32Array.of(0),
      { columns: 2, out: six },
    ],
    [
      'out in source',
      /^RangeError: out must not share memory/,
      six,
      Int32Array.of(0, 1, 2),
      { columns: 2, out: six },
    ],
  ])('%s', (_, message, ...args) => {
    expect(caught(() => Reflect.apply(gatherRows, null, args))).toMatch(message);
  });

  it('to scatter what does not fit', () => {
    const out = new Float32Array(4);
    const run = (...args: unknown[]) => caught(() => Reflect.apply(scatterAddRows, null, args));
    expect(run(six, Int32Array.of(0), { columns: 2, out })).toMatch(
      /^RangeError: source must have 1 rows of 2/,
    );
    expect(run(six, Int32Array.of(0, 1, 2), { columns: 2, out })).toMatch(/^RangeError: indices\[2\]/);
    expect(run(six, Int32Array.of(0, 1, 0), { columns: 2 })).toMatch(
      /^TypeError: out must be a Float32Array/,
    );
    expect(run(new Float64Array(2), Int32Array.of(0), { columns: 2, out })).toMatch(
      /^TypeError: out must be/,
    );
    expect([...out]).toEqual([0, 0, 0, 0]);
  });
});

function caught(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return String(error);
  }
}
