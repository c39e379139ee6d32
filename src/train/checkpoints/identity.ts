import { isDeepStrictEqual } from 'node:util';
import { isObject, show } from '../../core/validate.js';
import type { EarlyStopping } from '../early-stopping.js';
import type { Target } from '../examples.js';
import { decidesBatches } from '../feed.js';
import type { Settings } from '../settings.js';

/**
 * What decides the bits of a run, as far as options say it: it is saved, and a run that goes on must have the same. What decides
 * how long a run lasts, and where it computes, is not among it.
 */
export function identityOf<Y extends Target>(
  settings: Settings<Y>,
  stopping: EarlyStopping | null,
): Readonly<Record<string, unknown>> {
  const { seed, initialEpoch, feed, maxNorm, monitor, observe, metrics, ema, validation } = settings;
  return {
    ...feed.identity(),
    seed,
    initialEpoch,
    clipGradNorm: maxNorm ?? null,
    monitor,
    observe,
    metrics: Object.keys(metrics).sort(),
    ema: ema !== undefined,
    validation: validation !== undefined && (decidesBatches(validation) ? 'batches' : validation.x.shape[0]),
    validationBatchSize: settings.validationOptions.batchSize ?? null,
    earlyStopping: stopping?.rules ?? null,
  };
}

/** @throws RangeError naming everything that is not what it was. */
export function checkIdentity(path: string, saved: unknown, own: Readonly<Record<string, unknown>>): void {
  const before = isObject(saved) ? saved : {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(own)])];
  const problems = names
    .filter((name) => !isDeepStrictEqual(before[name], own[name]))
    .map((name) => `${name} must be ${text(before[name])}, got ${text(own[name])}`);
  if (problems.length === 0) return;
  throw new RangeError(`${path} is of a run with other options or data: ${problems.join('; ')}`);
}

function text(value: unknown): string {
  return isObject(value) && !Array.isArray(value) ? JSON.stringify(value) : show(value);
}
