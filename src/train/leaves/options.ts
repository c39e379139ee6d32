import { Generator } from '../../array/generator.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, checkInteger, show } from '../../core/validate.js';
import { MOST_LEAVES } from '../../data/epochs.js';
import type { Communicator } from '../../distributed/communicator.js';
import { world } from '../../distributed/world.js';
import { WorldOfOne } from '../../distributed/world-of-one.js';
import type { Module } from '../../nn/index.js';
import type { Target } from '../examples.js';
import type { Metric } from '../metrics/metric.js';

/** How the processes that `lockstep/distributed` has joined share a training. */
export interface DistributedOptions {
  /**
   * Whether every process keeps and steps the optimizer's state of its own share of the parameters alone, which saves memory:
   * ZeRO-1 of Rajbhandari et al. 2020, https://arxiv.org/abs/1910.02054. The bits are the same. A parameter is stepped by one
   * process as a whole. `beforeStep` then finds the gradients of that share alone. Default false.
   */
  readonly shardOptimizer?: boolean;
  /**
   * Gradients are communicated together up to so many bytes, beginning with those of the last layers, while the way back goes on;
   * those of small models in eight parts or so. Changes no bit. Default 25 MB, 25 * 2^20.
   */
  readonly bucketBytes?: number;
}

const OPTIONS: OptionNames<DistributedOptions> = { shardOptimizer: true, bucketBytes: true };

const BUCKET_BYTES = 25 * 2 ** 20;

export interface LeafSettings {
  readonly communicator: Communicator;
  /** Whether other processes may be there: what they could not do is then refused, also where none is. */
  readonly isDistributed: boolean;
  readonly bucketBytes: number;
  readonly shardOptimizer: boolean;
}

/**
 * @param communicator in the place of the process's own
 * @returns null where steps are not made of leaves
 * @throws TypeError or RangeError naming what does not fit; Error where the process has not joined the others.
 */
export function readLeaves(
  microBatches: unknown,
  distributed: unknown,
  communicator: Communicator | null,
): LeafSettings | null {
  if (microBatches !== undefined) {
    checkInteger('microBatches', microBatches, 1);
    if (microBatches > MOST_LEAVES) {
      throw new RangeError(`microBatches must be at most ${MOST_LEAVES}, got ${microBatches}`);
    }
  }
  const given = distributedOptions(distributed);
  if (given === null) {
    if (microBatches === undefined) return null;
    const alone = { communicator: new WorldOfOne(), isDistributed: false };
    return { ...alone, bucketBytes: BUCKET_BYTES, shardOptimizer: false };
  }
  if (microBatches === undefined) {
    throw new TypeError(
      'distributed needs microBatches: into how many parts every batch is split, whatever the number of processes',
    );
  }
  const { shardOptimizer = false, bucketBytes = BUCKET_BYTES } = given;
  checkBoolean('distributed.shardOptimizer', shardOptimizer);
  checkInteger('distributed.bucketBytes', bucketBytes, 1);
  return { communicator: communicator ?? world(), isDistributed: true, bucketBytes, shardOptimizer };
}

function distributedOptions(distributed: unknown): DistributedOptions | null {
  if (distributed === undefined || distributed === false) return null;
  if (distributed === true) return {};
  const name = 'distributed of fit';
  if (typeof distributed !== 'object' || distributed === null) {
    throw new TypeError(`distributed must be true, false or an object of options, got ${show(distributed)}`);
  }
  checkOptions(name, distributed, OPTIONS);
  return distributed;
}

/** What would differ from process to process. @throws TypeError naming it. */
export function checkShared<Y extends Target>(
  model: Module,
  metrics: Readonly<Record<string, Metric<Y>>>,
  { isDistributed }: LeafSettings,
): void {
  for (const [path, module] of model.namedModules()) {
    for (const [key, value] of Object.entries(module)) {
      if (!(value instanceof Generator)) continue;
      throw new TypeError(
        `microBatches needs layers to draw from the seed of the training, but ${[path, key].filter(Boolean).join('.')} ` +
          'is a generator of its own, whose numbers depend on what was drawn before: leave it out',
      );
    }
  }
  if (!isDistributed) return;
  for (const [name, { start }] of Object.entries(metrics)) {
    if (start === undefined) continue;
    throw new TypeError(
      `metrics.${name} needs all outputs of an epoch, of which a process has a share with distributed: take one that is a mean ` +
        'over rows, or evaluate() after the training',
    );
  }
}
