// The examples at a small size: they run, and learn what they say.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainTransformer } from '../../examples/char-transformer.js';
import { trainTogether } from '../../examples/distributed-mnist.js';
import { cooccurrences, trainGlove } from '../../examples/glove.js';
import { trainMnist } from '../../examples/mnist-mlp.js';
import { trainResnet } from '../../examples/mnist-resnet.js';
import { fitCurve } from '../../examples/tfjs-curve.js';
import { trainTfjsMnist } from '../../examples/tfjs-mnist.js';
import { close, init } from '../../src/distributed/index.js';

describe('mnist-mlp', () => {
  it('reads most digits after a small part of the data', async () => {
    const { epochs } = await trainMnist({ rows: 3000, epochs: 2, hidden: 64, progress: false });
    expect(epochs.at(-1)?.validation?.metrics.accuracy).toBeGreaterThan(0.85);
  });
});

describe('distributed-mnist', () => {
  it('trains in a process on its own', async () => {
    await init();
    const digest = await trainTogether({ rows: 1000, epochs: 1, hidden: 32, progress: false });
    await close();
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('mnist-resnet', () => {
  it('reads most digits after a very small part of the data', async () => {
    const small = { rows: 1000, epochs: 2, channels: 8, batchSize: 16, progress: false };
    const { epochs } = await trainResnet(small);
    expect(epochs.at(-1)?.validation?.metrics.accuracy).toBeGreaterThan(0.7);
  });
});

describe('glove', () => {
  it('counts what is near, by distance', () => {
    const { x, y } = cooccurrences([0, 1, 2, 0], 3, 2);
    const counts = Array.from(y.value, (count, i) => [...x.value.slice(2 * i, 2 * i + 2), count]);
    expect(counts.sort().map(String)).toEqual(
      [
        [0, 1, 1.5],
        [0, 2, 1.5],
        [1, 0, 1.5],
        [1, 2, 1],
        [2, 0, 1.5],
        [2, 1, 1],
      ].map(String),
    );
  });

  it('brings words together that have the same neighbours', async () => {
    const generator = [...'abcdefghijklmnop'];
    // Two kinds of sentences, in which two words stand for each other.
    const text = Array.from({ length: 400 }, (_, i) => {
      const noise = generator[(7 * i) % generator.length];
      return i % 2 === 0
        ? `the ${i % 4 === 0 ? 'cat' : 'dog'} drinks milk ${noise}`
        : `a ${i % 4 === 1 ? 'car' : 'bus'} needs fuel ${noise}`;
    }).join(' ');
    const glove = await trainGlove({ text, dimension: 8, window: 3, epochs: 150, progress: false });
    expect(glove.nearest('cat', 3)).toContain('dog');
    expect(glove.nearest('bus', 3)).toContain('car');
  });

  it('learns from the text that comes with it, the same bits every time', async () => {
    const [first, second] = [
      await trainGlove({ epochs: 4, progress: false }),
      await trainGlove({ epochs: 4, progress: false }),
    ];
    const losses = first.history.epochs.map(({ loss }) => loss);
    expect(losses[3]).toBeLessThan(0.7 * (losses[0] ?? 0));
    expect(second.history.epochs.map(({ loss }) => loss)).toEqual(losses);
    expect(first.nearest('alice', 3)).toHaveLength(3);
    expect(() => first.nearest('xyz', 3)).toThrow(/does not have the word "xyz"/);
  });
});

describe('char-transformer', () => {
  it('learns to write a simple text on', async () => {
    const small = { positions: 12, dimension: 32, heads: 2, layers: 1, progress: false };
    const { history, write } = await trainTransformer({
      text: 'abcdefgh. '.repeat(40),
      epochs: 30,
      ...small,
    });
    expect(history.epochs.at(-1)?.loss).toBeLessThan(0.3);
    expect(write('abc', 30)).toBe('abcdefgh. abcdefgh. abcdefgh. abc');
    expect(() => write('xyz', 1)).toThrow(/does not have the letter "x"/);
  });

  it('learns from the text that comes with it', async () => {
    const { history, write } = await trainTransformer({
      epochs: 2,
      dimension: 32,
      layers: 1,
      progress: false,
    });
    const [first, second] = history.epochs;
    expect(second?.loss).toBeLessThan(first?.loss ?? 0);
    expect(write('Alice', 20)).toHaveLength(25);
  });
});

describe('tfjs-mnist', () => {
  it('reads most digits after a small part of the data, and saves what it has learnt', async () => {
    const save = mkdtempSync(join(tmpdir(), 'lockstep-digits-'));
    const { history } = await trainTfjsMnist({ rows: 3000, epochs: 2, progress: false, save });
    expect(history.val_acc.at(-1)).toBeGreaterThan(0.75);
    expect(existsSync(join(save, 'model.json'))).toBe(true);
    rmSync(save, { recursive: true });
  });
});

describe('tfjs-curve', () => {
  it('finds the curve that the points were made from', () => {
    const { found, truth } = fitCurve({ progress: false });
    found.forEach((coefficient, i) => {
      expect(coefficient).toBeCloseTo(truth[i], 1);
    });
  });
});
