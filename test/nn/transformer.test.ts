import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { currentTarget, targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, randomTensor } from './helpers.js';

interface Entry {
  readonly shape: number[];
  readonly value: number[];
}

/** See test/golden/README.md. */
interface Case {
  readonly kind: 'Encoder' | 'Decoder';
  readonly layers: number | null;
  readonly options: nn.TransformerLayerOptions;
  readonly inputs: readonly Entry[];
  readonly masks: Record<string, Entry & { readonly isBool: boolean }>;
  readonly parameters: Record<string, Entry>;
  readonly output: Entry;
  readonly seed: Entry;
  readonly gradients: Record<string, Entry>;
}

const path = new URL('../golden/modules.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(path, 'utf8')).transformers;
const float64 = { dtype: 'float64' } as const;

const initial = currentTarget();

function modelOf({ kind, layers, options }: Case): nn.AnyModule {
  const make = { ...options, ...float64 };
  const norm = () => new nn.LayerNorm(4, float64);
  if (kind === 'Encoder') {
    const layer = () => new nn.TransformerEncoderLayer(4, 2, make);
    return layers === null ? layer() : new nn.TransformerEncoder(layer, layers, { norm: norm() });
  }
  const layer = () => new nn.TransformerDecoderLayer(4, 2, make);
  return layers === null ? layer() : new nn.TransformerDecoder(layer, layers, { norm: norm() });
}

it.each(targets().flatMap((target) => cases.map((test, i) => [i, target, test] as const)))(
  'case %i gives what PyTorch gives, on %s',
  (_, target, test) => {
    useTarget(target);
    const model = modelOf(test);
    model.loadStateDict(
      Object.fromEntries(
        Object.entries(test.parameters).map(([name, { shape, value }]) => [
          name,
          { shape, value: Float64Array.from(value) },
        ]),
      ),
    );
    const inputs = test.inputs.map(({ value, shape }) =>
      nn.tensor(value, shape, { ...float64, requiresGrad: true }),
    );
    const masks = Object.entries(test.masks).map(([name, { value, shape, isBool }]) => [
      name,
      isBool ? Uint8Array.from(value) : nn.tensor(value, shape, float64),
    ]);
    const y = model.forward(...inputs, Object.fromEntries(masks));
    if (!(y instanceof nn.Tensor)) throw new Error('no tensor');
    expectClose(y.value, test.output.value, 'output');
    nn.sum(y.mul(nn.tensor(test.seed.value, test.seed.shape, float64))).backward();
    const leaves = new Map([
      ...inputs.map((leaf, i) => [`input${i}`, leaf] as const),
      ...model.namedParameters(),
    ]);
    expect([...leaves.keys()].sort()).toEqual(Object.keys(test.gradients).sort());
    for (const [name, { value }] of Object.entries(test.gradients)) {
      expectClose(leaves.get(name)?.grad ?? [], value, `gradient of ${name}`);
    }
  },
);

describe('masks', () => {
  const [queries, keys, heads] = [34, 270, 2];
  const [q, k] = [randomTensor([2, queries, 4], 1, false), randomTensor([2, keys, 4], 2, false)];
  const bytes = (count: number, hides: (i: number) => boolean) =>
    Uint8Array.from({ length: count }, (_, i) => (hides(i) ? 1 : 0));

  it.each(targets())('hide whole blocks of keys, on %s', (target) => {
    useTarget(target);
    // The first block of keys, and more.
    const hidden = 260;
    const mask = bytes(2 * keys, (i) => i % keys < hidden);
    const rest = nn.tensor(
      [0, 1].flatMap((b) => [...k.value.subarray((b * keys + hidden) * 4, (b + 1) * keys * 4)]),
      [2, keys - hidden, 4],
      float64,
    );
    const expected = nn.scaledDotProductAttention(q, rest, rest, { heads }).value;
    const actual = nn.scaledDotProductAttention(q, k, k, { heads, keyPaddingMask: mask });
    expectClose(actual.value, [...expected], 'output');
  });

  it.each([
    [[queries, keys]],
    [[2, 1, keys]],
    [[2, queries, keys]],
    [[2, heads, queries, keys]],
    [[2 * heads, queries, keys]],
  ])('of shape %j are the same as bytes and as numbers', (shape) => {
    useTarget(initial);
    const size = shape.reduce((a, b) => a * b);
    const mask = bytes(size, (i) => i % 7 === 3);
    const numbers = nn.tensor(
      Float64Array.from(mask, (byte) => (byte ? -Infinity : 0)),
      shape,
    );
    const attend = (attnMask: nn.AttentionMask) =>
      nn.scaledDotProductAttention(q, k, k, { heads, attnMask }).value;
    expect(attend(numbers)).toEqual(attend(mask));
    expect(attend(numbers)).not.toEqual(nn.scaledDotProductAttention(q, k, k, { heads }).value);
  });

  it('have gradients around them, with dropout and causal as well', () => {
    const x = randomTensor([2, 3, 4], 1);
    const keyPaddingMask = Uint8Array.of(0, 0, 1, 0, 0, 0);
    const attnMask = randomTensor([3, 3], 5, false);
    expectGradients(() => {
      const options = { heads, causal: true, dropout: 0.3, generator: new nn.Generator(3) };
      return nn.sum(
        nn.square(nn.scaledDotProductAttention(x, x, x, { ...options, keyPaddingMask, attnMask })),
      );
    }, [x]);
  });

  it('that leave a query no key give NaN, and are refused where they do not fit', () => {
    const x = randomTensor([1, 2, 4], 1, false);
    const y = nn.scaledDotProductAttention(x, x, x, { attnMask: Uint8Array.of(1, 1, 0, 0) }).value;
    expect([...y].map(Number.isNaN)).toEqual([true, true, true, true, false, false, false, false]);
    const attend = (options: object) => () => nn.scaledDotProductAttention(x, x, x, options);
    expect(attend({ attnMask: Uint8Array.of(1) })).toThrow(
      /attnMask must have shape \[2, 2\] or \[1, 2, 2\] or \[1, 1, 2\] or .*, got "1 elements"/,
    );
    expect(attend({ keyPaddingMask: x })).toThrow(/keyPaddingMask must have shape \[1, 2\]/);
    expect(attend({ attnMask: randomTensor([2, 2], 1) })).toThrow(/attnMask must be a constant/);
    expect(() => new nn.TransformerEncoderLayer(4, 2, { activation: Object('relu') })).toThrow(
      /activation must be "relu", "gelu" or a function/,
    );
  });
});

describe('rotary', () => {
  it('turns pairs, and has gradients', () => {
    const x = randomTensor([2, 3, 8], 1);
    const y = nn.rotary(x, { heads: 2, offset: 5, base: 100 });
    const [b, p, head, i] = [1, 2, 1, 1];
    const at = (b * 3 + p) * 8 + head * 4 + i;
    const angle = (5 + p) * 100 ** (-i / 2);
    const [first, second] = [x.value[at], x.value[at + 2]];
    expect(y.value[at]).toBeCloseTo(first * Math.cos(angle) - second * Math.sin(angle), 14);
    expect(y.value[at + 2]).toBeCloseTo(second * Math.cos(angle) + first * Math.sin(angle), 14);
    expectGradients(() => nn.sum(nn.square(nn.rotary(x, { heads: 2 }).add(x))), [x]);
  });

  it('makes products depend on the distance alone', () => {
    const [q, k] = [randomTensor([1, 6], 1, false), randomTensor([1, 6], 2, false)];
    const product = (i: number, j: number) =>
      nn.sum(nn.rotary(q, { offset: i }).mul(nn.rotary(k, { offset: j }))).item();
    expect(product(9, 4)).toBeCloseTo(product(5, 0), 12);
    expect(product(9, 4)).not.toBeCloseTo(product(9, 3), 3);
    expect(() => nn.rotary(randomTensor([2, 3], 1))).toThrow(/x must have shape \[..., positions, 1 size\]/);
  });
});

it('sinusoidal positions are sines and cosines, and added', () => {
  const table = nn.sinusoidalPositions(3, 4, { offset: 2, ...float64 });
  expect(table.shape).toEqual([3, 4]);
  expect(table.value[6]).toBeCloseTo(Math.sin(3 / 100), 14);
  expect(table.value[11]).toBeCloseTo(Math.cos(4 / 100), 14);
  expect(() => nn.sinusoidalPositions(3, 5)).toThrow(/dimension must be even, got 5/);
  const layer = new nn.SinusoidalPositions();
  for (const positions of [3, 2, 5]) {
    const x = randomTensor([2, positions, 4], 1, false);
    const expected = x.add(nn.sinusoidalPositions(positions, 4, float64)).value;
    expect(layer.forward(x).value).toEqual(expected);
  }
  expect(layer.namedBuffers()).toEqual([]);
});
