import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, it, test, vi } from 'vitest';
import { KeptCopies, plainCopies } from '../../src/backend/memory.js';
import { openStates } from '../../src/checkpoint/file.js';
import { DataError, latest, load, save } from '../../src/checkpoint/index.js';
import { type Source, sourceOf } from '../../src/checkpoint/source.js';
import { readSafetensors } from '../../src/data/index.js';
import { headerOf } from '../../src/data/safetensors.js';
import { Adam, type Optimizer, SWATS } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly model: nn.Sequential;
  readonly optimizer: Optimizer;
  readonly generator: nn.Generator;
}

function makeRun(make: (params: nn.Tensor[]) => Optimizer): Run {
  const generator = new nn.Generator(3);
  const model = new nn.Sequential(
    new nn.Linear(4, 8, { generator }),
    new nn.BatchNorm1d(8),
    new nn.Dropout({ probability: 0.3, generator }),
    new nn.Linear(8, 1, { generator }),
  );
  return { model, optimizer: make([...model.parameters()]), generator };
}

function train({ model, optimizer, generator }: Run, steps: number): void {
  for (let s = 0; s < steps; s++) {
    const x = nn.randn([6, 4], { generator });
    const loss = nn.mse(model.forward(x), nn.randn([6, 1], { generator }));
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
  }
}

const bits = ({ model, optimizer, generator }: Run) =>
  JSON.stringify([model.stateDict(), optimizer.stateDict(), generator.position], (_, value: unknown) =>
    ArrayBuffer.isView(value)
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
      : value,
  );

describe('a run that goes on from a checkpoint', () => {
  it.each<[string, (params: nn.Tensor[]) => Optimizer]>([
    ['Adam', (params) => new Adam(params, { lr: 0.01, amsgrad: true })],
    [
      'SWATS before and behind its switch',
      (params) => new SWATS(params, { switchTolerance: 1e9, minSwitchStep: 5 }),
    ],
  ])('ends in the same bits: %s', async (name, make) => {
    for (const at of [0, 3, 8]) {
      const path = join(folder, `${name.length}-${at}.safetensors`);
      const whole = makeRun(make);
      train(whole, at);
      const saved = save(path, { ...whole });
      // What is saved is what was there when save() was called.
      train(whole, 4);
      await saved;
      const resumed = makeRun(make);
      train(resumed, 2);
      expect(await load(path, { ...resumed })).toEqual({});
      train(resumed, 4);
      expect(bits(resumed)).toBe(bits(whole));
    }
  });
});

test('a file without copies is the same', async () => {
  const run = makeRun((params) => new Adam(params));
  train(run, 3);
  const paths = ['copied', 'as-it-is'].map((name) => join(folder, `${name}.safetensors`));
  const takes = [vi.spyOn(KeptCopies.prototype, 'take'), vi.spyOn(plainCopies, 'take')];
  const taken = () => takes.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  await save(paths[0], { ...run });
  const copied = taken();
  expect(copied).toBeGreaterThan(0);
  await save(paths[1], { ...run }, { copy: false });
  expect(taken()).toBe(copied);
  for (const take of takes) take.mockRestore();
  expect(readFileSync(paths[1]).equals(readFileSync(paths[0]))).toBe(true);
});

test('two at a time keep their copies apart', async () => {
  const run = makeRun((params) => new Adam(params));
  const paths = ['before', 'one', 'two', 'three'].map((name) => join(folder, `apart-${name}.safetensors`));
  const expected: string[] = [];
  const saved = (path: string, others: object) => {
    train(run, 1);
    expected.push(bits(run));
    return save(path, { ...others, ...run });
  };
  await saved(paths[0], {});
  const [fast, slow] = [saved(paths[1], {}), saved(paths[2], { before: new Float32Array(1 << 24) })];
  await fast;
  await Promise.all([slow, saved(paths[3], {})]);
  for (const [i, path] of paths.entries()) {
    await load(path, { ...run });
    expect(bits(run)).toBe(expected[i]);
  }
});

