// A run that several ranks have begun goes on with another number of them, sharing the optimizer's state or not.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { KeptCopies } from '../../../src/backend/memory.js';
import { readSafetensors } from '../../../src/data/index.js';
import { runRanks } from './run-ranks.js';

const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lockstep-ranks-'));
afterAll(() => rmSync(root, { recursive: true }));

const options = { epochs: 2, batchSize: 16 };
const every = { steps: 2, epochs: 1 };
const network = 'transformer';
const microBatches = 4;

it.each([
  { first: 3, shares: true, next: 2 },
  { first: 2, shares: false, next: 4 },
])('begins with $first ranks and goes on with $next', async ({ first, shares, next }) => {
  const [whole] = await runRanks({ network, ranks: 1, microBatches, options: () => options });
  const checkpoint = { folder: join(root, String(first)), every };
  const begun = await runRanks({
    ...{ network, ranks: first, microBatches, distributed: { shardOptimizer: shares } },
    // One of them ends it for all.
    options: (rank) => ({
      ...{ ...options, checkpoint },
      afterStep: ({ step }: { step: number }) => rank === 1 && step === 3 && 'stop',
    }),
  });
  expect(begun.map(({ optimizer }) => optimizer.steps)).toEqual(begun.map(() => 3));
  expect(readdirSync(checkpoint.folder).sort()).toEqual(['step-2.safetensors', 'step-3.safetensors']);

  const resume = join(checkpoint.folder, 'step-3.safetensors');
  const [alone] = await runRanks({
    ...{ network, ranks: 1, microBatches },
    options: () => ({ ...options, resume }),
  });
  expect(alone.bits).toBe(whole.bits);
  const others = await runRanks({
    ...{ network, ranks: next, microBatches, distributed: { shardOptimizer: !shares } },
    options: () => ({ ...options, resume: true, checkpoint, afterStep: () => false }),
  });
  for (const { bits } of others) expect(bits).toBe(whole.bits);
});

it('collects states in the same memory every time', async () => {
  const take = vi.spyOn(KeptCopies.prototype, 'take');
  const folder = join(root, 'memory');
  await runRanks({
    ...{ network, ranks: 3, microBatches, distributed: { shardOptimizer: true } },
    options: () => ({ ...options, checkpoint: { folder, every: { steps: 1 } } }),
  });
  const taken = new Set(take.mock.results.map(({ value }) => value));
  take.mockRestore();
  const [file] = readdirSync(folder);
  const tensors = await readSafetensors(join(folder, file), { types: 'all' });
  const copied = Object.keys(tensors).filter((name) => /^(model|optimizer)\./.test(name));
  expect(taken.size).toBe(copied.length);
});
