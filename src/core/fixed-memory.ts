import { markAsUntransferable } from 'node:worker_threads';

/** Memory that can neither be taken away nor become less, as long as an array refers to it. */
const fixed = new WeakSet<ArrayBufferLike>();

/** Makes it such memory, for a thread that works on it. @returns false where that cannot be. */
export function fix(buffer: ArrayBufferLike): boolean {
  if (fixed.has(buffer)) return true;
  if (buffer instanceof ArrayBuffer) {
    if (Reflect.get(buffer, 'resizable') === true) return false;
    markAsUntransferable(buffer);
  }
  fixed.add(buffer);
  return true;
}
