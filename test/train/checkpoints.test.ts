// When fit saves, what it finds in a folder, and what becomes of errors.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load, save } from '../../src/checkpoint/index.js';
import { type Copying, copiedState } from '../../src/core/copied-state.js';
import { SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { fit, type Resumed } from '../../src/train/index.js';
import { bundled, withBinary } from '../bundled.js';
import { examples, network, weightsOf } from './helpers.js';
import { trained } from './trained.js';

// A file system in memory, where there is one: hundreds of files are waited for until they are on the disk.
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const root = mkdtempSync(join(memory, 'lockstep-checkpoints-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));
const numbers = (folder: string) =>
  readdirSync(folder)
    .map((name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1]))
    .sort((a, b) => a - b);

let straight: Awaited<ReturnType<typeof trained>>;
beforeAll(async () => {
  straight = await trained(1);
});

describe('fit saves', () => {
  it.each([
    ['after every epoch, and keeps three', {}, [5, 10, 15]],
    ['every so many steps, and at the end', { every: { steps: 4 }, keep: 9 }, [4, 8, 12, 15]],
    ['every so many epochs', { every: { epochs: 2 } }, [10, 15]],
    ['after so many seconds', { every: { seconds: 1e-9 }, keep: 2 }, [14, 15]],
  ])('%s', async (_, options, expected) => {
    const folder = newFolder();
    await trained(1, { checkpoint: { folder, ...options } });
    expect(numbers(folder)).toEqual(expected);
  });

  it('what load() reads by its parts', async () => {
    const folder = newFolder();
    await trained(1, { checkpoint: { folder } });
    const model = network(2, 4);
    await load(join(folder, 'step-15.safetensors'), { model });
    expect(model.stateDict()).toEqual(straight.model);
  });

  it('with copies in the same memory every time', async () => {
    const copies = new Set<object>();
    const counted = {
      saves: 0,
      stateDict: () => ({}),
      [copiedState](copying: Copying) {
        const array = copying.copy(Float32Array.of(this.saves++));
        copies.add(array);
        return { array };
      },
      loadStateDict() {},
    };
    const folder = newFolder();
    await trained(1, { checkpoint: { folder, every: { steps: 4 }, keep: 9, extra: { counted } } });
    expect([counted.saves, copies.size]).toEqual([4, 1]);
    const saved = await load(join(folder, 'step-8.safetensors'));
    expect(saved['extra.counted']).toEqual({ array: Float32Array.of(1) });
  });
});

describe('a run goes on', () => {
  it('where a hook ended it, as if it had not been ended', async () => {
    const folder = newFolder();
    const checkpoint = { folder };
    const { history } = await trained(1, { checkpoint, afterStep: ({ step }) => step === 8 && 'stop' });
    expect([history.endedBy, history.epochs.length]).toEqual(['afterStep', 2]);
    expect(numbers(folder)).toEqual([5, 8]);
    await trained(2, { checkpoint, resume: true, afterEpoch: ({ epoch }) => epoch === 1 && 'stop' });
    expect(numbers(folder)).toEqual([5, 8, 10]);
    expect(await trained(3, { checkpoint, resume: true })).toEqual(straight);
  });

  it('behind an error and an abort', async () => {
    const checkpoint = { folder: newFolder(), every: { steps: 3 } };
    const failing = (step: number) => {
      if (step === 7) throw new Error('it was unplugged');
    };
    await expect(trained(1, { checkpoint, afterStep: ({ step }) => failing(step) })).rejects.toThrow(
      'unplugged',
    );
    expect(numbers(checkpoint.folder)).toEqual([3, 6]);
    const controller = new AbortController();
    const { signal } = controller;
    const abort = ({ step }: { step: number }) => step === 10 && controller.abort(new Error('enough'));
    await expect(trained(2, { checkpoint, resume: true, signal, afterStep: abort })).rejects.toThrow(
      'enough',
    );
    expect(numbers(checkpoint.folder)).toEqual([3, 6, 9]);
    expect(await trained(3, { checkpoint, resume: true })).toEqual(straight);
  });

  it('behind kill -9', async () => {
    const checkpoint = { folder: newFolder() };
    const killed = bundled(join(import.meta.dirname, 'killed.ts'));
    const { signal } = spawnSync(process.execPath, [killed, checkpoint.folder], { env: withBinary });
    expect(signal).toBe('SIGKILL');
    let resumed: Resumed | null = null;
    const told = (plan: { resumed: Resumed | null }) => {
      resumed = plan.resumed;
    };
    expect(await trained(2, { checkpoint, resume: true, beforeTraining: told })).toEqual(straight);
    expect(resumed).toMatchObject({ stepsInEpoch: expect.any(Number), extra: {}, skipped: [] });
  });

  it('from the last one that is whole, and says what it passed over', async () => {
    const folder = newFolder();
    await trained(1, { checkpoint: { folder, every: { steps: 6 } } });
    const newest = join(folder, 'step-15.safetensors');
    writeFileSync(newest, readFileSync(newest).subarray(0, 999));
    writeFileSync(join(folder, 'weights.safetensors'), '');
    let text = '';
    const progress = { isTTY: false, columns: 100, write: (part: string) => (text += part) };
    const plans: unknown[] = [];
    const beforeTraining = (plan: unknown) => plans.push(plan);
    const checkpoint = { folder };
    expect(await trained(2, { checkpoint, resume: true, progress, beforeTraining })).toEqual(straight);
    expect(text).toContain(`passed over ${newest}: ${newest}: `);
    expect(text).toContain(`goes on from ${join(folder, 'step-12.safetensors')}, behind step 12\n`);
    expect(plans).toMatchObject([
      { resumed: { epoch: 2, step: 12, stepsInEpoch: 2, skipped: [{ path: newest }] } },
    ]);
  });

  it('when it is over, to more epochs', async () => {
    const checkpoint = { folder: newFolder() };
    await trained(1, { checkpoint, epochs: 1 });
    const again = await trained(2, { checkpoint, epochs: 1, resume: true });
    expect(again.history.epochs).toEqual(straight.history.epochs.slice(0, 1));
    expect(await trained(2, { checkpoint, resume: true })).toEqual(straight);
  });

  it('where there is none, from its beginning', async () => {
    const checkpoint = { folder: newFolder() };
    expect(await trained(1, { checkpoint, resume: true })).toEqual(straight);
  });

  it('with what else it depends on', async () => {
    const own = () => {
      const generator = new nn.Generator(5);
      const counter = {
        count: 0,
        stateDict: () => ({ count: counter.count }),
        loadStateDict: (state: { count: number }) => {
          counter.count = state.count;
        },
      };
      return { generator, counter, extra: { generator, counter, note: () => ({ at: counter.count }) } };
    };
    const folder = newFolder();
    const [before, after] = [own(), own()];
    await trained(1, {
      checkpoint: { folder, extra: before.extra },
      epochs: 1,
      afterStep() {
        before.counter.count++;
        before.generator.uint32();
      },
    });
    let told: unknown;
    await trained(2, {
      checkpoint: { folder, extra: after.extra },
      resume: true,
      beforeTraining({ resumed }) {
        told = [resumed?.extra, after.counter.count, after.generator.position];
      },
    });
    expect(told).toEqual([{ note: { at: 5 } }, 5, 5]);
    await expect(trained(2, { checkpoint: { folder }, resume: true })).rejects.toThrow(
      /must have the parts of this run: missing \[\], unknown \["extra\.counter"\]/,
    );
  });
});

describe('what does not fit is an error', () => {
  it('that names what is not as it was, and nothing has changed', async () => {
    const folder = newFolder();
    await trained(1, { checkpoint: { folder }, epochs: 1 });
    const model = network(2, 4);
    const before = weightsOf(model);
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const other = { loss: nn.crossEntropy, optimizer, batchSize: 30, seed: 4, clipGradNorm: 1 };
    await expect(fit(model, examples(), { ...other, checkpoint: { folder }, resume: true })).rejects.toThrow(
      'step-5.safetensors is of a run with other options or data: batchSize must be 24, got 30; seed must be 0, got 4; ' +
        'clipGradNorm must be null, got 1',
    );
    expect(weightsOf(model)).toEqual(before);
  });

  it('where a folder has checkpoints of another run', async () => {
    const folder = newFolder();
    await trained(1, { checkpoint: { folder } });
    await expect(trained(1, { checkpoint: { folder } })).rejects.toThrow(
      `checkpoint.folder must have no checkpoints, but ${folder} has step-10.safetensors: go on from the last one`,
    );
    const resume = join(folder, 'step-10.safetensors');
    await expect(trained(1, { checkpoint: { folder }, resume })).rejects.toThrow(
      'must have no later checkpoints',
    );
    expect(await trained(2, { checkpoint: { folder: newFolder() }, resume })).toEqual(straight);
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '');
    await expect(trained(1, { checkpoint: { folder }, resume: true })).rejects.toThrow(
      /none of 3 checkpoints can be read/,
    );
  });

  it('where the last checkpoint is none of fit()', async () => {
    const folder = newFolder();
    await save(join(folder, 'step-9.safetensors'), { step: 9 });
    await expect(trained(1, { checkpoint: { folder }, resume: true })).rejects.toThrow(
      /step-9\.safetensors: is no checkpoint of fit\(\)/,
    );
  });

  it('where it cannot be written', async () => {
    const folder = newFolder();
    const steps: number[] = [];
    const training = trained(1, {
      checkpoint: { folder, every: { steps: 4 } },
      async afterStep({ step }) {
        steps.push(step);
        if (step !== 4) return;
        rmSync(folder, { recursive: true });
        writeFileSync(folder, '');
      },
    });
    await expect(training).rejects.toThrow(/could not be written, and nothing has changed/);
    expect(steps.at(-1)).toBeLessThanOrEqual(8);
    await expect(trained(1, { checkpoint: { folder } })).rejects.toThrow(folder);
  });

  it.each([
    [{ resume: true }, 'resume: true needs checkpoint.folder'],
    [{ resume: 3 }, 'resume must be true, false or the path of a checkpoint, got 3'],
    [{ checkpoint: {} }, 'checkpoint.folder must be a string, got undefined'],
    [{ checkpoint: { folder: 'x', every: {} } }, 'checkpoint.every must have steps, epochs or seconds'],
    [
      { checkpoint: { folder: 'x', every: { steps: 0 } } },
      'checkpoint.every.steps must be an integer of at least 1',
    ],
    [
      { checkpoint: { folder: 'x', extra: { a: 1 } } },
      'checkpoint.extra.a must be a function, a Generator or',
    ],
    [
      { checkpoint: { folder: 'x', extra: new nn.Generator(1) } },
      'checkpoint.extra must be an object of parts by name',
    ],
    [
      { checkpoint: { folder: 'x' }, ema: { apply() {}, restore() {} } },
      'ema must have stateDict() and loadStateDict() to be saved',
    ],
  ])('of the options %o', async (options, message) => {
    await expect(trained(1, Object(options))).rejects.toThrow(message);
  });

  it('where a metric cannot be saved within an epoch, but not between epochs', async () => {
    const start = () => ({ update() {}, result: () => 1 });
    const metrics = { own: Object.assign(() => 1, { start }) };
    const folder = newFolder();
    const within = trained(1, { metrics, checkpoint: { folder, every: { steps: 2 } } });
    await expect(within).rejects.toThrow('metrics.own: what start() returns must have stateDict()');
    await trained(1, { metrics, checkpoint: { folder } });
    expect(numbers(folder)).toEqual([5, 10, 15]);
  });
});
