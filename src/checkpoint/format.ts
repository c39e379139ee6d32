import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { show } from '../core/validate.js';
import { type Described, describeTensors, formatDescribed } from '../data/safetensors.js';
import { type ArrayOfShape, isStored } from '../data/tensors.js';
import { PIECE } from './source.js';
import { flatten } from './tree.js';

// A checkpoint is a .safetensors file whose metadata holds what is no tensor, and a checksum for each tensor and for that.

export const FORMAT = 'lockstep checkpoint';
export const VERSION = '1';

/** The checksum of a tensor without elements: that of what its bytes are taken for. */
export function checksumOf(dtype: string, shape: readonly number[]): number {
  return crc32(`${dtype} ${shape.join(' ')}`);
}

/** With more bytes, in pieces: zlib counts in 32 bits. */
export function withBytes(sum: number, bytes: Uint8Array): number {
  let total = sum;
  for (let at = 0; at < bytes.length; at += PIECE) total = crc32(bytes.subarray(at, at + PIECE), total);
  return total;
}

/** The checksums of tensors by their names, with turns for the event loop: a gigabyte takes a third of a second. */
async function checksumsOf(described: readonly Described[]): Promise<Record<string, number>> {
  const sums: [name: string, sum: number][] = [];
  let since = 0;
  for (const { name, dtype, shape, bytes } of described) {
    let sum = checksumOf(dtype, shape);
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      sum = crc32(piece, sum);
      since += piece.length;
      if (since < PIECE) continue;
      await setImmediate();
      since = 0;
    }
    sums.push([name, sum]);
  }
  return Object.fromEntries(sums);
}

/**
 * States by name as the bytes of a file, in parts, which are no copies. All states have been read when the call returns its promise.
 * @throws TypeError or RangeError naming what cannot be in one.
 */
export async function formatStates(
  states: Readonly<Record<string, unknown>>,
): Promise<readonly Uint8Array[]> {
  const parts = Object.entries(states).map(([name, state]) => ({ name, ...flatten(name, state, isStored) }));
  const tensors: Record<string, ArrayOfShape> = {};
  for (const { tensors: own } of parts) {
    for (const [name, tensor] of Object.entries(own)) {
      if (Object.hasOwn(tensors, name)) throw new RangeError(`two arrays would be called ${show(name)}`);
      Object.defineProperty(tensors, name, { value: tensor, enumerable: true });
    }
  }
  const state = JSON.stringify(Object.fromEntries(parts.map(({ name, json }) => [name, json])));
  const described = describeTensors(tensors);
  const checksums = JSON.stringify({ state: crc32(state), tensors: await checksumsOf(described) });
  return formatDescribed(described, { format: FORMAT, version: VERSION, state, checksums });
}
