import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import * as memory from '../../src/backend/memory.js';
import type { Contents } from '../../src/data/write-contents.js';
import { writeWhole } from '../../src/data/write-whole.js';

vi.mock('../../src/backend/memory.js', { spy: true });
afterEach(() => vi.mocked(memory.pagedBytes).mockReset());

const folder = mkdtempSync(join(tmpdir(), 'lockstep-write-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'file');

const LARGE = 1 << 25;
const bytes = Buffer.from(
  Uint32Array.from({ length: LARGE / 4 + 5000 }, (_, i) => Math.imul(i, 2654435761)).buffer,
);

/** In pieces that no block is a multiple of; the head is known once they were all asked for. */
function contentsOf(length: number, headLength: number, piece: number): Contents {
  let seen = 0;
  return {
    length,
    headLength,
    head: () => (seen === length ? bytes.subarray(0, headLength) : new Uint8Array(headLength)),
    *pieces() {
      seen = headLength;
      for (let at = headLength; at < length; at += piece) {
        const part = bytes.subarray(at, Math.min(at + piece, length));
        seen += part.length;
        yield part;
      }
    },
  };
}

const isWritten = (length: number) => readFileSync(path).equals(bytes.subarray(0, length));

describe('a file', () => {
  test.each([
    [0, 0, 1],
    [1, 1, 1],
    [5000, 0, 999],
    [5000, 5000, 999],
    [3 * (1 << 22) + 1, 10, (1 << 20) - 1],
    [LARGE - 1, 17, 3 << 20],
    [LARGE, 0, 3 << 20],
    [LARGE + 1, 17, (3 << 20) + 1],
    [LARGE + 4095, 4096, 1 << 18],
    [LARGE + 4096, 4097, 1 << 22],
    [LARGE + 5000, 5 << 20, (1 << 22) + 1],
    [LARGE + 5000, LARGE + 5000, 1],
  ])('of %i bytes, %i of them its head, in pieces of %i', async (length, headLength, piece) => {
    await writeWhole(path, contentsOf(length, headLength, piece));
    expect(isWritten(length)).toBe(true);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('is written where the disk takes no memory that begins there', async () => {
    const own = vi.mocked(memory.pagedBytes);
    own.mockImplementation((length) => new Uint8Array(new ArrayBuffer(length + 9), 9));
    await writeWhole(path, contentsOf(LARGE + 1, 17, 3 << 20));
    expect(isWritten(LARGE + 1)).toBe(true);
  });

  test.each([1000, LARGE + 5000])(
    'of %i bytes stays what it was, where the next one fails',
    async (length) => {
      await writeWhole(path, [bytes.subarray(0, 100), bytes.subarray(100, 300)]);
      const contents = contentsOf(length, 17, 3 << 20);
      const failing = {
        ...contents,
        *pieces() {
          yield* contents.pieces();
          throw new Error('no more');
        },
      };
      await expect(writeWhole(path, failing)).rejects.toThrow('no more');
      expect(isWritten(300)).toBe(true);
      expect(readdirSync(folder)).toEqual(['file']);
    },
  );
});

describe.skipIf(process.platform === 'win32')('through a symbolic link', () => {
  let made = 0;
  /** A folder with others, in one of which there is a file. */
  const newFolder = () => {
    const own = join(folder, `links-${made++}`);
    mkdirSync(join(own, 'there', 'deep'), { recursive: true });
    writeFileSync(join(own, 'there', 'old'), 'before');
    return own;
  };

  test.each([
    ['a file', 'there/old', 'there/old'],
    ['what is not there yet', 'there/new', 'there/new'],
    ['a link to a file', 'second', 'there/old', 'there/old'],
    ['a link to what is not there yet', 'second', 'there/new', 'there/new'],
    ['what is not there yet, by a folder that is a link', 'second/../new', 'there/new', 'there/deep'],
  ])('what is written is %s', async (_, link, file, second = '') => {
    const own = newFolder();
    symlinkSync(link, join(own, 'link'));
    if (second !== '') symlinkSync(second, join(own, 'second'));
    await writeWhole(join(own, 'link'), [Buffer.from('after')]);
    expect(readlinkSync(join(own, 'link'))).toBe(link);
    expect(readFileSync(join(own, file), 'utf8')).toBe('after');
    expect(lstatSync(join(own, file)).isFile()).toBe(true);
    expect(readdirSync(own)).toHaveLength(second === '' ? 2 : 3);
  });

  test('what is written is not there yet, where the link is absolute, and has a folder', async () => {
    const own = newFolder();
    symlinkSync(join(own, 'there', 'new'), join(own, 'link'));
    await writeWhole(join(own, 'link'), [Buffer.from('after')]);
    expect(readFileSync(join(own, 'there', 'new'), 'utf8')).toBe('after');
    rmSync(join(own, 'link'));
    symlinkSync(join(own, 'nowhere', 'new'), join(own, 'link'));
    await expect(writeWhole(join(own, 'link'), [])).rejects.toThrow('ENOENT');
    expect(readdirSync(own)).toEqual(['link', 'there']);
  });

  test('nothing is, where links lead in a circle', async () => {
    const own = newFolder();
    symlinkSync('second', join(own, 'link'));
    symlinkSync('link', join(own, 'second'));
    await expect(writeWhole(join(own, 'link'), [])).rejects.toThrow('ELOOP');
    expect(readdirSync(own)).toEqual(['link', 'second', 'there']);
  });
});