test('plain data come back as they were, under the names that no part was given for', async () => {
  const path = join(folder, 'data.safetensors');
  const extra = {
    numbers: [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    nested: {
      text: 'ä "quoted"',
      none: null,
      yes: true,
      'a.b': { c: Float32Array.of(1) },
      a: { 'b.c': Int8Array.of(2) },
    },
    big: BigInt64Array.of(2n ** 60n),
    shaped: { value: new Float64Array(6).fill(7), shape: [2, 3] },
    empty: new Uint8Array(0),
  };
  const generator = new nn.Generator(7, 40);
  await save(path, { extra, generator, note: 'first' });
  extra.shaped.value.fill(0);
  const { generator: saved, ...others } = await load(path);
  expect(saved).toEqual({ seed: 7, position: 40 });
  expect(others).toEqual({
    extra: { ...extra, shaped: { value: new Float64Array(6).fill(7), shape: [2, 3] } },
    note: 'first',
  });
  const tensors = await readSafetensors(path, { types: 'all' });
  expect(tensors['extra.shaped'].shape).toEqual([2, 3]);
  const other = new nn.Generator(1);
  await load(path, { generator: other });
  expect([other.seed, other.position]).toEqual([7, 40]);
});

describe('what does not fit', () => {
  it('changes nothing', async () => {
    const path = join(folder, 'other.safetensors');
    const make = (params: nn.Tensor[]) => new Adam(params);
    const [run, other] = [makeRun(make), makeRun(make)];
    train(run, 2);
    await save(path, { ...run });
    const smaller = { ...other, optimizer: new SWATS([...other.model.parameters()]) };
    const before = bits(other);
    await expect(
      load(path, { model: other.model, generator: other.generator, optimizer: smaller.optimizer }),
    ).rejects.toThrow('state.optimizer must be "SWATS", got "Adam"');
    expect(bits(other)).toBe(before);
    // A part of the user's own that fails halfway.
    const halfway = {
      count: 3,
      stateDict: () => ({ count: halfway.count }),
      loadStateDict({ count }: { count?: number }) {
        halfway.count = count ?? 0;
        if (count === undefined) throw new Error('there is no count');
      },
    };
    await expect(load(path, { generator: other.generator, model: halfway })).rejects.toThrow(
      'there is no count',
    );
    expect([bits(other), halfway.count]).toEqual([before, 3]);
    await expect(load(path, { ...other, ema: other.model })).rejects.toThrow(
      /other\.safetensors: has no part "ema"; it has "model", "optimizer", "generator"/,
    );
    expect(bits(other)).toBe(before);
  });

  it.each<[object, RegExp]>([
    [{ a: () => 1 }, /^TypeError: a must be plain data, or have stateDict\(\)/],
    [{ a: new Date(0) }, /a must be a plain object, .* got/],
    [{ a: { $tensor: 1 } }, /a must have no key that begins with \$, got "\$tensor"/],
    [{ a: 10n }, /a must be a plain object/],
  ])('is not saved: %o', async (parts, message) => {
    const path = join(folder, 'refused', 'a.safetensors');
    await expect(
      save(path, { ...parts }).catch((error) => Promise.reject(new Error(String(error)))),
    ).rejects.toThrow(message);
    expect(readdirSync(folder).filter((name) => name.startsWith('refused'))).toEqual([]);
  });

  it('is told of arguments and files', async () => {
    await expect(Reflect.apply(save, null, [3, {}])).rejects.toThrow('path must be a string, got 3');
    await expect(save('x', {}, { keep: 0 })).rejects.toThrow(/keep must be an integer of at least 1/);
    await expect(Reflect.apply(save, null, ['x', {}, { copy: 1 }])).rejects.toThrow(/copy must be .*, got 1/);
    await expect(load('x', { extra: {} })).rejects.toThrow('extra must be a Generator or have stateDict()');
    await expect(load(join(folder, 'none.safetensors'))).rejects.toThrow(/none\.safetensors: ENOENT/);
    await expect(save(join('/dev/null', 'x'), {})).rejects.toThrow(
      /could not be written, and nothing has changed/,
    );
  });
});

describe('plain data', () => {
  it('may be long', async () => {
    const path = join(folder, 'long.safetensors');
    const text = '"\\\\'.repeat(2_000_000);
    await save(path, { text, after: 'it' });
    const found = await load(path);
    expect(found.text === text).toBe(true);
    expect(found.after).toBe('it');
  });

  it('of more bytes than readers take are refused', () => {
    expect(() => headerOf([], { state: '\0'.repeat(17_000_000) })).toThrow(
      /what is no tensor must take at most 100000000 bytes in a file, got 1020000\d+: long lists/,
    );
  });
});

describe('a folder', () => {
  test.skipIf(process.platform === 'win32')('may have what is no file', async () => {
    const own = join(folder, 'kinds');
    await save(join(own, 'step-1.safetensors'), { step: 1 });
    mkdirSync(join(own, 'step-2.safetensors'));
    execFileSync('mkfifo', [join(own, 'step-3.safetensors')]);
    const { path, skipped } = await latest(own);
    expect(path).toBe(join(own, 'step-1.safetensors'));
    expect(skipped.map(({ reason }) => reason)).toEqual([
      `${join(own, 'step-3.safetensors')}: is not a file, but a folder, a pipe or a device`,
      `${join(own, 'step-2.safetensors')}: is not a file, but a folder, a pipe or a device`,
    ]);
    await expect(save(join(own, 'step-4.safetensors'), {}, { keep: 1 })).rejects.toThrow(
      /step-4\.safetensors: was written, but keep: 1 could not remove an older one/,
    );
  });

  test('keeps the last ones, and latest() passes over what is broken', async () => {
    const own = join(folder, 'kept');
    await save(join(own, 'best.safetensors'), { step: 9 });
    for (const step of [8, 9, 10, 11])
      await save(join(own, `step-${step}.safetensors`), { step }, { keep: 3 });
    const kept = ['best', 'step-10', 'step-11', 'step-9'].map((name) => `${name}.safetensors`);
    expect(readdirSync(own).sort()).toEqual(kept);
    const newest = join(own, 'step-11.safetensors');
    const bytes = readFileSync(newest);
    writeFileSync(newest, bytes.subarray(0, bytes.length - 3));
    const found = await latest(own);
    expect(found.path).toBe(join(own, 'step-10.safetensors'));
    expect(found.skipped).toEqual([{ path: newest, reason: expect.stringContaining(newest) }]);
    expect(await latest(join(own, 'nowhere'))).toEqual({ path: null, skipped: [] });
  });

  test('is swept of what killed processes left', async () => {
    const own = join(folder, 'swept');
    await save(join(own, 'step-1.safetensors'), {});
    const names = [
      'step-3.safetensors.999999999.0.tmp',
      `step-4.safetensors.${process.pid}.0.tmp`,
      'mine.tmp',
    ];
    for (const name of names) {
      writeFileSync(join(own, name), '');
      utimesSync(join(own, name), 0, 0);
    }
    await save(join(own, 'step-2.safetensors'), {});
    expect(readdirSync(own).sort()).toEqual(
      ['mine.tmp', 'step-1.safetensors', 'step-2.safetensors', names[1]].sort(),
    );
  });

  it.skipIf(process.platform === 'win32')(
    'has links to checkpoints, which stay, in folders that are made and swept',
    async () => {
      const own = join(folder, 'linked');
      const link = join(own, 'latest.safetensors');
      mkdirSync(own);
      symlinkSync('runs/step-9.safetensors', link);
      await save(link, { step: 9 });
      expect(readlinkSync(link)).toBe('runs/step-9.safetensors');
      const left = join(own, 'runs', 'step-9.safetensors.999999999.0.tmp');
      writeFileSync(left, '');
      utimesSync(left, 0, 0);
      await save(link, { step: 10 });
      expect(readdirSync(join(own, 'runs'))).toEqual(['step-9.safetensors']);
      expect(readlinkSync(link)).toBe('runs/step-9.safetensors');
      expect(await load(link)).toEqual({ step: 10 });
    },
  );
});

test('another safetensors file is said to be none', async () => {
  const path = join(folder, 'plain.safetensors');
  const { writeSafetensors } = await import('../../src/data/index.js');
  await writeSafetensors(path, { a: { value: Float32Array.of(1), shape: [1] } });
  await expect(load(path)).rejects.toThrow(DataError);
  await expect(load(path)).rejects.toThrow(/expected a checkpoint/);
});

describe('a hostile file is said to be broken', () => {
  /** Of a size that is only said. */
  const claimed = (header: string, data: number): Source => {
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(header.length));
    const source = sourceOf('hostile', Buffer.concat([start, Buffer.from(header)]));
    return { ...source, size: source.size + data };
  };

  test('where it is deep', async () => {
    const opening = openStates(claimed('['.repeat(1e5) + ']'.repeat(1e5), 0));
    await expect(opening).rejects.toThrow(
      new DataError('hostile: expected a .safetensors file, but its header is deeper than 64 objects'),
    );
  });

  test('where it has a hole larger than memory', async () => {
    const size = 2 ** 45;
    const checksums = JSON.stringify({ state: crc32('{}'), tensors: {} });
    const metadata = { format: 'lockstep checkpoint', version: '1', state: '{}', checksums };
    const a = { dtype: 'U8', shape: [size], data_offsets: [0, size] };
    const opening = openStates(claimed(JSON.stringify({ __metadata__: metadata, a }), size));
    await expect(opening).rejects.toThrow(
      new DataError(`hostile: a tensor of ${size} elements is more than there is memory for`),
    );
  });
});

