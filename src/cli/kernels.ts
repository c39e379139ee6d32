import { targets, useTarget, useThreads } from '../index.js';
import { UsageError } from './errors.js';
import { unknownName } from './flags.js';

/** What computes; null for what is best. @throws UsageError where this machine has no such target. */
export function chooseKernels({ target, threads }: { target: string | null; threads: number | null }): void {
  if (target !== null) {
    const known = targets();
    if (!known.includes(target)) throw new UsageError(`--target: ${unknownName(target, known)}`);
    useTarget(target);
  }
  if (threads !== null) useThreads(threads);
}
