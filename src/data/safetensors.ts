import { checkOptions, type OptionNames } from '../core/options.js';
import { showShape, sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkObject, checkOneOf, isObject, show } from '../core/validate.js';
import { DataError } from './errors.js';
import { readWhole } from './files.js';
import { opened, type RowFile, rowFile } from './row-file.js';
import {
  type ArrayOfShape,
  bytesOf,
  checkByteOrder,
  checkBytes,
  checkLengths,
  type ElementType,
  elementsFrom,
  elementsOf,
  namesIn,
  type ReadNpyOptions,
  typeNamed,
} from './tensors.js';
import { writeWhole } from './write-whole.js';

// The format of named tensors: https://github.com/huggingface/safetensors#format. Chosen before .npz because it is fully
// specified on one page, needs no ZIP, is read by PyTorch's users in one call, and cannot hold code as a pickle can.

/** Eight bytes of length before the header; no header is longer than the format allows. */
export const LENGTH_BYTES = 8;
const MAX_HEADER = 100_000_000;

/** What describes the file as a whole: strings by name. */
const METADATA = '__metadata__';

/** Tensors by name: what `Module.stateDict()` gives, and arrays of other types. */
export type NamedArrays = Readonly<Record<string, ArrayOfShape>>;

/** See {@link readSafetensors}. */
export interface ReadSafetensorsOptions extends ReadNpyOptions {
  /** 'floats', the default: whole numbers are an error, so that what comes is what `loadStateDict` takes. Or 'all'. */
  readonly types?: 'floats' | 'all';
}

const OPTIONS: OptionNames<ReadSafetensorsOptions> = { half: true, types: true };

type NamedFloats = Record<string, { value: FloatArray; shape: readonly number[] }>;

/**
 * Writes named tensors to a `.safetensors` file, whole or not at all: a crash on the way leaves what was there before.
 *
 * ```ts
 * await writeSafetensors('model.safetensors', model.stateDict());
 * model.loadStateDict(await readSafetensors('model.safetensors'));
 * ```
 *
 * In Python: `safetensors.torch.load_file('model.safetensors')`. An entry with the `dtype` 'bfloat16' or 'float16' is converted.
 * @throws TypeError or RangeError naming what does not fit, before anything is written.
 */
export async function writeSafetensors(path: string, tensors: NamedArrays): Promise<void> {
  await writeWhole(path, formatSafetensors(tensors));
}

/**
 * Reads the named tensors of a `.safetensors` file, each a copy: F32 and F64, and BF16 and F16 as float32. With options also
 * whole numbers in the typed array of their kind (I64 in a BigInt64Array: see `toInt32`), and BOOL in a Uint8Array.
 * @throws DataError saying what is wrong with the file; it is checked wholly, so that no file can make this read beyond it.
 */
export async function readSafetensors(path: string): Promise<NamedFloats>;
export async function readSafetensors(
  path: string,
  options: ReadSafetensorsOptions,
): Promise<Record<string, ArrayOfShape>>;
export async function readSafetensors(
  path: string,
  options: ReadSafetensorsOptions = {},
): Promise<Record<string, ArrayOfShape>> {
  const choices = choicesIn('readSafetensors', options);
  return parse(await readWhole(path), path, choices);
}

