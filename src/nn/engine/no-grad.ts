import { withoutRecording } from './autograd.js';
import type { Storage } from './storage.js';
import { storageOf, Tensor } from './tensor.js';

/**
 * Runs `fn` without recording anything for `backward()`, and returns what it returns.
 *
 * The tensors computed inside are released at the end, so that evaluation uses the same memory again and again;
 * except those `fn` returns: a tensor, or arrays and plain objects of them. `fn` must be synchronous.
 */
export function noGrad<Result>(fn: () => Result): Result {
  return withoutRecording(fn, (result) => {
    if (result instanceof Promise)
      throw new TypeError('fn must be synchronous, got a function that returns a Promise');
    const found = new Set<Storage>();
    collect(result, found, new Set());
    return found;
  });
}

function collect(value: unknown, found: Set<Storage>, seen: Set<object>): void {
  if (value instanceof Tensor) {
    found.add(storageOf(value));
    return;
  }
  if (!isContainer(value) || seen.has(value)) return;
  seen.add(value);
  for (const item of Object.values(value)) collect(item, found, seen);
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
