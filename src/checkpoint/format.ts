import { crc32 } from 'node:zlib';
import { show } from '../core/validate.js';
import { describeTensors, headerOf } from '../data/safetensors.js';
import { type ArrayOfShape, isStored } from '../data/tensors.js';
import type { Contents } from '../data/write-contents.js';
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

/** What is summed and written at once: the caches still hold it then. */
const SUMMED = 1 << 18;

/** No checksum has more digits. */
const LONGEST = 2 ** 32 - 1;

/**
 * States by name as a file. All states have been looked through when the call returns; their elements are read when the file is written.
 * @throws TypeError or RangeError naming what cannot be in one.
 */
export function formatStates(states: Readonly<Record<string, unknown>>): Contents {
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
  const stateSum = crc32(state);
  const sums = new Map(described.map(({ name }) => [name, LONGEST]));
  const head = (least?: number) => {
    const checksums = JSON.stringify({ state: stateSum, tensors: Object.fromEntries(sums) });
    return headerOf(described, { format: FORMAT, version: VERSION, state, checksums }, least);
  };
  const { length: headLength } = head();
  return {
    length: described.reduce((sum, { bytes }) => sum + bytes.length, headLength),
    headLength,
    head: () => head(headLength),
    *pieces() {
      for (const { name, dtype, shape, bytes } of described) {
        let sum = checksumOf(dtype, shape);
        for (let at = 0; at < bytes.length; at += SUMMED) {
          const piece = bytes.subarray(at, at + SUMMED);
          sum = crc32(piece, sum);
          yield piece;
        }
        sums.set(name, sum);
      }
    },
  };
}
