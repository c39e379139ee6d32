// What the build makes of the modules: few files for an import, and the names of the sources.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const dist = join(import.meta.dirname, '..', '..', 'dist');

/** The files that importing one reads, itself included. */
function filesOf(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const imports = readFileSync(path, 'utf8').matchAll(
    /^(?:import|\} from|import \{.*\} from) "(\.[^"]+)";/gm,
  );
  for (const [, relative] of imports) filesOf(join(dirname(path), relative), found);
  return found;
}

const namesOf = (module: object) =>
  Object.fromEntries(
    Object.entries(module).map(([key, value]) => [
      key,
      typeof value === 'function' ? value.name : typeof value,
    ]),
  );

describe.skipIf(!existsSync(dist))('dist/', () => {
  test('is a few files for an import', () => {
    expect(filesOf(join(dist, 'index.js')).size).toBeLessThanOrEqual(5);
    expect(filesOf(join(dist, 'nn', 'index.js')).size).toBeLessThanOrEqual(10);
  });

  test.each(['schedule/index.js', 'cli/main.js'])('has no addon in %s', (entry) => {
    const text = [...filesOf(join(dist, entry))].map((path) => readFileSync(path, 'utf8')).join('');
    expect(text).not.toContain('process.dlopen');
  });

  test.each([
    ['index.js', lockstep],
    ['nn/index.js', nn],
  ])('keeps the names of functions and classes in %s', async (entry, source) => {
    expect(namesOf(await import(join(dist, entry)))).toEqual(namesOf(source));
  });
});
