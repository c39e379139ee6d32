import { crc32 } from 'node:zlib';
import type { ElementCopy } from '../core/loading.js';
import { isObject, show } from '../core/validate.js';
import { DataError } from '../data/errors.js';
import { LENGTH_BYTES, lengthOfHeader, readHeader } from '../data/safetensors.js';
import {
  type ArrayOfShape,
  bytesOf,
  checkByteOrder,
  type ElementType,
  type StoredElements,
} from '../data/tensors.js';
import { checksumOf, FORMAT, VERSION, withBytes } from './format.js';
import type { Source } from './source.js';
import { unflatten } from './tree.js';

/** How many reads are under way or summed. */
const READS = 3;
/** Bytes of each. All fit into the caches, where the sums find them, and memory that is new costs more than turns. */
const READ = 1 << 21;

/** A file whose description was read. */
export interface StatesFile {
  /** By name. Their arrays have their types and lengths, and no elements yet: of memory they then take none. */
  readonly states: Record<string, unknown>;
  /**
   * Goes through the file and checks it, filling the arrays of all states but those of `later`.
   * @throws DataError saying what is wrong with it
   */
  verify(later?: ReadonlySet<unknown>): Promise<void>;
  /** @throws DataError where somebody wrote to the file since it was opened. */
  checkUnchanged(): void;
  /**
   * Reads arrays of states into others, now that all was checked.
   * @throws DataError where the file is not what it was
   */
  readInto(copies: readonly ElementCopy[]): void;
}

type Description = Awaited<ReturnType<typeof readDescription>>;

/** Reads what a file says of its states. @throws DataError saying what is wrong with it. */
export async function openStates(source: Source): Promise<StatesFile> {
  const { name } = source;
  const checkUnchanged = () => {
    if (source.hasChanged()) throw new DataError(`${name}: was written to while it was read`);
  };
  const description = await readDescription(source);
  const tensors = new Map<string, ArrayOfShape>();
  const places = new Map<StoredElements, number>();
  for (const { key, type, shape, from, to } of description.entries) {
    const value = arrayOf(name, type, (to - from) / type.array.BYTES_PER_ELEMENT);
    tensors.set(key, { value, shape });
    places.set(value, description.offset + from);
  }
  return {
    states: treeOf(name, description.state, tensors),
    async verify(later) {
      const arrays = new Map<string, Uint8Array>();
      for (const [key, { value }] of tensors) if (!later?.has(value)) arrays.set(key, bytesOf(value));
      await passOver(source, description, arrays);
    },
    checkUnchanged,
    readInto(copies) {
      try {
        for (const { from, into } of copies) source.readNow(bytesOf(into), places.get(from) ?? Number.NaN);
        checkUnchanged();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new DataError(`${reason}; what was to be loaded is now partly of this file: load another one`);
      }
    },
  };
}

/** Reads all states, each checked. @throws DataError saying what is wrong with the file. */
export async function readStates(source: Source): Promise<Record<string, unknown>> {
  const { states, verify } = await openStates(source);
  await verify();
  return states;
}

/** Goes through the file without keeping it. @throws DataError saying what is wrong with it. */
export async function verifyStates(source: Source): Promise<void> {
  await passOver(source, await readDescription(source), new Map());
}

/** @throws DataError where there is no such array: a file with holes may be larger than the disk. */
function arrayOf(name: string, { array: Type }: ElementType, length: number): StoredElements {
  try {
    return new Type(length);
  } catch {
    throw new DataError(`${name}: a tensor of ${length} elements is more than there is memory for`);
  }
}

function treeOf(
  name: string,
  state: unknown,
  tensors: ReadonlyMap<string, ArrayOfShape>,
): Record<string, unknown> {
  const left = new Map(tensors);
  try {
    const tree = unflatten(state, (key) => {
      const tensor = left.get(key);
      // Each array is one part's, which may read it by itself.
      if (!left.delete(key) || tensor === undefined) throw new TypeError(`there is no tensor ${show(key)}`);
      return tensor;
    });
    if (isObject(tree)) return { ...tree };
  } catch (error) {
    throw broken(name, error instanceof Error ? error.message : String(error));
  }
  throw broken(name, 'its state is no object');
}

/** Sums all tensors up, in the order in which they lie in the file, and keeps those that have an array. */
async function passOver(
  source: Source,
  { entries, offset, sums }: Description,
  arrays: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const inOrder = [...entries].sort((a, b) => a.from - b.from || a.to - b.to);
  let next = 0;
  let sum: number | null = null;
  await readAhead(source, offset, (bytes, position) => {
    const end = position - offset + bytes.length;
    for (; next < inOrder.length; next++) {
      const { key, type, shape, from, to } = inOrder[next];
      const begin = Math.max(from, position - offset);
      const part = bytes.subarray(begin + offset - position, Math.min(to, end) + offset - position);
      arrays.get(key)?.set(part, begin - from);
      sum = withBytes(sum ?? checksumOf(type.safetensors, shape), part);
      if (to > end) return;
      checkSum(source.name, key, sums.get(key), sum);
      sum = null;
    }
  });
}

/** Reads a source from `start` on, pieces of it while those before are looked at. One piece, and be it empty, there is always. */
async function readAhead(
  source: Source,
  start: number,
  look: (bytes: Uint8Array, position: number) => void,
): Promise<void> {
  const memory = Array.from({ length: READS }, () => new Uint8Array(READ));
  const ahead: { readonly bytes: Uint8Array; readonly position: number; readonly done: Promise<void> }[] = [];
  const takeOne = async () => {
    const piece = ahead.shift();
    if (piece === undefined) return;
    await piece.done;
    look(piece.bytes, piece.position);
  };
  const pieces = Math.max(1, Math.ceil((source.size - start) / READ));
  for (let i = 0; i < pieces; i++) {
    if (i >= READS) await takeOne();
    const position = start + i * READ;
    const bytes = memory[i % READS].subarray(0, Math.min(READ, source.size - position));
    const done = source.read(bytes, position);
    // An error of one that nobody comes to any more.
    done.catch(() => {});
    ahead.push({ bytes, position, done });
  }
  while (ahead.length > 0) await takeOne();
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
