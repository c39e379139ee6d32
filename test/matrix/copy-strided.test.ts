// Elements moved to other places: on every target the bytes that a plain loop moves, and nothing else changes.
import { expect, it } from 'vitest';
import { Generator } from '../../src/array/generator.js';
import { kernels, targets, useTarget, useThreads } from '../../src/backend/select.js';
import { bytesOf, elementTypes } from './elements.js';

type Four = [number, number, number, number];

interface Strides {
  readonly sizes: Four;
  readonly xStart: number;
  readonly x: Four;
  readonly outStart: number;
  readonly out: Four;
}

const last = (sizes: Four, start: number, steps: Four) =>
  sizes.reduce((place, size, d) => place + Math.max(0, steps[d]) * (size - 1), start);

/** Steps of x in any direction, those of out side by side or with gaps. */
function draw(generator: Generator, most: number): Strides {
  const four = (f: (d: number) => number): Four => [f(0), f(1), f(2), f(3)];
  const sizes = four(() => 1 + generator.integer(most));
  const x = four(() => generator.integer(7) - 3);
  const back = x.reduce((sum, step, d) => sum + Math.max(0, -step) * (sizes[d] - 1), 0);
  const out: Four = [0, 0, 0, 0];
  let inside = 1;
  for (let d = 3; d >= 0; d--) {
    out[d] = inside + Math.max(0, generator.integer(5) - 2);
    inside += (sizes[d] - 1) * out[d];
  }
  return { sizes, xStart: back + generator.integer(3), x, outStart: generator.integer(4), out };
}

function call({ sizes, xStart, x, outStart, out }: Strides, source: Elements, target: Elements): void {
  kernels().copyStrided(...sizes, xStart, ...x, outStart, ...out, source, target);
}
type Elements = InstanceType<(typeof elementTypes)[number]>;

/** The bytes that `target` has afterwards. */
function expected({ sizes, xStart, x, outStart, out }: Strides, source: Elements, target: Elements): Buffer {
  const [from, to] = [bytesOf(source), Buffer.from(bytesOf(target))];
  const size = source.BYTES_PER_ELEMENT;
  const [n0, n1, n2, n3] = sizes;
  for (let i = 0; i < n0 * n1 * n2 * n3; i++) {
    const index = [
      Math.floor(i / (n1 * n2 * n3)),
      Math.floor(i / (n2 * n3)) % n1,
      Math.floor(i / n3) % n2,
      i % n3,
    ];
    const place = (start: number, steps: Four) => index.reduce((sum, k, d) => sum + k * steps[d], start);
    from.copy(to, size * place(outStart, out), size * place(xStart, x), size * (place(xStart, x) + 1));
  }
  return to;
}

const special: readonly Strides[] = [
  // One run, longer than a piece of work; the same backwards, of one number, and every third.
  { sizes: [1, 1, 1, 100_003], xStart: 1, x: [0, 0, 0, 1], outStart: 2, out: [0, 0, 0, 1] },
  { sizes: [1, 1, 1, 100_003], xStart: 100_002, x: [0, 0, 0, -1], outStart: 0, out: [0, 0, 0, 1] },
  { sizes: [1, 1, 1, 100_003], xStart: 5, x: [0, 0, 0, 0], outStart: 0, out: [0, 0, 0, 1] },
  { sizes: [1, 1, 1, 50_001], xStart: 0, x: [0, 0, 0, 3], outStart: 1, out: [0, 0, 0, 2] },
  // Neighbours that merge; runs of some elements beside gaps; a column after the other.
  { sizes: [7, 5, 60, 33], xStart: 0, x: [9900, 1980, 33, 1], outStart: 0, out: [9900, 1980, 33, 1] },
  { sizes: [3, 1, 500, 40], xStart: 3, x: [20_000, 0, 40, 1], outStart: 9, out: [30_000, 0, 60, 1] },
  { sizes: [1, 1, 40, 5000], xStart: 0, x: [0, 0, 1, 40], outStart: 0, out: [0, 0, 5000, 1] },
  { sizes: [1, 1, 1, 1], xStart: 2, x: [9, -9, 9, 9], outStart: 1, out: [0, -1, 0, 0] },
];

it.each(targets())('%s moves the bits of every element to its place', (target) => {
  useTarget(target);
  const generator = new Generator(7);
  const drawn = Array.from({ length: 200 }, (_, i) => draw(generator, i % 40 === 0 ? 24 : 6));
  for (const strides of [...special, ...drawn]) {
    for (const Type of elementTypes) {
      const source = new Type(last(strides.sizes, strides.xStart, strides.x) + 1);
      const bytes = bytesOf(source);
      // Any bits: among them NaN of every kind.
      for (let i = 0; i < bytes.length; i++) bytes[i] = i % 7 === 0 ? i : 255 - (i % 3);
      const target = new Type(last(strides.sizes, strides.outStart, strides.out) + 1).fill(1);
      const wanted = expected(strides, source, target);
      useThreads(1 + generator.integer(3));
      call(strides, source, target);
      expect(bytesOf(target).equals(wanted), `${Type.name} ${JSON.stringify(strides)}`).toBe(true);
    }
  }
});

it.each(targets())('%s does nothing where a size is 0', (target) => {
  useTarget(target);
  const [source, out] = [new Int32Array(0), new Int32Array(0)];
  call({ sizes: [3, 0, 2, 5], xStart: 9, x: [-1, -1, -1, -1], outStart: 9, out: [0, 0, 0, 0] }, source, out);
});

it.each(targets().filter((target) => target !== 'typescript'))(
  '%s refuses steps that leave an array, or meet',
  (target) => {
    useTarget(target);
    const [source, out] = [new Float32Array(10), new Float32Array(10)];
    const rows = (xStart: number, x: Four, outStart: number, steps: Four) => () =>
      call({ sizes: [1, 1, 2, 5], xStart, x, outStart, out: steps }, source, out);
    const [forwards, backwards]: Four[] = [
      [0, 0, 5, 1],
      [0, 0, -5, -1],
    ];
    expect(rows(9, backwards, 0, forwards)).not.toThrow();
    expect(rows(8, backwards, 0, forwards)).toThrow('copyStrided: xStart must be at least 9, got 8');
    expect(rows(10, backwards, 0, forwards)).toThrow('copyStrided: x must hold at least 11 elements, got 10');
    expect(rows(1, forwards, 0, forwards)).toThrow('copyStrided: x must hold at least 11 elements, got 10');
    expect(rows(0, forwards, 1, forwards)).toThrow('copyStrided: out must hold at least 11 elements, got 10');
    const meeting = 'copyStrided: the steps of out must each reach over the dimensions after it';
    expect(rows(0, forwards, 0, [0, 0, 4, 1])).toThrow(meeting);
    expect(rows(0, forwards, 0, [0, 0, 5, 0])).toThrow(meeting);
    expect(rows(0, forwards, 9, [0, 0, 5, -1])).toThrow(meeting);
    const whole = 2 ** 53 - 1;
    expect(rows(0, [0, 0, whole, whole], 0, forwards)).toThrow('x must hold at least');
    expect(rows(0, [0, 0, -whole, -whole], 0, forwards)).toThrow('xStart must be at least');
    expect(rows(0, forwards, 0, [0, 0, whole, 1])).toThrow('out must hold at least');
    expect(() => kernels().copyStrided(1, 1, 2, 5, 0, 0, 0, 5, 1, 0, 0, 0, 5, 1, source, source)).toThrow(
      'overlaps',
    );
    expect(out.every((value) => value === 0)).toBe(true);
  },
);
