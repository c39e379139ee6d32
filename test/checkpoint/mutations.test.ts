import { expect, test } from 'vitest';
import { readStates } from '../../src/checkpoint/file.js';
import { sourceOf } from '../../src/checkpoint/source.js';
import { DataError } from '../../src/data/index.js';
import { tryMutations } from './mutations.js';

test('of 2,000 files that something has happened to, none is taken for another', async () => {
  expect(await tryMutations(2000, 1)).toBeGreaterThan(1800);
});

/** A file with this header, however long it says that is, and so many bytes behind it. */
function fileOf(header: string, length = BigInt(header.length), bytes = 0): Uint8Array {
  const file = Buffer.alloc(8 + header.length + bytes);
  file.writeBigUInt64LE(length);
  file.write(header, 8);
  return file;
}

const tensor = (offsets: readonly number[], length: number) =>
  JSON.stringify({ dtype: 'U8', shape: [length], data_offsets: offsets });

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /too short/],
  ['a header of 2^53 bytes', fileOf('{}', 2n ** 53n), /its header would have 9007199254740992 bytes/],
  ['a header of 2^64 - 1 bytes', fileOf('{}', 2n ** 64n - 1n), /its header would have/],
  [
    'tensors that overlap',
    fileOf(`{"a":${tensor([0, 4], 4)},"b":${tensor([2, 6], 4)}}`, undefined, 6),
    /must start at byte 4/,
  ],
  [
    'a tensor of 2^53 bytes',
    fileOf(`{"a":${tensor([0, 2 ** 53 - 1], 2 ** 53 - 1)}}`, undefined, 8),
    /the file has 8 for them/,
  ],
  [
    'the same name twice',
    fileOf(`{"a":${tensor([0, 1], 1)},"a":${tensor([0, 1], 1)}}`, undefined, 1),
    /has the key "a" twice/,
  ],
  ['no checkpoint', fileOf(`{"__proto__":${tensor([0, 1], 1)}}`, undefined, 1), /expected a checkpoint/],
  [
    'another version',
    fileOf('{"__metadata__":{"format":"lockstep checkpoint","version":"9"}}'),
    /version "9" is not known/,
  ],
  [
    'no checksums',
    fileOf('{"__metadata__":{"format":"lockstep checkpoint","version":"1"}}'),
    /no JSON|no checksums/,
  ],
  [
    'a state that is deeper than any',
    fileOf(
      JSON.stringify({
        __metadata__: {
          format: 'lockstep checkpoint',
          version: '1',
          state: '['.repeat(1e5),
          checksums: '{"tensors":{}}',
        },
      }),
    ),
    /checksum of "its state"/,
  ],
])('a hostile file is refused: %s', async (_, bytes, message) => {
  const read = readStates(sourceOf('hostile', bytes));
  await expect(read).rejects.toThrow(DataError);
  await expect(read).rejects.toThrow(message);
});
