import { checkOptions, type OptionNames } from '../core/options.js';
import { showShape, sizeOf } from '../core/shapes.js';
import { checkObject, checkOneOf } from '../core/validate.js';
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
  type StoredElements,
  typeNamed,
} from './tensors.js';
import { writeWhole } from './write-whole.js';

// The format of numpy.save: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. Written here because the
// library on npm that reads it (npyjs) brings run-time dependencies and does not write.

/** "\x93NUMPY" */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** The header is padded with spaces so that the elements start at a multiple of this. */
const ALIGNMENT = 64;

/** The header is a dictionary as Python writes it, of three keys in any order. */
const HEADER = /^\s*\{(.*)\}\s*$/s;
const ENTRY =
  /\s*(['"])(?:(descr)\1\s*:\s*(['"])(.*?)\3|(fortran_order)\1\s*:\s*(True|False)|(shape)\1\s*:\s*\(([\d,\s]*)\))\s*(?:,\s*|$)/y;

const OPTIONS: OptionNames<ReadNpyOptions> = { half: true };

/**
 * Reads an array that NumPy saved, in C order, versions 1 to 3 of the format: floats, whole numbers of 8 to 64 bits in the
 * typed array of their kind (int64 in a BigInt64Array: see `toInt32`), bool in a Uint8Array.
 * @throws DataError saying what the file holds and how to convert it, or what is wrong with it.
 */
export async function readNpy(path: string, options: ReadNpyOptions = {}): Promise<ArrayOfShape> {
  const half = halfIn('readNpy', options);
  return parse(await readWhole(path), path, half);
}

/** As {@link readNpy}, from bytes already in memory; `name` stands for the file in messages. */
export function parseNpy(bytes: Uint8Array, name = 'bytes', options: ReadNpyOptions = {}): ArrayOfShape {
  checkBytes(bytes);
  return parse(bytes, name, halfIn('parseNpy', options));
}

function halfIn(owner: string, options: ReadNpyOptions): ReadNpyOptions['half'] {
  checkOptions(owner, options, OPTIONS);
  const { half = 'float32' } = options;
  checkOneOf('half', half, ['float32', 'raw']);
  return half;
}

function parse(bytes: Uint8Array, name: string, half: ReadNpyOptions['half']): ArrayOfShape {
  checkByteOrder(name);
  const { type, shape, offset } = readHeader(bytes, bytes.length, name);
  return { ...elementsFrom(type, bytes.subarray(offset), half), shape };
}

/**
 * Opens an array that NumPy saved, to read rows of it when they are asked for: floats, those of 16 bits as float32, int32, uint8 or
 * bool.
 * @throws DataError as {@link readNpy}, also for other whole numbers.
 */
export function openNpy(path: string): RowFile {
  return opened(path, (file) => {
    checkByteOrder(path);
    const start = file.begin(LONGEST_START);
    return rowFile(file, readHeader(file.begin(endOfHeader(start, path)), file.size, path));
  });
}

/** Where the header begins at the latest: behind the magic, the version and its length. */
const LONGEST_START = 12;

/** @param bytes the first ones of a file. */
function endOfHeader(bytes: Uint8Array, name: string): number {
  if (bytes.length < LONGEST_START || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new DataError(`${name}: expected a .npy file, which starts with \\x93NUMPY`);
  }
  const version = bytes[6];
  if (version < 1 || version > 3) {
    throw new DataError(`${name}: expected version 1, 2 or 3 of the .npy format, got ${version}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return version === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
}

/**
 * @param bytes the first ones of a file, its header at least
 * @param size bytes of the whole file
 */
function readHeader(
  bytes: Uint8Array,
  size: number,
  name: string,
): { readonly type: ElementType; readonly shape: readonly number[]; readonly offset: number } {
  const end = endOfHeader(bytes, name);
  if (end > bytes.length) throw new DataError(`${name}: the file ends within its header`);
  const version = bytes[6];
  const text = bytes.subarray(version === 1 ? 10 : 12, end);
  const header = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(text);
  const fields = readDictionary(header);
  const [descr, fortran, lengths] = ['descr', 'fortran_order', 'shape'].map((key) => fields.get(key));
  if (descr === undefined || fortran === undefined || lengths === undefined) {
    throw new DataError(`${name}: the header cannot be read: ${JSON.stringify(header.slice(0, 200))}`);
  }
  const type = typeNamed('npy', descr);
  if (type === undefined) {
    throw new DataError(
      `${name}: expected elements ${namesIn('npy').join(', ')}, got ${descr}: ` +
        "save array.astype('<f4') instead, or '<f8' or '<i4'",
    );
  }
  const shape = lengths.split(',').flatMap((length) => (length.trim() === '' ? [] : [Number(length)]));
  if (fortran === 'True' && shape.filter((length) => length !== 1).length > 1) {
    throw new DataError(
      `${name}: the array is in Fortran order: save numpy.ascontiguousarray(array) instead`,
    );
  }
  const expected = sizeOf(shape) * type.array.BYTES_PER_ELEMENT;
  if (size - end !== expected) {
    throw new DataError(
      `${name}: expected ${expected} bytes of elements for shape ${showShape(shape)}, got ${size - end}`,
    );
  }
  return { type, shape, offset: end };
}

/** The entries of a dictionary; none where it is none, or says anything twice. */
function readDictionary(header: string): Map<string, string> {
  const fields = new Map<string, string>();
  const [, inner = ''] = HEADER.exec(header) ?? [];
  const entry = new RegExp(ENTRY);
  while (entry.lastIndex < inner.length) {
    const [, , descr, , type, order, flag, shape, lengths] = entry.exec(inner) ?? [];
    const key = descr ?? order ?? shape;
    if (key === undefined || fields.has(key)) return new Map();
    fields.set(key, type ?? flag ?? lengths ?? '');
  }
  return fields;
}

/**
 * Writes an array as `numpy.load` reads it: whole or not at all.
 * @param array a typed array and its shape, and its element type where the array does not tell; a tensor of floats is such.
 * @throws TypeError or RangeError naming what does not fit, before anything is written.
 */
export async function writeNpy(path: string, array: ArrayOfShape): Promise<void> {
  await writeWhole(path, formatNpy(array));
}

/** The bytes that {@link writeNpy} writes: header and elements. The elements are those of `array`, not copied where they need not be converted. */
export function formatNpy(array: ArrayOfShape): readonly [header: Uint8Array, elements: Uint8Array] {
  checkObject('array', array);
  const { shape } = array;
  checkByteOrder('array');
  const { type, value } = elementsOf('array', array);
  const { npy } = type;
  if (npy === undefined) throw new TypeError(`array.dtype must be a type that NumPy has, got ${type.dtype}`);
  checkLengths('array.shape', shape);
  checkFits(value, shape);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${npy}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic, version and length of the header are 10 bytes; a newline ends it.
  const length = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT - 10;
  const header = Buffer.alloc(10 + length, ' ');
  header.set([...MAGIC, 1, 0, length & 255, length >> 8]);
  header.write(dictionary, 10, 'latin1');
  header[header.length - 1] = 0x0a;
  return [header, bytesOf(value)];
}

function checkFits(value: StoredElements, shape: readonly number[]): void {
  if (sizeOf(shape) !== value.length) {
    throw new RangeError(`array.shape must hold ${value.length} elements, got ${showShape(shape)}`);
  }
}
