import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStates, verifyStates } from '../../src/checkpoint/file.js';
import { save } from '../../src/checkpoint/index.js';
import { sourceOf } from '../../src/checkpoint/source.js';
import { DataError } from '../../src/data/index.js';
import { Generator } from '../../src/nn/index.js';

// Files that something has happened to: none may be taken for what it was, and every error is a DataError.

async function whole(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-mutations-'));
  const path = join(folder, 'whole.safetensors');
  const model = { weight: { value: Float32Array.from({ length: 24 }, (_, i) => i / 7), shape: [4, 6] } };
  await save(path, { model, extra: { steps: 12, list: [1, Number.NaN], bytes: Uint8Array.of(1, 2, 3) } });
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}

function mutate(bytes: Buffer, random: Generator): Buffer {
  const place = random.integer(bytes.length);
  const copy = Buffer.from(bytes);
  switch (random.integer(5)) {
    case 0:
      copy[place] ^= 1 << random.integer(8);
      return copy;
    case 1:
      return copy.subarray(0, place);
    case 2:
      return Buffer.concat([copy.subarray(0, place), Buffer.of(random.integer(256)), copy.subarray(place)]);
    case 3:
      copy.copyWithin(place, random.integer(bytes.length), bytes.length);
      return copy;
    default:
      copy.fill(random.integer(256), place, Math.min(bytes.length, place + random.integer(9)));
      return copy;
  }
}

/** @returns how many files were refused; the others are what was written. @throws where one was taken for another. */
export async function tryMutations(count: number, seed: number): Promise<number> {
  const bytes = await whole();
  const expected = await readStates(sourceOf('whole', bytes));
  const shown = JSON.stringify(expected);
  const random = new Generator(seed);
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const mutant = mutate(bytes, random);
    const source = sourceOf(`mutant ${i}`, mutant);
    try {
      const states = await readStates(source);
      await verifyStates(source);
      if (JSON.stringify(states) !== shown)
        throw new Error(`mutant ${i} of seed ${seed} was taken for a whole file`);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      refused++;
    }
  }
  return refused;
}