describe('loading', () => {
  test('writes to the arrays that are there, however small or large', async () => {
    const path = join(folder, 'in-place.safetensors');
    const make = (): Run => {
      const generator = new nn.Generator(1);
      // More than a piece of the file, and less.
      const model = new nn.Sequential(new nn.Linear(1100, 1200, { generator }), new nn.Linear(1200, 1));
      return { model, optimizer: new Adam(model.parameters()), generator };
    };
    const step = ({ model, optimizer }: Run) => {
      nn.mean(model.forward(nn.ones([2, 1100]))).backward();
      optimizer.step();
    };
    const [run, other] = [make(), make()];
    step(run);
    await save(path, { ...run });
    step(other);
    step(other);
    const values = other.model.parameters().map(({ value }) => value);
    await load(path, { ...other });
    expect(bits(other) === bits(run)).toBe(true);
    expect(other.model.parameters().every(({ value }, i) => value === values[i])).toBe(true);
    // An optimizer that has not stepped has none.
    const fresh = make();
    await load(path, { ...fresh });
    expect(bits(fresh) === bits(run)).toBe(true);
  });

  test('asks a subclass that loads in its own way', async () => {
    const path = join(folder, 'subclass.safetensors');
    class Doubled extends nn.Linear {
      override loadStateDict(state: nn.ModuleState): void {
        super.loadStateDict(state);
        this.weight.value.forEach((one, i, all) => {
          all[i] = 2 * one;
        });
      }
    }
    const model = new Doubled(3, 2, { generator: new nn.Generator(1) });
    const before = model.weight.value.slice();
    await save(path, { model });
    await load(path, { model });
    expect(model.weight.value).toEqual(before.map((one) => 2 * one));
  });

  test('refuses a file that is written to meanwhile, and has changed nothing', async () => {
    const path = join(folder, 'written.safetensors');
    const model = new nn.Linear(3, 2);
    await save(path, { meddler: { count: 1 }, model });
    model.weight.value.fill(7);
    // It is asked when all was checked, and before the model is read.
    const meddler = {
      count: 2,
      stateDict: () => ({ count: meddler.count }),
      loadStateDict({ count }: { count: number }) {
        meddler.count = count;
        if (count === 1) writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(0)]));
      },
    };
    await expect(load(path, { meddler, model })).rejects.toThrow(`${path}: was written to while it was read`);
    expect([meddler.count, model.weight.value[0]]).toEqual([2, 7]);
  });

  test('says where a part was left half loaded by a disk that fails at the second reading', async () => {
    const path = join(folder, 'failing.safetensors');
    await save(path, { weight: Float32Array.of(1, 2) });
    const source: Source = {
      ...sourceOf('failing', readFileSync(path)),
      readNow() {
        throw new Error('EIO');
      },
    };
    const { readInto } = await openStates(source);
    expect(() => readInto([{ from: Float32Array.of(0), into: Float32Array.of(0) }])).toThrow(
      new DataError('EIO; what was to be loaded is now partly of this file: load another one'),
    );
  });
});
