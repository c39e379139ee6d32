import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  datasetFromCsv,
  openCsv,
  openIdx,
  openNpy,
  openSafetensors,
  writeNpy,
  writeSafetensors,
} from '../../src/data/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
const pathOf = (name: string) => join(folder, name);
const numbers = (length: number) => Float32Array.from({ length }, (_, i) => i / 2);

describe('rows of a .npy file', () => {
  it.each([
    ['float32', numbers(24), [4, 3, 2]],
    ['float64', Float64Array.from(numbers(6)), [6]],
    ['int32', Int32Array.of(1, 2, 3, 4), [2, 2]],
  ])('are those of the array, %s', async (name, value, shape) => {
    const path = pathOf(`${name}.npy`);
    await writeNpy(path, { value, shape });
    const file = openNpy(path);
    expect([file.length, file.shape]).toEqual([shape[0], shape]);
    const columns = value.length / shape[0];
    for (let row = 0; row < file.length; row++) {
      const expected = { value: value.slice(row * columns, (row + 1) * columns), shape: shape.slice(1) };
      expect(file.get(row)).toEqual(expected);
    }
    expect(file.rows(0, file.length)).toEqual({ value, shape });
    expect(file.rows(1, 1).shape).toEqual([0, ...shape.slice(1)]);
    expect(() => file.get(file.length)).toThrow(/must be below the \d rows/);
    expect(() => file.get(-1)).toThrow(/from must be an integer of at least 0/);
    file.close();
    file.close();
    expect(() => file.get(0)).toThrow(/is closed/);
  });

  it('are missed where the file is wrong, or becomes shorter', async () => {
    const path = pathOf('cut.npy');
    await writeNpy(path, { value: numbers(100), shape: [100] });
    const file = openNpy(path);
    truncateSync(path, 300);
    expect(() => file.get(99)).toThrow(/the file ends before row 100/);
    expect(() => openNpy(path)).toThrow(/expected 400 bytes of elements for shape \[100\]/);
    truncateSync(path, 40);
    expect(() => openNpy(path)).toThrow(/the file ends within its header/);
    writeFileSync(path, 'no array at all');
    expect(() => openNpy(path)).toThrow(/expected a .npy file/);
    expect(() => openNpy(pathOf('none.npy'))).toThrow(/none\.npy: ENOENT/);
    await writeNpy(path, { value: numbers(1), shape: [] });
    expect(() => openNpy(path)).toThrow(/a single number has no rows/);
  });
});

it('rows of a .safetensors file are those of its tensors', async () => {
  const path = pathOf('a.safetensors');
  const tensors = {
    weight: { value: numbers(6), shape: [3, 2] },
    bias: { value: Float64Array.of(1, 2, 3), shape: [3] },
  };
  await writeSafetensors(path, tensors);
  const { weight, bias } = openSafetensors(path);
  expect(weight?.rows(0, 3)).toEqual(tensors.weight);
  expect(weight?.get(1)).toEqual({ value: Float32Array.of(1, 1.5), shape: [2] });
  expect(bias?.get(2)).toEqual({ value: Float64Array.of(3), shape: [] });
  truncateSync(path, 100);
  expect(() => openSafetensors(path)).toThrow(/its header would have|the tensors have/);
});

it('rows of an IDX file are bytes', () => {
  const path = pathOf('images-idx3-ubyte');
  const header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2];
  writeFileSync(path, Uint8Array.from([...header, 1, 2, 3, 4, 5, 6, 7, 8]));
  const file = openIdx(path);
  expect(file.get(1)).toEqual({ value: Uint8Array.of(5, 6, 7, 8), shape: [2, 2] });
  writeFileSync(path, Uint8Array.from([...header, 1]));
  expect(() => openIdx(path)).toThrow(/expected 8 bytes of data for 2 x 2 x 2, got 1/);
  writeFileSync(path, Uint8Array.from([0, 0, 13, 1, 0, 0]));
  expect(() => openIdx(path)).toThrow(/expected an IDX file of unsigned bytes/);
});

describe('rows of a CSV file', () => {
  const write = (text: string) => {
    const path = pathOf('a.csv');
    writeFileSync(path, text);
    return path;
  };

  it.each([
    ['\n', ''],
    ['\r\n', '\ufeff'],
    ['\r', ''],
  ])('are those that readCsv reads, lines ending in %j', (end, start) => {
    const lines = ['x,"kind of\nit",y', '1,b,2', '', '3,"a ""1""",-4e1', '5,b,6', '"7","a ""1""",8'];
    // Longer than a piece of the file.
    for (let i = 0; i < 30_000; i++) lines.push(`${i},"b",${-i}.25`);
    const text = start + lines.join(end);
    const file = openCsv(write(text), 'kind of\nit');
    const { features, labels, classNames, rows } = datasetFromCsv(text, 'kind of\nit', 'a.csv');
    expect([file.length, file.columns, file.classNames, file.labels]).toEqual([rows, 2, classNames, labels]);
    for (const row of [0, 1, 2, 3, 4, 17_000, rows - 1]) {
      expect(file.get(row)).toEqual({ x: features.slice(2 * row, 2 * row + 2), y: labels[row] });
    }
    expect(() => file.get(rows)).toThrow(/index must be below the \d+ rows of a\.csv/);
    file.close();
  });

  it.each([
    ['', /a\.csv: the file is empty/],
    ['x,kind\n', /there are no rows below the header/],
    ['x,kind\n1,a\n2\n', /a\.csv: row 3: expected 2 cells/],
    ['x,kind\n\n1,a\n2,\n', /a\.csv: row 4, column "kind": the label is empty/],
    ['x,kind\n1,"a\n2,b', /row 2, column 2: the quote is never closed/],
    ['x,y\n1,a', /no column is called "kind"/],
  ])('are refused %#', (text, message) => {
    expect(() => openCsv(write(text), 'kind')).toThrow(message);
  });

  it('tell where something is no number when they are asked for', () => {
    const file = openCsv(write('x,kind\r\n1,a\r\n2,b\r\n\r\ntwo,a\r\n3,b\r\n'), 'kind');
    expect(file.get(3)).toEqual({ x: Float32Array.of(3), y: 1 });
    expect(() => file.get(2)).toThrow(/a\.csv: row 5, column "x": expected a finite number, got "two"/);
  });
});
