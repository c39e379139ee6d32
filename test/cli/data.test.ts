import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DataOptions, loadData, sharedData, validationOf } from '../../src/cli/compare/data.js';
import { writeNpy } from '../../src/data/index.js';
import { temporaryFolder } from './run-cli.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

const load = async (options: Partial<DataOptions>) =>
  (await loadData({ data: null, label: null, regression: false, image: null, seed: 0, ...options })).data;

/** Mean and deviation of a column. */
function moments(values: Float32Array | Int32Array, columns: number, column: number) {
  const own = Array.from(values).filter((_, index) => index % columns === column);
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  return {
    mean,
    deviation: Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length),
  };
}

describe('the data of a study', () => {
  const rows = Array.from({ length: 50 }, (_, row) => [row, row % 7, 3 * row + 10]);
  writeFileSync(at('a.csv'), `x,y,price\n${rows.map((row) => row.join()).join('\n')}\n`);

  it('are numbers of a table, all brought to mean 0 and deviation 1 by those learnt from', async () => {
    const data = await load({ data: at('a.csv'), label: 'price', regression: true });
    expect([data.kind, data.columns, data.classes, data.train.rows, data.test.rows]).toEqual([
      'regression',
      2,
      1,
      40,
      10,
    ]);
    for (const [values, columns] of [
      [data.train.features, 2],
      [data.train.targets, 1],
    ] as const) {
      for (let column = 0; column < columns; column++) {
        expect(moments(values, columns, column).mean).toBeCloseTo(0, 5);
        expect(moments(values, columns, column).deviation).toBeCloseTo(1, 5);
      }
    }
    // The price is a straight line of x: rows and numbers have stayed together, in both parts.
    for (const { features, targets, rows } of [data.train, data.test]) {
      for (let row = 0; row < rows; row++) expect(targets[row]).toBeCloseTo(features[2 * row], 4);
    }
    expect((await load({ data: at('a.csv'), label: 'price', regression: true, seed: 1 })).hash).not.toBe(
      data.hash,
    );
  });

  it('are classes of a table without --regression, and names where it is wrong', async () => {
    const classes = await load({ data: at('a.csv'), label: 'y' });
    expect([classes.kind, classes.classes]).toEqual(['classification', 7]);
    await expect(load({ data: at('a.csv'), label: 'z', regression: true })).rejects.toThrow(
      /no column is called "z"/,
    );
    await expect(load({ data: at('no.csv'), label: 'z', regression: true })).rejects.toThrow(
      /no\.csv: ENOENT/,
    );
  });

  it('are arrays of NumPy: images by their shape, classes by whole numbers, else numbers', async () => {
    const images = Float32Array.from({ length: 20 * 3 * 4 * 2 }, (_, index) => Math.sin(index));
    await writeNpy(at('x.npy'), { value: images, shape: [20, 3, 4, 2] });
    await writeNpy(at('classes.npy'), {
      value: Uint8Array.from({ length: 20 }, (_, row) => row % 3),
      shape: [20],
    });
    await writeNpy(at('numbers.npy'), {
      value: Float64Array.from({ length: 40 }, (_, index) => Math.cos(index)),
      shape: [20, 2],
    });
    const classes = await load({ data: at('x.npy'), label: at('classes.npy') });
    expect([classes.kind, classes.classes, classes.columns]).toEqual(['classification', 3, 24]);
    expect(classes.image).toEqual({ height: 3, width: 4, channels: 2 });
    const numbers = await load({ data: at('x.npy'), label: at('numbers.npy') });
    expect([numbers.kind, numbers.classes, numbers.train.targets.length]).toEqual(['regression', 2, 32]);
    await writeNpy(at('few.npy'), { value: new Uint8Array(19), shape: [19] });
    await expect(load({ data: at('x.npy'), label: at('few.npy') })).rejects.toThrow(
      /as many rows as .* has, 20, got shape \[19\]/,
    );
    await writeNpy(at('one.npy'), { value: new Uint8Array(20), shape: [20] });
    await expect(load({ data: at('x.npy'), label: at('one.npy') })).rejects.toThrow(/two classes or more/);
    await writeNpy(at('below.npy'), { value: new Int32Array(20).fill(-1), shape: [20] });
    await expect(load({ data: at('x.npy'), label: at('below.npy') })).rejects.toThrow(
      /classes of at least 0/,
    );
  });

  it('are a folder of IDX files, such as Fashion-MNIST, under its name', async () => {
    const idx = (type: number, shape: number[], bytes: number[]) =>
      Uint8Array.from([0, 0, type, shape.length, ...shape.flatMap((n) => [0, 0, n >> 8, n & 255]), ...bytes]);
    for (const [part, count] of [
      ['train', 6],
      ['t10k', 3],
    ] as const) {
      const pixels = Array.from({ length: count * 4 }, (_, index) => index);
      writeFileSync(at(`${part}-images-idx3-ubyte`), idx(8, [count, 2, 2], pixels));
      writeFileSync(at(`${part}-labels-idx1-ubyte`), idx(8, [count], pixels.slice(0, count)));
    }
    const data = await load({ data: folder, image: { height: 2, width: 2, channels: 1 } });
    expect([data.name, data.columns, data.train.rows, data.test.rows]).toEqual([
      folder.split('/').at(-1),
      4,
      6,
      3,
    ]);
    expect(data.train.targets).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5));
  });

  it('have a part that rates are chosen by, of rows to learn from alone', async () => {
    const data = await load({ data: at('a.csv'), label: 'price', regression: true });
    const { train, test, hash } = validationOf(data);
    expect([train.rows, test.rows]).toEqual([33, 7]);
    expect([...train.features, ...test.features]).toEqual([...data.train.features]);
    expect([...train.targets, ...test.targets]).toEqual([...data.train.targets]);
    expect(hash).not.toBe(data.hash);
  });

  it('are the same in memory that threads share', async () => {
    const data = await load({ data: 'spirals' });
    const shared = sharedData(data);
    expect(shared.train.features.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(shared).toEqual(data);
  });
});
