import type { io } from '@tensorflow/tfjs-core';
import { sizeOf } from '../core/shapes.js';
import { show } from '../core/validate.js';

type Spec = io.WeightsManifestEntry;

/** Weights that lie one after the other, and the files that hold them, cut anywhere. */
export interface Group {
  readonly files: readonly string[];
  readonly weights: readonly Spec[];
}

/** The bytes of an element of each type, as files hold them. */
const BYTES: ReadonlyMap<string, number> = new Map(
  Object.entries({ float32: 4, float16: 2, int32: 4, uint16: 2, uint8: 1, bool: 1, complex64: 8 }),
);

/**
 * The weights of all groups in one piece, and what they are.
 *
 * @throws Error where files are shorter or longer than their weights.
 */
export async function readWeights(
  groups: readonly Group[],
  read: (path: string) => Promise<Uint8Array>,
): Promise<[Spec[], ArrayBuffer]> {
  // One after the other: a model may have more files than a process may open.
  const shards: Uint8Array[][] = [];
  for (const { files } of groups) {
    const own: Uint8Array[] = [];
    for (const file of files) own.push(await read(file));
    shards.push(own);
  }
  const data = concatenate(shards.flat());
  let start = 0;
  for (const [i, group] of groups.entries()) {
    const end = start + lengthOf(shards[i]);
    checkLength(group, data.subarray(start, end));
    start = end;
  }
  return [groups.flatMap(({ weights }) => weights), data.buffer];
}

const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0);

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(parts));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

function checkLength({ files, weights }: Group, data: Uint8Array): void {
  let needed = 0;
  for (const spec of weights) needed += bytesOf(spec, data, needed);
  if (needed === data.length) return;
  const [first, last] = [files[0], files.at(-1)];
  const names = files.length > 1 ? `${first} to ${last}` : first;
  const got = data.length < needed ? 'are truncated' : 'belong to another model';
  throw new Error(
    `the weights in ${names} ${got}: the files have ${data.length} bytes, and their manifest tells of ${needed}`,
  );
}

/** How many bytes a weight takes, whose first is at `start`. */
function bytesOf({ name, shape, dtype, quantization }: Spec, data: Uint8Array, start: number): number {
  const count = sizeOf(shape);
  const type = quantization?.dtype ?? dtype;
  if (type === 'string') return bytesOfStrings(count, data, start);
  const size = BYTES.get(type);
  if (size === undefined) throw new Error(`the weight ${show(name)} has the unknown type ${show(type)}`);
  return count * size;
}

/** Each has four bytes that hold its length before it. */
function bytesOfStrings(count: number, data: Uint8Array, start: number): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let end = start;
  for (let i = 0; i < count; i++) end += 4 + (end + 4 <= data.length ? view.getUint32(end, true) : 0);
  return end - start;
}