/** A tensor as it will be in a file. */
export interface Described {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Tensors in the order of a file. The elements are not copied. @throws TypeError or RangeError naming what does not fit. */
export function describeTensors(tensors: NamedArrays): readonly Described[] {
  checkObject('tensors', tensors);
  checkByteOrder('tensors');
  // Those of wide elements first: every tensor is then aligned.
  const entries = Object.entries(tensors).map(([name, tensor]) => {
    const where = `tensors[${show(name)}]`;
    if (name === METADATA) throw new RangeError(`${where}: this name means something else in the format`);
    checkObject(where, tensor);
    const { shape } = tensor;
    const { type, value } = elementsOf(where, tensor);
    checkLengths(`${where}.shape`, shape);
    if (sizeOf(shape) !== value.length) {
      throw new RangeError(`${where}.shape must hold ${value.length} elements, got ${showShape(shape)}`);
    }
    return { name, value, shape, type };
  });
  entries.sort((a, b) => b.value.BYTES_PER_ELEMENT - a.value.BYTES_PER_ELEMENT);
  return entries.map(({ name, value, shape, type }) => {
    return { name, dtype: type.safetensors, shape, bytes: bytesOf(value) };
  });
}

/** The bytes that {@link writeSafetensors} writes, in parts. The elements are not copied. */
export function formatSafetensors(tensors: NamedArrays): readonly Uint8Array[] {
  const described = describeTensors(tensors);
  return [headerOf(described), ...described.map(({ bytes }) => bytes)];
}

/**
 * What comes before the elements.
 * @param metadata what the file says of itself as a whole
 * @param least bytes that it has at least. Default: as few as it takes.
 */
export function headerOf(
  described: readonly Described[],
  metadata?: Readonly<Record<string, string>>,
  least = 0,
): Uint8Array {
  let at = 0;
  const header = described.map(({ name, dtype, shape, bytes }): [string, unknown] => {
    const from = at;
    at += bytes.length;
    return [name, { dtype, shape, data_offsets: [from, at] }];
  });
  if (metadata !== undefined) header.unshift([METADATA, metadata]);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Math.max(Math.ceil(text.length / 8) * 8, least - LENGTH_BYTES);
  if (length > MAX_HEADER) {
    throw new RangeError(
      `what is no tensor must take at most ${MAX_HEADER} bytes in a file, got ${length}: long lists of numbers belong into typed arrays`,
    );
  }
  const first = Buffer.alloc(LENGTH_BYTES + length, ' ');
  first.writeBigUInt64LE(BigInt(length));
  first.set(text, LENGTH_BYTES);
  return first;
}

/** As {@link readSafetensors}, from bytes already in memory; `name` stands for the file in messages. */
export function parseSafetensors(bytes: Uint8Array, name?: string): NamedFloats;
export function parseSafetensors(
  bytes: Uint8Array,
  name: string | undefined,
  options: ReadSafetensorsOptions,
): Record<string, ArrayOfShape>;
export function parseSafetensors(
  bytes: Uint8Array,
  name = 'bytes',
  options: ReadSafetensorsOptions = {},
): Record<string, ArrayOfShape> {
  checkBytes(bytes);
  return parse(bytes, name, choicesIn('parseSafetensors', options));
}

function choicesIn(owner: string, options: ReadSafetensorsOptions): Required<ReadSafetensorsOptions> {
  checkOptions(owner, options, OPTIONS);
  const { half = 'float32', types = 'floats' } = options;
  checkOneOf('half', half, ['float32', 'raw']);
  checkOneOf('types', types, ['floats', 'all']);
  return { half, types };
}

function parse(
  bytes: Uint8Array,
  name: string,
  { half, types }: Required<ReadSafetensorsOptions>,
): Record<string, ArrayOfShape> {
  checkByteOrder(name);
  const { entries, offset } = readHeader(bytes, bytes.length, name);
  const data = bytes.subarray(offset);
  return Object.fromEntries(
    entries.map(({ key, type, shape, from, to }) => {
      if (types === 'floats' && !/^B?F/.test(type.safetensors)) {
        throw new DataError(
          `${name}: ${show(key)} holds no floats but ${type.safetensors}: with { types: 'all' } it is read as well`,
        );
      }
      return [key, { ...elementsFrom(type, data.subarray(from, to), half), shape }];
    }),
  );
}

/**
 * Opens the named tensors of a `.safetensors` file, to read rows of them when they are asked for. They share one open file: `close()`
 * of any closes all.
 * @throws DataError as {@link readSafetensors}, also for one without a dimension.
 */
export function openSafetensors(path: string): Record<string, RowFile> {
  return opened(path, (file) => {
    checkByteOrder(path);
    const length = lengthOfHeader(file.begin(LENGTH_BYTES), file.size, path);
    const { entries, offset } = readHeader(file.begin(LENGTH_BYTES + length), file.size, path);
    return Object.fromEntries(
      entries.map(({ key, type, shape, from }) => [
        key,
        rowFile(file, { type, shape, offset: offset + from }),
      ]),
    );
  });
}

function failure(name: string, problem: string): DataError {
  return new DataError(`${name}: expected a .safetensors file, but ${problem}`);
}

/** @param bytes the first ones of a file of `size` bytes. */
export function lengthOfHeader(bytes: Uint8Array, size: number, name: string): number {
  if (bytes.length < LENGTH_BYTES) throw failure(name, 'it is too short for one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || length > size - LENGTH_BYTES) {
    throw failure(name, `its header would have ${length} bytes`);
  }
  return length;
}

/** A tensor in a file: its bytes are those from `from` to before `to`, counted from the end of the header. */
interface TensorPlace {
  readonly key: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * What a file holds, and where its elements begin.
 * @param bytes the first ones of a file of `size` bytes, its header at least.
 */
export function readHeader(bytes: Uint8Array, size: number, name: string) {
  const offset = LENGTH_BYTES + lengthOfHeader(bytes, size, name);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, offset), name);
  const entries: TensorPlace[] = [];
  for (const key of Object.keys(header)) {
    if (key !== METADATA) entries.push(readEntry(name, key, header[key]));
  }
  // Every byte belongs to exactly one tensor.
  let end = 0;
  for (const { key, from, to } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) throw new DataError(`${name}: ${show(key)} must start at byte ${end}, got ${from}`);
    end = to;
  }
  if (end !== size - offset) {
    throw new DataError(`${name}: the tensors have ${end} bytes, the file has ${size - offset} for them`);
  }
  return { entries, offset, metadata: metadataIn(header) };
}

