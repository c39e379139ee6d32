// What splitting batches is, alone: the same gradient up to rounding, in memory that is kept; and what cannot be split or shared.
import { describe, expect, it } from 'vitest';
import * as lockstep from '../../../src/index.js';
import { pool } from '../../../src/nn/engine/pool.js';
import * as nn from '../../../src/nn/index.js';
import { fitAmong } from '../../../src/train/fit.js';
import * as train from '../../../src/train/index.js';
import { loopback } from '../../distributed/loopback.js';
import { examplesFor } from '../../distributed/ranks/networks.mjs';
import { type Options, runRanks } from './run-ranks.js';

const modelOf = () => {
  nn.manualSeed(1);
  return new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 2));
};

async function gradientsOf(options: Partial<Options>): Promise<number[]> {
  const model = modelOf();
  const found: number[] = [];
  await train.fit(model, examplesFor([3]), {
    loss: nn.crossEntropy,
    optimizer: new lockstep.SGD(model.parameters(), { lr: 0.1 }),
    beforeStep: () => {
      for (const { grad } of model.parameters()) found.push(...(grad ?? []));
    },
    ...options,
  });
  return found;
}

it('has the gradient of the whole batch, but for rounding', async () => {
  const whole = await gradientsOf({ batchSize: 12 });
  const split = await gradientsOf({ batchSize: 12, microBatches: 4 });
  expect(split).toHaveLength(whole.length);
  expect(split).not.toEqual(whole);
  for (const [i, value] of split.entries()) expect(value).toBeCloseTo(whole[i], 5);
});

it('takes its batches from a loader as from rows in memory', async () => {
  const model = [modelOf(), modelOf()];
  const data = examplesFor([3]);
  const loader = new train.DataLoader(data, { batchSize: 12, rowsAtOnce: 3 });
  const histories = [
    await train.fit(model[0], data, { ...options(model[0]), batchSize: 12, microBatches: 4 }),
    await train.fit(model[1], loader, { ...options(model[1]), microBatches: 4 }),
  ];
  expect(histories[1].epochs[0].loss).toBe(histories[0].epochs[0].loss);
  const wrong = train.fit(model[1], loader, { ...options(model[1]), microBatches: 3 });
  await expect(wrong).rejects.toThrow(
    'microBatches must be batchSize / rowsAtOnce of the loader, 12 / 3, got 3',
  );
});

it('allocates nothing from step to step', async () => {
  const model = modelOf();
  const counts: number[] = [];
  await train.fit(model, examplesFor([3]), {
    ...options(model),
    ...{ batchSize: 8, microBatches: 4, epochs: 6, clipGradNorm: 0.1 },
    afterEpoch: () => {
      counts.push(pool.allocations);
    },
  });
  // The loss of each micro-batch keeps its one value, as in any training: 43 rows by twos, the last one alone.
  const added = counts.slice(2).map((count, i) => count - counts[i + 1]);
  expect(added).toEqual(added.map(() => 22));
});

it('lets an optimizer evaluate the loss again, alone', async () => {
  const evaluated = await trained((params) => new lockstep.SAM(new lockstep.SGD(params, { lr: 0.1 })), {});
  const plain = await trained((params) => new lockstep.SGD(params, { lr: 0.1 }), {});
  expect(evaluated).not.toEqual(plain);
  const shared = trained((params) => new lockstep.SAM(new lockstep.SGD(params)), { distributed: true });
  await expect(shared).rejects.toThrow('without evaluating the loss again, which ranks cannot do');
});

function options(model: nn.Module): Options {
  return { loss: nn.crossEntropy, optimizer: new lockstep.Adam(model.parameters()) };
}

async function trained(
  optimizer: (params: nn.Tensor[]) => Options['optimizer'],
  own: Partial<Options>,
  model = modelOf(),
) {
  const [communicator] = loopback(1);
  await fitAmong(communicator, model, examplesFor([3]), {
    ...{ loss: nn.crossEntropy, optimizer: optimizer(model.parameters()), batchSize: 8, microBatches: 4 },
    ...own,
  });
  return model.parameters().map(({ value }) => Array.from(value));
}

