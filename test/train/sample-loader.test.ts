import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SequentialSampler } from '../../src/data/index.js';
import { Tensor } from '../../src/nn/index.js';
import { type Batch, openLoader, type SampleLoader, type Target } from '../../src/train/index.js';

const module = new URL('./pipelines/numbers.mjs', import.meta.url);
const numbered = { length: 20, get: (i: number) => ({ x: Float32Array.of(i), y: i }) };

function copyOf({ x, y, ...batch }: Batch) {
  return { ...batch, x: [...x.value], y: [...(y instanceof Tensor ? y.value : y)], shape: x.shape };
}

async function epochOf<Y extends Target>(loader: SampleLoader<Y>, epoch: number) {
  const batches = [];
  for await (const batch of loader.epoch(epoch)) batches.push(copyOf(batch));
  return batches;
}

/** An epoch of a pipeline of the module. */
async function run(name: string, epoch: number, options: Parameters<typeof openLoader>[1]) {
  const loader = await openLoader({ module, export: name }, options);
  const batches = await epochOf(loader, epoch);
  await loader.close();
  return batches;
}

describe('a loader of samples', () => {
  it('shows every sample once in an epoch, in another order the next time', async () => {
    const loader = await openLoader({ data: numbered }, { batchSize: 6, seed: 1 });
    expect([loader.length, loader.stepsPerEpoch]).toEqual([20, 4]);
    const [first, second] = [await epochOf(loader, 0), await epochOf(loader, 1)];
    expect(first.map(({ rows }) => rows)).toEqual([6, 6, 6, 2]);
    const order = first.flatMap(({ y }) => y);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(first.flatMap(({ x }) => x)).toEqual(order);
    expect(second.flatMap(({ y }) => y)).not.toEqual(order);
    expect(await epochOf(loader, 0)).toEqual(first);
  });

  it('takes arrays, a sampler, and the last step or not', async () => {
    const data = Array.from({ length: 5 }, (_, i) => numbered.get(i));
    const sampler = new SequentialSampler(5);
    const loader = await openLoader({ data }, { batchSize: 2, sampler, dropLast: true });
    expect((await epochOf(loader, 3)).map(({ y }) => y)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('splits a step into parts whose shares add up', async () => {
    const loader = await openLoader({ data: numbered }, { batchSize: 7, rowsAtOnce: 3, shuffle: false });
    const batches = await epochOf(loader, 0);
    expect(batches.map(({ rows }) => rows)).toEqual([3, 3, 1, 3, 3, 1, 3, 3]);
    expect(batches.slice(0, 3).map(({ share }) => share)).toEqual([3 / 7, 3 / 7, 1 / 7]);
    expect(batches.map(({ endsStep }) => endsStep)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(batches.flatMap(({ x }) => x)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('has a transform draw by seed, epoch and sample, whoever makes the steps', async () => {
    const options = { batchSize: 3, seed: 7 };
    const own = await run('augmented', 2, options);
    const drawn = new Map(
      own.flatMap(({ x }) => Array.from({ length: x.length / 2 }, (_, i) => [x[2 * i], x[2 * i + 1]])),
    );
    expect(new Set(drawn.values()).size).toBe(20);
    for (const [workers, prefetch] of [
      [1, 0],
      [2, 3],
      [3, 7],
    ]) {
      expect(await run('augmented', 2, { ...options, workers, prefetch })).toEqual(own);
    }
    const shuffled = await run('augmented', 2, { batchSize: 20, seed: 7, shuffle: false });
    expect(shuffled[0]?.x.filter((_, i) => i % 2 === 1)).toEqual(
      [...Array(20).keys()].map((i) => drawn.get(i)),
    );
    expect(await run('augmented', 3, options)).not.toEqual(own);
  });

  it('has a collate function make arrays of samples that are not alike', async () => {
    const options = { batchSize: 3, shuffle: false };
    const own = await run('padded', 0, options);
    expect(own.map(({ shape }) => shape)).toEqual([
      [3, 3],
      [3, 6],
      [1, 7],
    ]);
    expect(own[0]?.x).toEqual([0, 0, 0, 1, 1, 0, 2, 2, 2]);
    expect(await run('padded', 0, { ...options, workers: 2 })).toEqual(own);
  });

  it('goes through a stream, and shuffles what is near', async () => {
    const valuesOf = (batches: { y: number[] }[]) => batches.map(({ y }) => y);
    const plain = valuesOf(await run('stream', 1, { batchSize: 8 }));
    expect(plain).toEqual([
      [100, 101, 102, 103, 104, 105, 106, 107],
      [108, 109, 110, 111, 112, 113, 114, 115],
      [116, 117, 118, 119],
    ]);
    expect(valuesOf(await run('stream', 1, { batchSize: 8, dropLast: true }))).toEqual(plain.slice(0, 2));
    const shuffled = valuesOf(await run('stream', 1, { batchSize: 8, shuffleBuffer: 4 }));
    expect(shuffled).not.toEqual(plain);
    expect(shuffled.flat().sort((a, b) => a - b)).toEqual(plain.flat());
    for (const [i, value] of shuffled.flat().entries()) expect(value).toBeLessThanOrEqual(100 + i + 4);
    const options = { batchSize: 8, shuffleBuffer: 4, workers: 1, prefetch: 3 };
    expect(valuesOf(await run('stream', 1, options))).toEqual(shuffled);
  });

  it('begins a stream again in each epoch, also where the one before was left', async () => {
    let open = 0;
    const data = function* () {
      open++;
      try {
        for (let i = 0; i < 10; i++) yield numbered.get(i);
      } finally {
        open--;
      }
    };
    const loader = await openLoader({ data }, { batchSize: 4 });
    expect(loader.stepsPerEpoch).toBe(null);
    for await (const batch of loader.epoch(0)) {
      expect(copyOf(batch).y).toEqual([0, 1, 2, 3]);
      break;
    }
    expect(open).toBe(0);
    for (const epoch of [0, 0, 1])
      expect((await epochOf(loader, epoch)).map(({ rows }) => rows)).toEqual([4, 4, 2]);
  });
});

describe('the threads of a loader', () => {
  it('write to the same memory again', async () => {
    const loader = await openLoader({ module, argument: { length: 200 } }, { batchSize: 10, workers: 2 });
    const arrays: { array: ArrayLike<number>; was: number[] }[] = [];
    for await (const { x } of loader.epoch(0)) arrays.push({ array: x.value, was: [...x.value] });
    await loader.close();
    // Of 20 steps those are as they were which nothing came after, in so many slots.
    const kept = arrays.filter(({ array, was }) => was.every((value, i) => array[i] === value));
    expect(kept).toHaveLength(6);
  });

  it('tell what went wrong, with the stack', async () => {
    const loader = await openLoader({ module, export: 'failing' }, { batchSize: 5, workers: 2 });
    const error: unknown = await epochOf(loader, 0).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain('sample 13 is broken');
    expect(error instanceof Error && error.stack).toContain('numbers.mjs');
    await expect(epochOf(loader, 0)).rejects.toThrow('sample 13 is broken');
    await loader.close();
    await expect(epochOf(loader, 0)).rejects.toThrow('the loader is closed');
  });

  it('are missed where they end by themselves, or never begin', async () => {
    await expect(run('exiting', 0, { workers: 1 })).rejects.toThrow(/a worker of a loader ended with code 3/);
    await expect(run('absent', 0, { workers: 1 })).rejects.toThrow(/has no export "absent"/);
    const missing = openLoader({ module: new URL('./missing.mjs', import.meta.url) }, { workers: 2 });
    await expect(missing).rejects.toThrow(/missing\.mjs/);
  });

  it('end where an epoch is left, and with the process', () => {
    const script = `
      const { openLoader } = await import('lockstep/train');
      const pipeline = { module: ${JSON.stringify(module.href)}, argument: { length: 1000 } };
      const loader = await openLoader(pipeline, { batchSize: 10, workers: 2 });
      const threads = () => process.report.getReport().workers.length;
      const counts = [threads()];
      for await (const batch of loader.epoch(0)) break;
      counts.push(threads());
      for await (const batch of loader.epoch(0));
      counts.push(threads());
      const steps = loader.steps(1);
      await steps.next();
      console.log(counts.join());`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url).pathname,
      encoding: 'utf8',
      timeout: 20_000,
      env: { ...process.env, LOCKSTEP_QUIET: '1' },
    });
    expect([stdout.trim(), status]).toEqual(['2,0,2', 0]);
  });

  it('serve one epoch at a time', async () => {
    const loader = await openLoader({ module }, { batchSize: 5, workers: 1 });
    const steps = loader.steps(0);
    await steps.next();
    await expect(epochOf(loader, 1)).rejects.toThrow(/another epoch of the loader is under way/);
    await steps.return();
    expect(await epochOf(loader, 1)).toHaveLength(4);
    await loader.close();
  });
});

describe('what does not fit', () => {
  it.each([
    [{ data: 3 }, {}, /pipeline.data must be samples with length and get\(index\)/],
    [{ data: [] }, {}, /pipeline.data.length must be an integer of at least 1, got 0/],
    [{ data: numbered, transform: 1 }, {}, /pipeline.transform must be a function/],
    [{ data: numbered }, { workers: 1 }, /workers need a pipeline by its module/],
    [{ data: numbered }, { shuffleBuffer: 3 }, /shuffleBuffer is for a stream/],
    [{ data: () => [] }, { shuffle: true }, /shuffle is for samples with numbers/],
    [{ data: numbered }, { batchSize: 21, dropLast: true }, /batchSize must be at most the 20 samples/],
    [
      { data: numbered },
      { sampler: new SequentialSampler(3), seed: 1 },
      /seed must not be given with a sampler/,
    ],
    [{ data: numbered }, { batch: 1 }, /openLoader has no option "batch"/],
    [{ module, export: 'stream' }, { workers: 2 }, /workers must be at most 1 for a stream/],
    [{ module: 3 }, {}, /pipeline.module must be a URL or a string/],
  ])('is refused %#', async (pipeline, options, message) => {
    await expect(Reflect.apply(openLoader, null, [pipeline, options])).rejects.toThrow(message);
  });

  it.each([
    [{ x: [1], y: 1 }, /x of sample 0 of a step must be an array of numbers/],
    [
      { x: Float32Array.of(1), y: 0.5 },
      /must be the number of a class, got 0.5: give Float32Array.of\(0.5\)/,
    ],
    [{ x: { value: Float32Array.of(1, 2), shape: [3] }, y: 1 }, /must have the elements of shape \[3\]/],
    [5, /a sample must be an object/],
  ])('is refused in a sample %#', async (sample, message) => {
    const loader = await openLoader({ data: [sample] });
    await expect(epochOf(loader, 0)).rejects.toThrow(message);
  });

  it('is refused where samples are not alike', async () => {
    const data = [numbered.get(0), { x: Float32Array.of(1, 2), y: 1 }];
    const loader = await openLoader({ data }, { shuffle: false });
    await expect(epochOf(loader, 0)).rejects.toThrow(/x of sample 1 of a step must be as that of its first/);
  });
});
