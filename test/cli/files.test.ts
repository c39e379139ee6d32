import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeWhole } from '../../src/cli/files.js';

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
