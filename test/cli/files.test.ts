import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFolder, checkWritable, writeWhole } from '../../src/cli/files.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writeWhole', () => {
  it('leaves no temporary file, neither where it wrote the file nor where it could not', () => {
    const path = join(folder, 'x');
    for (const text of ['first', 'second']) writeWhole(path, text);
    expect(readFileSync(path, 'utf8')).toBe('second');
    // Everything is written, but cannot take the place of a folder.
    mkdirSync(join(folder, 'folder'));
    expect(() => writeWhole(join(folder, 'folder'), 'text')).toThrow(/folder/);
    expect(readdirSync(folder).sort()).toEqual(['folder', 'x']);
  });
});

describe('checkWritable', () => {
  it.each([
    ['a folder that is not there', 'none/r.html', /^--out ".*none.r\.html": there is no folder .*none$/],
    [
      'a name that no file can have',
      `${'r'.repeat(250)}.html`,
      /^--out ".*r+\.html": cannot be written: ENAMETOOLONG/,
    ],
    ['a folder', '', /^--out ".*": is a folder, expected a file$/],
  ])('refuses %s', (_, name, message) => {
    expect(() => checkWritable(join(folder, name), '--out')).toThrow(message);
  });

  // Were it not refused, the device would be gone.
  it.skipIf(!existsSync('/dev/null'))('refuses a device', () => {
    expect(() => checkWritable('/dev/null', '--json')).toThrow(
      '--json "/dev/null": is a device, expected a file',
    );
  });
});

describe('checkFolder', () => {
  it('takes one that can be made, and makes none', () => {
    checkFolder(join(folder, 'a', 'b'), '--tensorboard');
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });

  it('refuses what is a file, or would be in one', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of ['file', 'file/below']) {
      expect(() => checkFolder(join(folder, path), '--tensorboard')).toThrow(
        /^--tensorboard ".*": cannot be written: .*file is no folder$/,
      );
    }
  });
});
