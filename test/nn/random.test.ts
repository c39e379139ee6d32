import { describe, expect, it } from 'vitest';
import { logarithm, normalQuantile } from '../../src/core/normal-quantile.js';
import { philox4x32 } from '../../src/core/philox.js';
import * as nn from '../../src/nn/index.js';

const all = 0xffffffff;

describe('Philox4x32-10', () => {
  // The known answers of Random123, the paper's own implementation: tests/kat_vectors.
  it.each([
    { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    {
      counter: [all, all, all, all],
      key: [all, all],
      words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const)('counter $counter, key $key', ({ counter, key, words }) => {
    const actual = new Uint32Array(4);
    philox4x32(counter, key[0], key[1], actual);
    expect([...actual]).toEqual(words);
  });
});

describe('normalQuantile', () => {
  // From Python's statistics.NormalDist().inv_cdf.
  it.each([
    [1e-300, -37.0470962993612],
    [2 ** -54, -8.292361075813595],
    [1e-5, -4.2648907939228256],
    [0.074, -1.4466320671589785],
    [0.0751, -1.4388253927525398],
    [0.5, 0],
    [0.6, 0.2533471031357997],
    [0.9999, 3.7190164854557084],
  ])('of %d', (p, x) => {
    expect(Math.abs(normalQuantile(p) - x)).toBeLessThanOrEqual(4e-16 * Math.abs(x));
  });

  it('has a logarithm within 2^-51 of the true one', () => {
    const generator = new nn.Generator(1);
    for (let i = 0; i < 10_000; i++) {
      const x = (1 + generator.uniform()) * 2 ** (generator.integer(2000) - 1000);
      expect(Math.abs(logarithm(x) / Math.log(x) - 1)).toBeLessThan(2 ** -51);
    }
    expect(logarithm(1)).toBe(0);
  });
});

describe('Generator', () => {
  it('gives the words of Philox in order, under its seed', () => {
    const words = (generator: nn.Generator, count: number) =>
      Array.from({ length: count }, () => generator.uint32());
    expect(words(new nn.Generator(0), 4)).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const seed = 0x12345_89abcdef;
    const second = new Uint32Array(4);
    philox4x32([1, 0, 0, 0], 0x89abcdef, 0x12345, second);
    expect(words(new nn.Generator(seed), 8).slice(4)).toEqual([...second]);
  });

  it.each([0, 1, 4, 7, 2 ** 40 + 3])('resumes from position %i', (position) => {
    const original = new nn.Generator(5, position);
    const head = [original.uint32(), original.uniform(), original.normal()];
    const resumed = new nn.Generator(5, original.position);
    expect(original.position).toBe(position + 5);
    expect([original.uint32(), original.normal()]).toEqual([resumed.uint32(), resumed.normal()]);
    const again = new nn.Generator(5, position);
    expect([again.uint32(), again.uniform(), again.normal()]).toEqual(head);
  });

  it('gives the same bits everywhere', () => {
    const generator = new nn.Generator(42);
    const drawn = [generator.uniform(), generator.normal(), generator.normal(), generator.integer(1000)];
    expect(drawn).toMatchInlineSnapshot(`
      [
        0.6129598801477738,
        -1.452137151120927,
        2.2482116571565123,
        94,
      ]
    `);
    expect([...generator.permutation(10)]).toMatchInlineSnapshot(`
      [
        0,
        8,
        2,
        7,
        6,
        5,
        9,
        3,
        4,
        1,
      ]
    `);
  });

  it('draws uniform and normal numbers with the right moments', () => {
    const generator = new nn.Generator(7);
    const n = 100_000;
    const moments = (draw: () => number) => {
      const sums = [0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const x = draw();
        for (let k = 0; k < 4; k++) sums[k] += x ** (k + 1) / n;
      }
      return sums;
    };
    for (const [k, moment] of moments(() => generator.uniform()).entries()) {
      expect(Math.abs(moment - 1 / (k + 2))).toBeLessThan(0.005);
    }
    for (const [k, moment] of moments(() => generator.normal()).entries()) {
      expect(Math.abs(moment - ([0, 1, 0, 3][k] ?? 0))).toBeLessThan(0.1);
    }
  });

  it('permutes without bias', () => {
    const generator = new nn.Generator(3);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = generator.permutation(3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect([...generator.permutation(100)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  it('passes over words that would make small numbers likelier', () => {
    // A quarter of all words are at or above three quarters of 2^32, beyond which numbers below that would repeat.
    const below = 3 * 2 ** 30;
    const words = new nn.Generator(9);
    const fair = Array.from({ length: 400 }, () => words.uint32()).filter((word) => word < below);
    const generator = new nn.Generator(9);
    expect(fair.map(() => generator.integer(below))).toEqual(fair);
    expect(fair.length).toBeLessThan(350);
    // The second word of seed 0 is 0xe169c58d, the third 0xbc57ac4c: the bound itself is the first that is not fair.
    expect(new nn.Generator(0, 1).integer(0xe169c58d)).toBe(0xbc57ac4c);
    expect(new nn.Generator(0, 1).integer(0xe169c58e)).toBe(0xe169c58d);
    expect(new nn.Generator(0, 1).integer(2 ** 32)).toBe(0xe169c58d);
    expect(new nn.Generator(0, 1).integer(1)).toBe(0);
  });

  it('makes a permutation of such numbers, the last place first', () => {
    const generator = new nn.Generator(4);
    const order = [0, 1, 2, 3, 4, 5, 6];
    for (let last = 6; last > 0; last--) {
      const other = generator.integer(last + 1);
      [order[last], order[other]] = [order[other], order[last]];
    }
    const permuted = new nn.Generator(4);
    expect([...permuted.permutation(7)]).toEqual(order);
    expect(permuted.position).toBe(generator.position);
    expect([...new nn.Generator(4).permutation(0), ...new nn.Generator(4).permutation(1)]).toEqual([0]);
  });

  it('refuses seeds and bounds that are none', () => {
    expect(() => new nn.Generator(-1)).toThrow(/seed must be an integer of at least 0, got -1/);
    expect(() => new nn.Generator(0, 0.5)).toThrow(/position must be an integer/);
    expect(() => new nn.Generator(0).integer(0)).toThrow(/below must be an integer of at least 1, got 0/);
    expect(() => new nn.Generator(0).integer(2 ** 33)).toThrow(/below must be at most 2\^32/);
  });
});

describe('init', () => {
  const deviation = (values: ArrayLike<number>) =>
    Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0) / values.length);
  const fresh = () => nn.tensor(new Float64Array(200 * 300), [200, 300]);

  it.each<[keyof typeof nn.init, object, number]>([
    ['kaimingUniform', {}, Math.sqrt(2 / 300)],
    ['kaimingNormal', { nonlinearity: 'relu' }, Math.sqrt(2 / 300)],
    ['kaimingNormal', { mode: 'fanOut', nonlinearity: 'tanh' }, 5 / 3 / Math.sqrt(200)],
    ['kaimingUniform', { a: 1 }, Math.sqrt(1 / 300)],
    ['xavierUniform', {}, Math.sqrt(2 / 500)],
    ['xavierNormal', { gain: 3 }, 3 * Math.sqrt(2 / 500)],
  ])('%s %o has the right spread', (name, options, expected) => {
    const weight = fresh();
    const generator = new nn.Generator(1);
    expect(Reflect.apply(nn.init[name], null, [weight, { ...options, generator }])).toBe(weight);
    expect(deviation(weight.value) / expected).toBeGreaterThan(0.99);
    expect(deviation(weight.value) / expected).toBeLessThan(1.01);
    const largest = Array.from(weight.value).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    if (name.endsWith('Uniform')) expect(largest).toBeLessThanOrEqual(Math.sqrt(3) * expected);
    else expect(largest).toBeGreaterThan(3 * expected);
  });

  // As PyTorch's _calculate_fan_in_and_fan_out has it for [outputs, inputs, height, width], which are here
  // [outputs, height, width, inputs].
  it.each<[keyof typeof nn.init, object, number]>([
    ['kaimingUniform', {}, Math.sqrt(2 / (5 * 3 * 30))],
    ['kaimingNormal', { mode: 'fanOut' }, Math.sqrt(2 / (80 * 5 * 3))],
    ['xavierUniform', {}, Math.sqrt(2 / (5 * 3 * 30 + 80 * 5 * 3))],
    ['xavierNormal', { gain: 2 }, 2 * Math.sqrt(2 / (5 * 3 * 30 + 80 * 5 * 3))],
  ])('%s %o knows the inputs and outputs of a kernel with its channels last', (name, options, expected) => {
    const weight = nn.tensor(new Float64Array(80 * 5 * 3 * 30), [80, 5, 3, 30]);
    Reflect.apply(nn.init[name], null, [weight, { ...options, generator: new nn.Generator(1) }]);
    expect(deviation(weight.value) / expected).toBeGreaterThan(0.98);
    expect(deviation(weight.value) / expected).toBeLessThan(1.02);
  });

  it('repeats after manualSeed()', () => {
    const draw = () => [new nn.Linear(3, 2), new nn.Linear(3, 2)].map(({ weight }) => weight.value);
    nn.manualSeed(5);
    const [first, second] = draw();
    expect(first).not.toEqual(second);
    nn.manualSeed(5);
    expect(draw()).toEqual([first, second]);
    nn.manualSeed(6);
    expect(draw()[0]).not.toEqual(first);
  });

  it('refuses what does not fit, and leaves the weight', () => {
    const weight = fresh();
    const run =
      (name: keyof typeof nn.init, ...args: unknown[]) =>
      () =>
        Reflect.apply(nn.init[name], null, args);
    expect(run('kaimingUniform', nn.tensor([1]))).toThrow(
      /weight must have shape \[outputs, \.\.\., inputs\], got \[1\]/,
    );
    expect(run('kaimingUniform', weight, { mode: 'in' })).toThrow(
      /mode must be 'fanIn' or 'fanOut', got "in"/,
    );
    expect(run('kaimingNormal', weight, { nonlinearity: 'gelu' })).toThrow(
      /nonlinearity must be one of .* got "gelu"/,
    );
    expect(run('xavierUniform', weight, { gain: -1 })).toThrow(
      /gain must be a finite number of at least 0, got -1/,
    );
    expect(run('normal', weight, 0, Number.NaN)).toThrow(/deviation must be/);
    expect(run('uniform', [1])).toThrow(/tensor must be a Tensor/);
    expect(weight.value.every((x) => x === 0)).toBe(true);
  });
});