/** The strings that describe the file as a whole. */
function metadataIn(header: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : undefined;
  return isObject(metadata) ? metadata : {};
}

function parseHeader(bytes: Uint8Array, name: string): Record<string, unknown> {
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    checkObjects(text, name);
    header = JSON.parse(text);
  } catch (error) {
    throw error instanceof DataError ? error : failure(name, 'its header is not JSON');
  }
  if (!isObject(header)) throw failure(name, 'its header is not a JSON object');
  return header;
}

/** Headers are objects of objects of arrays: what is much deeper takes a parser long, and means nothing. */
const MAX_DEPTH = 64;

const [BLANK, QUOTE, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = Array.from(' ":[]{}', (sign) =>
  sign.charCodeAt(0),
);

/**
 * @throws DataError where an object of this JSON has a key twice, of which `JSON.parse` keeps the last without a word, or where it is
 * too deep.
 */
function checkObjects(json: string, name: string): void {
  // By depth: a header of a million tensors has a million objects, of which few are open at once. Only objects of JSON have keys.
  const keys = Array.from({ length: MAX_DEPTH + 1 }, () => new Set<string>());
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const sign = json.charCodeAt(at);
    if (sign === QUOTE) {
      const end = endOfString(json, at + 1);
      if (isKey(json, end)) addKey(keys[depth], json.slice(at + 1, end - 1), name);
      at = end - 1;
    } else if (sign === OPEN || sign === OPEN_LIST) {
      depth++;
      if (depth > MAX_DEPTH) throw failure(name, `its header is deeper than ${MAX_DEPTH} objects`);
      if (sign === OPEN) keys[depth].clear();
    } else if (sign === CLOSE || sign === CLOSE_LIST) {
      depth = Math.max(0, depth - 1);
    }
  }
}

/** @param written the key as it stands in the JSON, between its quotes */
function addKey(keys: Set<string>, written: string, name: string): void {
  const key = written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
  if (keys.has(key)) throw failure(name, `its header has the key ${show(key)} twice`);
  keys.add(key);
}

/** Behind the string of this JSON whose first character is at `start`. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start); end !== -1; end = json.indexOf('"', end + 1)) {
    let escapes = 0;
    while (end - escapes > start && json[end - escapes - 1] === '\\') escapes++;
    if (escapes % 2 === 0) return end + 1;
  }
  return json.length;
}

/** Whether a colon is the next thing behind blanks; those that JSON has none of `JSON.parse` refuses. */
function isKey(json: string, end: number): boolean {
  let at = end;
  while (json.charCodeAt(at) <= BLANK) at++;
  return json.charCodeAt(at) === COLON;
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @param name of the file */
function readEntry(name: string, key: string, entry: unknown): TensorPlace {
  const problem = (text: string) => new DataError(`${name}: ${show(key)}: ${text}`);
  if (typeof entry !== 'object' || entry === null) throw problem('is no description of a tensor');
  const dtype: unknown = Reflect.get(entry, 'dtype');
  const shape: unknown = Reflect.get(entry, 'shape');
  const offsets: unknown = Reflect.get(entry, 'data_offsets');
  const type = typeNamed('safetensors', dtype);
  if (type === undefined) {
    throw problem(
      `expected dtype ${namesIn('safetensors').join(', ')}, got ${show(dtype)}; convert it with .float() before saving`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isLength)) {
    throw problem(`shape must be an array of lengths, got ${show(shape)}`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isLength)) {
    throw problem(`data_offsets must be two positions, got ${show(offsets)}`);
  }
  const [from, to] = offsets;
  if (to - from !== sizeOf(shape) * type.array.BYTES_PER_ELEMENT) {
    throw problem(`shape ${showShape(shape)} of ${type.safetensors} does not fill its ${to - from} bytes`);
  }
  return { key, type, shape, from, to };
}
