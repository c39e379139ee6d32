import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { isObject, show } from '../core/validate.js';
import { DataError } from '../data/errors.js';
import {
  type Described,
  describeTensors,
  formatDescribed,
  LENGTH_BYTES,
  lengthOfHeader,
  readHeader,
} from '../data/safetensors.js';
import { type ArrayOfShape, bytesOf, checkByteOrder, isStored } from '../data/tensors.js';
import { flatten, unflatten } from './tree.js';

// A checkpoint is a .safetensors file whose metadata holds what is no tensor, and a checksum for each tensor and for that.

const FORMAT = 'lockstep checkpoint';
const VERSION = '1';

/** What a reader asks of a file, or of bytes in memory. */
export interface Source {
  readonly name: string;
  readonly size: number;
  /** Fills `into` with the bytes from `position` on. */
  read(into: Uint8Array, position: number): Promise<void>;
}

/** The checksum of a tensor without elements: that of what its bytes are taken for. */
function checksumOf(dtype: string, shape: readonly number[]): number {
  return crc32(`${dtype} ${shape.join(' ')}`);
}

/** What is read and summed at once: Node 20 aborts where it is to read 2^31 bytes, and zlib counts in 32 bits. */
const PIECE = 1 << 22;

/** With more bytes. */
function withBytes(sum: number, bytes: Uint8Array): number {
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

/** Reads all states, each checked. @throws DataError saying what is wrong with the file. */
export async function readStates(source: Source): Promise<Record<string, unknown>> {
  const { name } = source;
  const { entries, offset, state, sums } = await readDescription(source);
  const tensors = new Map<string, ArrayOfShape>();
  for (const { key, type, shape, from, to } of entries) {
    const bytes = new Uint8Array(to - from);
    await source.read(bytes, offset + from);
    checkSum(name, key, sums.get(key), withBytes(checksumOf(type.safetensors, shape), bytes));
    // The bytes are nobody else's: they need no copy.
    tensors.set(key, { value: new type.array(bytes.buffer), shape });
  }
  try {
    const tree = unflatten(state, (key) => {
      const tensor = tensors.get(key);
      if (tensor === undefined) throw new TypeError(`there is no tensor ${show(key)}`);
      return tensor;
    });
    if (isObject(tree)) return { ...tree };
  } catch (error) {
    throw broken(name, error instanceof Error ? error.message : String(error));
  }
  throw broken(name, 'its state is no object');
}

/** Goes through the file without keeping it. @throws DataError saying what is wrong with it. */
export async function verifyStates(source: Source): Promise<void> {
  const { entries, offset, sums } = await readDescription(source);
  const piece = new Uint8Array(PIECE);
  for (const { key, type, shape, from, to } of entries) {
    let sum = checksumOf(type.safetensors, shape);
    for (let at = from; at < to; at += PIECE) {
      const part = piece.subarray(0, Math.min(PIECE, to - at));
      await source.read(part, offset + at);
      sum = withBytes(sum, part);
    }
    checkSum(source.name, key, sums.get(key), sum);
  }
}

async function readDescription(source: Source) {
  const { name, size } = source;
  checkByteOrder(name);
  const start = new Uint8Array(Math.min(LENGTH_BYTES, size));
  await source.read(start, 0);
  const bytes = new Uint8Array(LENGTH_BYTES + lengthOfHeader(start, size, name));
  await source.read(bytes, 0);
  const { entries, offset, metadata } = readHeader(bytes, size, name);
  const { format, version, state: text, checksums } = metadata;
  if (format !== FORMAT) {
    throw new DataError(`${name}: expected a checkpoint, but it is a .safetensors file without one's state`);
  }
  if (version !== VERSION) {
    throw new DataError(
      `${name}: version ${show(version)} is not known here, only ${VERSION}: use a newer lockstep`,
    );
  }
  const parsed = parseJson(name, checksums);
  const own: unknown = isObject(parsed) ? parsed.tensors : undefined;
  if (!isObject(parsed) || !isObject(own)) throw broken(name, 'it has no checksums');
  checkSum(name, 'its state', parsed.state, crc32(String(text)));
  return { entries, offset, state: parseJson(name, text), sums: new Map(Object.entries(own)) };
}

function parseJson(name: string, text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw broken(name, 'what it says of its state is no JSON');
  }
}

function checkSum(name: string, what: string, expected: unknown, found: number): void {
  if (expected !== found) throw broken(name, `the checksum of ${show(what)} is not what was written`);
}

function broken(name: string, problem: string): DataError {
  return new DataError(`${name}: is broken: ${problem}; take an older checkpoint, such as latest() finds`);
}

/** Opens a file for the time of `use`. @throws DataError where it cannot be read. */
export async function withFile<Result>(
  path: string,
  use: (source: Source) => Promise<Result>,
): Promise<Result> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw new DataError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const { size } = await file.stat();
    return await use({
      name: path,
      size,
      async read(into, position) {
        for (let at = 0; at < into.length; ) {
          const { bytesRead } = await file.read(into, at, Math.min(into.length - at, PIECE), position + at);
          if (bytesRead === 0) throw new DataError(`${path}: ends at byte ${position + at} while it is read`);
          at += bytesRead;
        }
      },
    });
  } finally {
    await file.close();
  }
}

/** The bytes of a file in memory. */
export function sourceOf(name: string, bytes: Uint8Array): Source {
  return {
    name,
    size: bytes.length,
    async read(into, position) {
      into.set(bytesOf(bytes.subarray(position, position + into.length)));
    },
  };
}
