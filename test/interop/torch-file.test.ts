import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { DataError } from '../../src/data/index.js';
import * as lockstep from '../../src/index.js';
import {
  fromPyTorch,
  optimizerFromPyTorch,
  optimizerToPyTorch,
  readTorch,
  toPyTorch,
} from '../../src/interop/index.js';
import { type Golden, Net, stored } from './networks.js';

const path = fileURLToPath(new URL('../golden/interop.pt', import.meta.url));
const golden: Golden = JSON.parse(readFileSync(new URL('../golden/interop.json', import.meta.url), 'utf8'));
const [adam] = golden.trainings.filter(({ optimizer }) => optimizer === 'Adam');

const folder = mkdtempSync(join(tmpdir(), 'lockstep-torch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads the file with other bytes. */
async function readBytes(bytes: Uint8Array): Promise<unknown> {
  const other = join(folder, 'other.pt');
  writeFileSync(other, bytes);
  return readTorch(other);
}

it('a model and its optimizer come as torch.save wrote them', async () => {
  const model = fromPyTorch(new Net(golden), await readTorch(path, { under: 'model' }));
  expect(toPyTorch(model)).toEqual(toPyTorch(fromPyTorch(new Net(golden), stored(adam.before))));
  const optimizer = new lockstep.Adam(model.parameters(), adam.options);
  const { order } = adam;
  optimizerFromPyTorch(optimizer, model, await readTorch(path, { under: 'optimizer.state' }), { order });
  const states = Object.entries(optimizerToPyTorch(optimizer, model)).sort();
  const expected = Object.entries(stored(adam.states)).map(([name, tensor]) => {
    const isCount = name.endsWith('.step');
    return [name, isCount ? { ...tensor, value: Float32Array.from(tensor.value, Number) } : tensor];
  });
  expect(states).toEqual(expected.sort());
});

it('tensors of every kind, and numbers', async () => {
  expect(await readTorch(path, { under: 'others' })).toEqual({
    turned: { value: Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11), shape: [4, 3] },
    part: { value: Float32Array.of(6, 10), shape: [2] },
    half: { value: Float32Array.of(0, 1, 2, 3), shape: [4] },
    bfloat16: { value: Float32Array.of(0, 1, 2, 3), shape: [4] },
    long: { value: BigInt64Array.of(2n ** 40n, -1n), shape: [2] },
    mask: { value: Uint8Array.of(0, 0, 1, 1), shape: [4], dtype: 'bool' },
    none: { value: new Float64Array(0), shape: [0, 3] },
    parameter: { value: Float32Array.of(11), shape: [] },
  });
  const all = await readTorch(path);
  expect(['epoch', 'loss', 'large.0', 'large.1', 'note'].map((name) => all[name]?.value[0])).toEqual([
    70000,
    -0.25,
    2 ** 33,
    -1,
    undefined,
  ]);
  await expect(readTorch(path, { under: 'mode' })).rejects.toThrow('nothing stands under "mode"');
});

it('nothing that a file names is run', async () => {
  const bytes = readFileSync(path);
  const at = bytes.indexOf('collections\nOrderedDict');
  // The same length.
  bytes.write('posixxxxxxx\nsystemxxxxx', at);
  await expect(readBytes(bytes)).rejects.toThrow(
    'its pickle names posixxxxxxx.systemxxxxx, which is no part of a state dictionary',
  );
});

it('a damaged file is a DataError, or what is in it, in no time', async () => {
  const bytes = readFileSync(path);
  await expect(readBytes(new Uint8Array(10))).rejects.toThrow('it is no ZIP archive');
  await expect(readBytes(bytes.subarray(0, 500))).rejects.toThrow(DataError);
  const pickle = bytes.indexOf('\x80\x02', 0, 'latin1');
  const end = bytes.length - 22;
  const places = [
    ...Array.from({ length: 120 }, (_, i) => pickle + 3 * i),
    ...Array.from({ length: 30 }, (_, i) => end - i * 7),
  ];
  for (const place of places) {
    for (const value of [255, bytes[place] ^ 1]) {
      const damaged = Uint8Array.from(bytes);
      damaged[place] = value;
      const error: unknown = await readBytes(damaged).then(
        () => null,
        (reason) => reason,
      );
      if (error !== null) expect(error, `${place} ${value}`).toBeInstanceOf(DataError);
    }
  }
});