describe('is an error', () => {
  const adam = (params: nn.Tensor[]) => new lockstep.Adam(params);

  it.each<[string, Partial<Options>, string]>([
    ['microBatches of zero', { microBatches: 0 }, 'microBatches must be an integer of at least 1, got 0'],
    [
      'a batch that cannot be split',
      { microBatches: 3 },
      'batchSize must be a multiple of microBatches, 3, got 8',
    ],
    [
      'microBatches with gradientAccumulation',
      { gradientAccumulation: 2 },
      'gradientAccumulation must not be given with microBatches',
    ],
    [
      'distributed that is no option',
      { distributed: 3 as never },
      'distributed must be true, false or an object of options, got 3',
    ],
    [
      'an option that distributed has not',
      { distributed: { shardOptimiser: true } as never },
      'distributed of fit has no option "shardOptimiser"; did you mean "shardOptimizer"?',
    ],
    [
      'buckets of no bytes',
      { distributed: { bucketBytes: 0 } },
      'distributed.bucketBytes must be an integer of at least 1, got 0',
    ],
    [
      'a metric that sees all outputs',
      { distributed: true, metrics: { f1: train.f1() } },
      'metrics.f1 needs all outputs of an epoch, of which a process has a share with distributed',
    ],
  ])('%s', async (_, own, message) => {
    await expect(trained(adam, own)).rejects.toThrow(message);
  });

  it('distributed without microBatches', async () => {
    const model = modelOf();
    const training = train.fit(model, examplesFor([3]), { ...options(model), distributed: true });
    await expect(training).rejects.toThrow('distributed needs microBatches');
  });

  it('data that do not tell what a step is made of', async () => {
    const model = modelOf();
    const training = train.fit(model, [examplesFor([3])], { ...options(model), microBatches: 2 });
    await expect(training).rejects.toThrow('microBatches needs rows in memory or a loader as data');
  });

  it('a layer that draws from a generator of its own', async () => {
    const generator = new nn.Generator(1);
    const model = new nn.Sequential(new nn.Linear(3, 2), new nn.Dropout({ generator }));
    await expect(trained(adam, {}, model)).rejects.toThrow('but 1.generator is a generator of its own');
  });

  it('a share of an optimizer that measures all parameters before its step', async () => {
    const distributed = { shardOptimizer: true };
    const search = trained((params) => new lockstep.LBFGS(params), { distributed });
    await expect(search).rejects.toThrow(
      'shardOptimizer needs an optimizer that steps parameters by themselves',
    );
  });

  it('distributed before the processes were joined', async () => {
    const model = modelOf();
    const training = train.fit(model, examplesFor([3]), {
      ...options(model),
      ...{ batchSize: 8, microBatches: 2, distributed: true },
    });
    await expect(training).rejects.toThrow('`await init()` must have come before');
  });

  it('ranks that train differently', async () => {
    const run = { network: 'mlp', ranks: 2, microBatches: 4, distributed: true };
    const training = runRanks({
      ...run,
      options: (rank) => ({ seed: rank, ...(rank === 0 ? {} : { afterStep: () => 1 }) }),
    });
    await expect(training).rejects.toThrow(
      'all ranks must train the same way, but there is, beside that of rank 0: another options at rank 1',
    );
  });

  it('a loss that is not finite, at all ranks and before the step', async () => {
    const run = { network: 'mlp', ranks: 2, microBatches: 4, distributed: true };
    const loss = (output: nn.Tensor, y: Int32Array) => nn.mul(nn.crossEntropy(output, y), Number.NaN);
    const results = await Promise.allSettled([runRanks({ ...run, options: () => ({ loss }) })]);
    expect(results[0]).toMatchObject({ status: 'rejected', reason: { name: 'DivergedError' } });
  });
});
