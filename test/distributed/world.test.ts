import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { communication } from '../../src/backend/select.js';
import * as dist from '../../src/distributed/index.js';
import { launchedBy } from '../../src/distributed/launcher.js';
import { tensor } from '../../src/nn/index.js';

describe('a process that nobody has launched', () => {
  it('has no world before init()', async () => {
    expect(() => dist.world()).toThrow('`await init()` must have come before');
    await expect(dist.barrier()).rejects.toThrow('`await init()` must have come before');
    await dist.close();
  });

  it.each([
    [{ timeout: 0 }, 'timeout must be a finite number greater than 0, got 0'],
    [{ timeout: 1e9 }, 'timeout must be at most'],
    [{ library: '' }, 'library must be a path or a name, got ""'],
    [
      { library: 'libnothing.so.1' },
      communication() === null ? 'needs the native binary' : 'found no library of MPI',
    ],
  ])('refuses %o', async (options, message) => {
    await expect(dist.init(options)).rejects.toThrow(message);
  });

  describe('is a world of one', () => {
    beforeAll(() => dist.init());
    afterAll(async () => {
      await dist.close();
      expect(() => dist.world()).toThrow('close() was called');
    });

    it('that knows so', async () => {
      expect([dist.rank, dist.size, dist.localRank]).toEqual([0, 1, 0]);
      await expect(dist.init()).rejects.toThrow('init() was called before');
      expect(dist.traffic()).toEqual({
        sentBytes: 0,
        sentMessages: 0,
        receivedBytes: 0,
        receivedMessages: 0,
      });
    });

    it('whose operations are what they are elsewhere', async () => {
      const x = Float32Array.of(1, 2);
      expect(await dist.allReduce(x)).toBe(x);
      expect(await dist.broadcast(x)).toBe(x);
      expect(await dist.allGather(x)).toEqual(x);
      const gathered = await dist.allGather(tensor([true, false]));
      expect([gathered.shape, gathered.dtype]).toEqual([[1, 2], 'bool']);
      const part = await dist.reduceScatter(tensor(x, [1, 2], { requiresGrad: true }));
      expect([part.shape, part.requiresGrad, [...part.value]]).toEqual([[1, 2], false, [1, 2]]);
      await dist.barrier();
      const [piece, whole] = [Float32Array.of(3, 4), new Float32Array(2)];
      await dist.world().sum(new dist.LeafPlan(3, 1), [piece], whole, 'sum');
      expect(whole).toEqual(piece);
    });

    it('that refuses what others would', async () => {
      const leaf = tensor([1, 2], { requiresGrad: true });
      await expect(dist.allReduce(leaf.mul(2))).rejects.toThrow('gradients flow through it');
      await expect(dist.allReduce(tensor([true]))).rejects.toThrow(
        "op must be 'min' or 'max' for a bool tensor",
      );
      await expect(dist.broadcast(leaf, { root: 1 })).rejects.toThrow('root must be a rank below 1, got 1');
      await expect(dist.reduceScatter(new Float32Array(0))).rejects.toThrow(
        'the length of x must be a multiple',
      );
    });

    it('whose writes are noticed', async () => {
      const leaf = tensor([1, 2], { requiresGrad: true });
      const loss = leaf.mul(leaf).sum();
      await dist.broadcast(leaf);
      expect(() => loss.backward()).toThrow();
    });
  });
});

describe('a launcher', () => {
  it.each([
    [{ OMPI_COMM_WORLD_SIZE: '4', SLURM_STEP_NUM_TASKS: '2' }, 'Open MPI', 4],
    [{ PMI_SIZE: '8' }, 'MPICH', 8],
    [{ SLURM_STEP_NUM_TASKS: '2' }, null, 2],
  ])('is known by the environment: %o', (environment, family, size) => {
    expect(launchedBy(environment)).toMatchObject({ family, size });
  });

  it('is none where a batch script only has an allocation', () => {
    expect(launchedBy({ SLURM_NTASKS: '4' })).toBe(null);
    expect(launchedBy({ PMI_SIZE: '' })).toBe(null);
  });
});
