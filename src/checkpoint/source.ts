import { constants, fstatSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DataError } from '../data/errors.js';
import { bytesOf } from '../data/tensors.js';

/** What is read at once: Node 20 aborts where it is to read 2^31 bytes. */
export const PIECE = 1 << 22;

/** A pipe that nobody writes to would be waited for; Windows has no such flag. */
const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What a reader asks of a file, or of bytes in memory. */
export interface Source {
  readonly name: string;
  readonly size: number;
  /** Fills `into` with the bytes from `position` on. */
  read(into: Uint8Array, position: number): Promise<void>;
  /** The same, while everybody waits. */
  readNow(into: Uint8Array, position: number): void;
  /** Whether it was written to since it was opened, as far as that can be seen. */
  hasChanged(): boolean;
}

/** Opens a file for the time of `use`. @throws DataError where it cannot be read. */
export async function withFile<Result>(
  path: string,
  use: (source: Source) => Promise<Result>,
): Promise<Result> {
  let file: FileHandle;
  const failure = (error: unknown) =>
    new DataError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  try {
    file = await open(path, READ_ONLY);
  } catch (error) {
    throw failure(error);
  }
  try {
    const { fd } = file;
    if (!fstatSync(fd).isFile())
      throw new DataError(`${path}: is not a file, but a folder, a pipe or a device`);
    const stamp = () => {
      const { size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
      return `${size} ${mtimeNs} ${ctimeNs}`;
    };
    const before = stamp();
    const { size } = await file.stat();
    const checkRead = (bytes: number, position: number): number => {
      if (bytes === 0) throw new DataError(`${path}: ends at byte ${position} while it is read`);
      return bytes;
    };
    return await use({
      name: path,
      size,
      async read(into, position) {
        for (let at = 0; at < into.length; ) {
          const length = Math.min(into.length - at, PIECE);
          const { bytesRead } = await file.read(into, at, length, position + at).catch((error: unknown) => {
            throw failure(error);
          });
          at += checkRead(bytesRead, position + at);
        }
      },
      readNow(into, position) {
        for (let at = 0; at < into.length; ) {
          const length = Math.min(into.length - at, PIECE);
          at += checkRead(readSync(fd, into, at, length, position + at), position + at);
        }
      },
      hasChanged: () => stamp() !== before,
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
    readNow(into, position) {
      into.set(bytesOf(bytes.subarray(position, position + into.length)));
    },
    hasChanged: () => false,
  };
}
