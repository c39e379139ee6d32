import { describe, expect, it } from 'vitest';
import { philox4x32 } from '../../src/core/philox.js';
import { bernoulli, dropout, normal, targets, uniform, useTarget } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const fastest = targets()[0] ?? 'typescript';

describe.each([...new Set([fastest, 'scalar', 'typescript'])].filter((name) => targets().includes(name)))(
  'on %s',
  (target) => {
    // The known answers of Random123, the paper's own implementation: tests/kat_vectors; the counters that offsets reach.
    it('draws the words of Philox', () => {
      useTarget(target);
      const words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
      const halves = words.map((word) => word / 2 ** 32);
      expect([...bernoulli(new Float32Array(4), { seed: 0, probability: 0.65 })]).toEqual(
        halves.map((u) => Number(u < 0.65)),
      );
      const out = uniform(new Float64Array(2), { seed: 0 });
      expect(out[0]).toBe(((words[0] >>> 5) * 2 ** 26 + (words[1] >>> 6)) / 2 ** 53);
      expect(out[1]).toBe(((words[2] >>> 5) * 2 ** 26 + (words[3] >>> 6)) / 2 ** 53);
      // Counters and keys of more than 32 bits.
      const block = 2 ** 40 + 7;
      const seed = 0x12345_89abcdef;
      const far = new Uint32Array(4);
      philox4x32([block % 2 ** 32, Math.floor(block / 2 ** 32), 0, 0], 0x89abcdef, 0x12345, far);
      const [u] = uniform(new Float64Array(1), { seed, offset: 4 * block + 2 });
      expect(u).toBe(((far[2] >>> 5) * 2 ** 26 + (far[3] >>> 6)) / 2 ** 53);
    });

    it.each([0, 1, 2, 3, 6, 2 ** 35 + 1])(
      'fills with what a generator draws one by one, from %i on',
      (position) => {
        useTarget(target);
        for (const Type of [Float32Array, Float64Array]) {
          const one = new nn.Generator(9, position);
          const expected = [
            new Type(301).map(() => one.uniform()),
            new Type(777).map(() => 3 + 0.5 * one.normal()),
            new Type(5).map(() => Number(one.uint32() < 0.4 * 2 ** 32)),
            new Type(2).map(() => -1 + 3 * one.uniform()),
          ];
          const all = new nn.Generator(9, position);
          const actual = [
            all.fillUniform(new Type(301)),
            all.fillNormal(new Type(777), { mean: 3, std: 0.5 }),
            all.fillBernoulli(new Type(5), { probability: 0.4 }),
            all.fillUniform(new Type(2), { low: -1, high: 2 }),
          ];
          expect(actual).toEqual(expected);
          expect(all.position).toBe(one.position);
          expect(all.uint32()).toBe(one.uint32());
        }
      },
    );

    it('has the tails of the normal distribution', () => {
      useTarget(target);
      const out = normal(new Float64Array(2e5), { seed: 4 });
      const share = (limit: number) => out.filter((x) => Math.abs(x) > limit).length / out.length;
      expect(Math.abs(share(1) - 0.3173)).toBeLessThan(0.004);
      expect(Math.abs(share(2) - 0.0455)).toBeLessThan(0.002);
      expect(Math.abs(share(3.5) - 0.000465)).toBeLessThan(0.0002);
    });

    it('drops with a probability, and the same elements again', () => {
      useTarget(target);
      const x = new Float32Array(10_000).fill(3);
      const options = { seed: 1, offset: 5, probability: 0.3 };
      const y = dropout(x, options);
      const dropped = bernoulli(new Float32Array(x.length), options);
      expect([...y]).toEqual([...dropped].map((one) => (one ? 0 : Math.fround(3 * Math.fround(1 / 0.7)))));
      expect(Math.abs(dropped.filter((one) => one === 1).length / x.length - 0.3)).toBeLessThan(0.02);
      expect(dropout(x, { ...options, out: x })).toBe(x);
      expect(x).toEqual(y);
      const bad = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0);
      expect([...dropout(bad, { seed: 0, probability: 1 })]).toEqual([0, 0, 0]);
      expect([...dropout(bad, { seed: 0, probability: 0 })]).toEqual([
        Number.NaN,
        Number.POSITIVE_INFINITY,
        -0,
      ]);
      for (const probability of [0, 1]) {
        const ones = bernoulli(new Float64Array(1000), { seed: 0, probability });
        expect(ones.every((one) => one === probability)).toBe(true);
      }
    });
  },
);

it('refuse what does not fit', () => {
  const out = new Float32Array(4).fill(7);
  const run = (f: (...args: never[]) => unknown, ...args: unknown[]) => {
    try {
      return Reflect.apply(f, null, args);
    } catch (error) {
      return String(error);
    }
  };
  expect(run(uniform, out, {})).toMatch(/^TypeError: seed must be a number, got undefined/);
  expect(run(uniform, out, { seed: -1 })).toMatch(
    /^RangeError: seed must be an integer of at least 0, got -1/,
  );
  expect(run(uniform, out, { seed: 1, offset: 2 ** 53 - 2 })).toMatch(
    /^RangeError: offset must leave 8 words below/,
  );
  expect(run(uniform, out, { seed: 1, low: 2 })).toMatch(
    /^RangeError: low must be at most high, which is 1, got 2/,
  );
  expect(run(uniform, out, { seed: 1, high: Number.POSITIVE_INFINITY })).toMatch(
    /^RangeError: high must be finite/,
  );
  expect(run(normal, out, { seed: 1, std: -1 })).toMatch(
    /^RangeError: std must be a finite number of at least 0/,
  );
  expect(run(normal, [1], { seed: 1 })).toMatch(/^TypeError: out must be a Float32Array/);
  expect(run(bernoulli, out, { seed: 1 })).toMatch(/^TypeError: probability must be a number/);
  expect(run(bernoulli, out, { seed: 1, probability: 1.5 })).toMatch(
    /^RangeError: probability must be in \[0, 1\], got 1.5/,
  );
  expect(run(dropout, out, { seed: 1, probability: 0.5, p: 1 })).toMatch(
    /^TypeError: dropout has no option "p"/,
  );
  expect(run(dropout, out, { seed: 1, probability: 0.5, out: out.subarray(1) })).toMatch(
    /^RangeError: out must have 4/,
  );
  expect([...out]).toEqual([7, 7, 7, 7]);
});
