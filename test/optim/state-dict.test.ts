import { describe, expect, test } from 'vitest';
import { Adam, constantWarmup, SGD } from '../../src/index.js';
import { makeParams, takeSteps } from './params.js';
import { randomNumbers } from './table.js';

describe('state dictionaries', () => {
  test('are checked before anything changes', () => {
    const params = makeParams(['a', 'b']);
    const optimizer = new Adam(params);
    takeSteps(optimizer, randomNumbers(1), 2);
    const good = optimizer.stateDict();
    const { a, b } = good.parameters;
    for (const [bad, message] of [
      [null, /state must be an object/],
      [{ ...good, optimizer: 'SGD' }, /state\.optimizer must be "Adam", got "SGD"/],
      [{ ...good, steps: -1 }, /state\.steps must be an integer of at least 0/],
      [{ ...good, parameters: { a } }, /missing \["b"\], unknown \[\]/],
      [{ ...good, parameters: { a, b, c: a } }, /unknown \["c"\]/],
      [{ ...good, parameters: { a: b, b: a } }, /parameters\["a"\]\.arrays\.m must have 5 elements, got 6/],
      [
        { ...good, parameters: { a, b: { step: 2, arrays: { m: b.arrays.m } } } },
        /arrays must be \["m", "v"\]/,
      ],
      [
        { ...good, parameters: { a, b: { ...b, arrays: { ...b.arrays, v: new Float64Array(6) } } } },
        /arrays\.v must be a Float32Array/,
      ],
      [{ ...good, schedules: [] }, /state\.schedules must be an array of 1/],
    ] as const) {
      const before = optimizer.stateDict();
      expect(() => optimizer.loadStateDict(bad)).toThrow(message);
      expect(optimizer.stateDict()).toEqual(before);
    }
  });

  test('go by name, not by position', () => {
    const [a, b] = makeParams(['a', 'b']);
    const optimizer = new Adam([a, b]);
    takeSteps(optimizer, randomNumbers(1), 2);
    const swapped = new Adam([b, a]);
    swapped.loadStateDict(optimizer.stateDict());
    expect(swapped.stateDict().parameters).toEqual(optimizer.stateDict().parameters);
  });

  test('hold the state of metric-driven schedules', () => {
    const lr = () => constantWarmup(0.1, { lr: 0.01, until: (error) => error < 0.8 });
    const optimizer = new SGD(makeParams(['a']), { lr: lr() });
    takeSteps(optimizer, randomNumbers(1), 3);
    expect(optimizer.lr).toBe(0.01);
    optimizer.observe(0.9);
    expect(optimizer.lr).toBe(0.01);
    optimizer.observe(0.7);
    expect(optimizer.lr).toBe(0.1);
    const resumed = new SGD(makeParams(['a']), { lr: lr() });
    resumed.loadStateDict(optimizer.stateDict());
    expect(resumed.lr).toBe(0.1);
  });
});
