import { sizeOf } from '../core/shapes.js';
import { DataError } from './errors.js';
import { opened, type RowFile, rowFile } from './row-file.js';
import { UINT8 } from './tensors.js';

// The IDX format (http://yann.lecun.com/exdb/mnist): 0, 0, type, rank, then `rank` big-endian sizes, then the elements.

/** The third byte where the elements are unsigned bytes. */
const UNSIGNED_BYTE = 0x08;

/** More dimensions than any such file has. */
const MOST_DIMENSIONS = 255;

export interface IdxHeader {
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly offset: number;
}

/**
 * @param bytes the first ones of the file, its header at least
 * @param size bytes of the whole file
 * @param rank how many dimensions there must be. Default: any number.
 * @throws DataError
 */
export function readIdxHeader(bytes: Uint8Array, size: number, name: string, rank = bytes[3]): IdxHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = 4 + 4 * (rank ?? 0);
  const isOne = bytes.length >= offset && view.getUint16(0) === 0 && bytes[2] === UNSIGNED_BYTE;
  if (rank === undefined || !isOne || bytes[3] !== rank) {
    throw new DataError(
      `${name}: expected an IDX file of unsigned bytes${rank === undefined ? '' : ` with ${rank} dimension(s)`}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, dimension) => view.getUint32(4 + 4 * dimension));
  const expected = sizeOf(shape);
  if (size - offset !== expected) {
    throw new DataError(
      `${name}: expected ${expected} bytes of data for ${shape.join(' x ')}, got ${size - offset}`,
    );
  }
  return { shape, offset };
}

/**
 * Opens an IDX file of unsigned bytes, as MNIST is kept in, to read rows of it. One with `.gz` must be unpacked before.
 * @throws DataError saying what is wrong with it.
 */
export function openIdx(path: string): RowFile {
  return opened(path, (file) => {
    const { shape, offset } = readIdxHeader(file.begin(4 + 4 * MOST_DIMENSIONS), file.size, path);
    return rowFile(file, { type: UINT8, shape, offset });
  });
}
