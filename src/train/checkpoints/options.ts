import { checkPath } from '../../checkpoint/folder.js';
import { takesState } from '../../checkpoint/parts.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkGreater, checkInteger, checkObject, show } from '../../core/validate.js';

/** How often a checkpoint is due: where several are given, whichever comes first. */
export interface CheckpointInterval {
  /** Steps of the run. */
  readonly steps?: number;
  /** Epochs of the run: saved once they are judged. */
  readonly epochs?: number;
  /** Seconds since the one before was begun: it changes when is saved, never what is learnt. */
  readonly seconds?: number;
}

const INTERVAL: OptionNames<CheckpointInterval> = { steps: true, epochs: true, seconds: true };

/**
 * Where and when `fit` saves, in the background: the states are copied between two steps, once, into memory that is kept
 * for the next time, and written while the training goes on.
 * Never are two written at once: who is due meanwhile waits for the one before. An error, such as that of a full disk, ends the
 * training behind the step that is under way, with model and optimizer as they are. `fit` resolves when all is written.
 *
 * ```ts
 * await fit(model, data, { ...options, checkpoint: { folder: 'runs/1', every: { steps: 500 } }, resume: true });
 * ```
 *
 * Files are called `step-500.safetensors` and hold the parts `model`, `optimizer`, `ema`, `earlyStopping`, `training` and others: `load`
 * of `lockstep/checkpoint` gets any of them. `model` has the weights that learn, `earlyStopping` the best ones. The last one is saved where the training ends, but by an error or an abort: where
 * `afterStep` returned 'stop', in the midst of its epoch. So a signal of the system saves what there is:
 * `afterStep: () => isStopping && 'stop'`.
 */
export interface CheckpointOptions {
  /**
   * Made where there is none. It must be of this run alone: where it has checkpoints, `resume: true` goes on with them.
   */
  readonly folder: string;
  /** Default `{ epochs: 1 }`. */
  readonly every?: CheckpointInterval;
  /** How many of the last ones stay. Default 3. */
  readonly keep?: number;
  /**
   * More that the run depends on, by name: what has `stateDict()` and `loadStateDict()`, such as an average of one's own, and every
   * `Generator` that data or hooks draw from, are put back; what a function returns, plain data, is told to
   * `beforeTraining` as `resumed.extra`. Those in properties of modules, and the one that `manualSeed()` restarts, are
   * saved by themselves.
   */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const OPTIONS: OptionNames<CheckpointOptions> = { folder: true, every: true, keep: true, extra: true };

export type Saving = ReturnType<typeof readCheckpoint>;

/** @throws TypeError or RangeError naming what does not fit. */
export function readCheckpoint(options: CheckpointOptions) {
  checkObject('checkpoint', options);
  checkOptions('checkpoint of fit', options, OPTIONS);
  const { folder, every = { epochs: 1 }, keep = 3, extra = {} } = options;
  checkPath('checkpoint.folder', folder);
  checkObject('checkpoint.every', every);
  checkOptions('checkpoint.every of fit', every, INTERVAL);
  const { steps, epochs, seconds } = every;
  if (steps === undefined && epochs === undefined && seconds === undefined) {
    throw new TypeError('checkpoint.every must have steps, epochs or seconds, as in { steps: 500 }');
  }
  if (steps !== undefined) checkInteger('checkpoint.every.steps', steps, 1);
  if (epochs !== undefined) checkInteger('checkpoint.every.epochs', epochs, 1);
  if (seconds !== undefined) checkGreater('checkpoint.every.seconds', seconds, 0);
  checkInteger('checkpoint.keep', keep, 1);
  checkObject('checkpoint.extra', extra);
  if (takesState(extra) || typeof extra === 'function') {
    throw new TypeError(
      `checkpoint.extra must be an object of parts by name, as in { sampler }, got ${show(extra)}`,
    );
  }
  for (const [name, part] of Object.entries(extra)) {
    if (typeof part === 'function' || takesState(part)) continue;
    throw new TypeError(
      `checkpoint.extra.${name} must be a function, a Generator or have stateDict() and loadStateDict(), got ${show(part)}`,
    );
  }
  return { folder, every: { steps, epochs, seconds }, keep, extra: { ...extra } };
}

/** @throws TypeError where there is nothing to go on from. */
export function checkResume(resume: unknown, saving: Saving | null): asserts resume is boolean | string {
  if (typeof resume !== 'boolean' && typeof resume !== 'string') {
    throw new TypeError(`resume must be true, false or the path of a checkpoint, got ${show(resume)}`);
  }
  if (resume === true && saving === null) {
    throw new TypeError('resume: true needs checkpoint.folder, or give the path of a checkpoint');
  }
}
