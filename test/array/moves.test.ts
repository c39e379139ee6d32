import { beforeAll, describe, expect, it } from 'vitest';
import { currentTarget, useTarget } from '../../src/backend/select.js';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

// Moves on arrays: those of tensors, which test/nn/moving.test.ts holds to PyTorch, and what only arrays have.

const fastest = currentTarget();

const { slice, flip, roll, pad, tile, cat, cumsum, cumprod } = lockstep;
type Move = [
  name: string,
  array: (x: lockstep.FloatArray, shape: number[]) => lockstep.FloatArray,
  (x: nn.Tensor) => nn.Tensor,
];

const moves: Move[] = [
  [
    'slice',
    (x, shape) => slice(x, { shape, axis: -1, start: -1, step: -2 }),
    (x) => x.slice(-1, -1, undefined, -2),
  ],
  ['flip', (x, shape) => flip(x, { shape, axes: [0, 1] }), (x) => x.flip([0, 1])],
  ['flip of all', (x, shape) => flip(x, { shape }), (x) => x.flip(x.shape.map((_, d) => d))],
  ['roll', (x, shape) => roll(x, { shape, shifts: [1, 7], axes: [0, -1] }), (x) => x.roll([1, 7], [0, -1])],
  ['roll of all', (x, shape) => roll(x, { shape, shifts: -3 }), (x) => x.roll(-3)],
  ['tile', (x, shape) => tile(x, { shape, counts: [2, 3] }), (x) => x.tile([2, 3])],
  ['cat', (x, shape) => cat([x, x], { shapes: [shape, shape], axis: 1 }), (x) => nn.cat([x, x], 1)],
  ['cumsum', (x, shape) => cumsum(x, { shape, axis: 1 }), (x) => x.cumsum(1)],
  ['cumprod', (x, shape) => cumprod(x, { shape, axis: 0 }), (x) => x.cumprod(0)],
  ...(['reflect', 'replicate', 'circular', 'constant'] as const).map((mode): Move => {
    const widths = [1, 2, 0, 1];
    const options = { mode, value: 7 };
    return [mode, (x, shape) => pad(x, { shape, widths, ...options }), (x) => nn.pad(x, widths, options)];
  }),
];

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  beforeAll(() => useTarget(target));

  it.each(moves)('%s is that of tensors', (_, ofArray, ofTensor) => {
    for (const shape of [
      [2, 3],
      [3, 4, 5],
      [2, 3, 2, 2, 3],
      [40, 30],
    ]) {
      const x = nn.randn(shape, { dtype: 'float64', generator: new nn.Generator(1) });
      expect(ofArray(x.value, shape)).toEqual(ofTensor(x).value);
    }
  });
});

it('writes to out, and refuses one that is in the way', () => {
  const x = Float32Array.of(1, 2, 3);
  const out = new Float32Array(3);
  expect(flip(x, { out })).toBe(out);
  expect([...out]).toEqual([3, 2, 1]);
  expect([...cumsum(x, { out: x })]).toEqual([1, 3, 6]);
  expect([...cat([x, out])]).toEqual([1, 3, 6, 3, 2, 1]);
  expect(() => flip(x, { out: x })).toThrow('out must not share memory with x');
  expect(() => pad(x, { widths: [1, 1], out })).toThrow('out must have 5 elements, got 3');
  expect(() => slice(x, { start: 3 })).toThrow('the slice must have an element');
  expect(() => slice(x, { shape: [2, 2] })).toThrow('shape must hold the 3 elements');
  expect(() => roll(x, { shape: [2], shifts: 1 })).toThrow('shape must hold the 3 elements');
  expect(() => cat([x, new Float64Array(1)])).toThrow('arrays[1] must be a Float32Array');
  expect(() => cat([])).toThrow('arrays must be an array of at least one array');
  expect(() => cat([x, x], { shapes: [[3]] })).toThrow('shapes must have one shape for each of 2 arrays');
  expect(() =>
    cat([x, out], {
      shapes: [
        [1, 3],
        [3, 1],
      ],
    }),
  ).toThrow('shapes[1] must be [1, 3] as the first');
});
