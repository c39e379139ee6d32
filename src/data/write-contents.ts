import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { pagedBytes } from '../backend/memory.js';

/** What a file is to hold. */
export interface Contents {
  /** Bytes of all of it. */
  readonly length: number;
  /** Bytes of its beginning, which is asked for last: it may say what followed. */
  readonly headLength: number;
  head(): Uint8Array;
  /** What follows. Where the disk refuses, all is asked for once more. */
  pieces(): Iterable<Uint8Array>;
}

/** What the disk takes at once, and how many of them: one is filled while others are written. */
const BLOCK = 1 << 22;
const BLOCKS = 3;

/** What a disk counts in that is written to directly: addresses and lengths are multiples of it. */
const PAGE = 4096;

/**
 * Larger files go to the disk directly, where the system can: the memory that it keeps files in has to be found first, on virtual
 * machines at five times the cost of the disk, and what it held is lost to others who read.
 */
const LEAST_DIRECT = 1 << 25;

/** What systems say where they write to nothing directly. */
const REFUSALS = new Set<unknown>(['EINVAL', 'ENOTSUP']);

/** Linux alone has it. */
const DIRECT: number | undefined = constants.O_DIRECT;

/** Writes a new file, to the disk and not to the system's memory alone. @throws Error of the system, after which some of it may be there. */
export async function writeContents(path: string, contents: Contents): Promise<void> {
  if (DIRECT !== undefined && contents.length >= LEAST_DIRECT) {
    try {
      return await writeNew(path, contents, DIRECT);
    } catch (error) {
      // The file system, or memory that begins anywhere, is not made for it.
      if (!(error instanceof Error && 'code' in error && REFUSALS.has(error.code))) throw error;
      await rm(path, { force: true });
    }
  }
  await writeNew(path, contents, 0);
}

async function writeNew(path: string, contents: Contents, flag: number): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | flag);
  try {
    await writeBlocks(file, contents, flag === 0 ? 1 : PAGE);
    // The last block went whole.
    if (flag !== 0) await file.truncate(contents.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @param unit what positions and lengths are to be multiples of */
async function writeBlocks(file: FileHandle, contents: Contents, unit: number): Promise<void> {
  const whole = (bytes: number) => Math.ceil(bytes / unit) * unit;
  const blocks = new Blocks(file, Math.min(BLOCK, whole(contents.length)));
  const first = pagedBytes(whole(contents.headLength));
  let [block, filled, position] = [first, contents.headLength, 0];
  const start = () => {
    if (block !== first) blocks.start(block.subarray(0, whole(filled)), position);
    position += block.length;
  };
  try {
    for (const piece of contents.pieces()) {
      for (let from = 0; from < piece.length; ) {
        if (filled === block.length) {
          start();
          block = await blocks.take();
          filled = 0;
        }
        const part = piece.subarray(from, from + block.length - filled);
        block.set(part, filled);
        filled += part.length;
        from += part.length;
      }
    }
    start();
    first.set(contents.head());
    blocks.start(block === first ? first.subarray(0, whole(filled)) : first, 0);
    await blocks.written();
  } finally {
    await blocks.settled();
  }
}

/** Memory that is filled, and written to a file meanwhile. */
class Blocks {
  readonly #file: FileHandle;
  readonly #size: number;
  /** All but the one that is being filled are written, the oldest first. */
  readonly #memory: Uint8Array[] = [];
  readonly #underWay: Promise<void>[] = [];

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** @returns one to fill, as soon as there is one */
  async take(): Promise<Uint8Array> {
    // The others have a turn, also where the disk is never waited for.
    await setImmediate();
    const free = this.#memory.length < BLOCKS ? undefined : this.#memory.shift();
    if (free !== undefined) await this.#underWay.shift();
    const block = free ?? pagedBytes(this.#size);
    this.#memory.push(block);
    return block;
  }

  start(bytes: Uint8Array, position: number): void {
    const writing = writeAll(this.#file, bytes, position);
    // An error of one that nobody comes to any more.
    writing.catch(() => {});
    this.#underWay.push(writing);
  }

  /** @throws Error of the system, where one was not written */
  async written(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** The file is not written to any more, whatever has happened. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}
