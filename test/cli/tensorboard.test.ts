import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c, eventFile, eventFiles, writeEventFiles } from '../../src/cli/compare/tensorboard.js';
import golden from '../golden/event-file.json' with { type: 'json' };
import { sampleStudy } from './sample-study.js';

describe('eventFile', () => {
  it('has the bytes that TensorBoard’s own writer has', () => {
    const scalars = golden.scalars.map(({ step, tag, value }) => ({ step, tag, value: Number(value) }));
    expect(Buffer.from(eventFile(scalars, golden.seconds)).toString('hex')).toBe(golden.bytes);
  });

  it('has the checksums of RFC 3720, B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
  });
});

describe('eventFiles', () => {
  const study = sampleStudy();

  it('are a folder for each configuration and seed, the same for the same study', () => {
    const files = eventFiles(study);
    expect(files.map(({ path }) => path)).toContain(
      'optimizer=adam_lr=0.001/seed-2/events.out.tfevents.1795348800.lockstep',
    );
    expect(new Set(files.map(({ path }) => path)).size).toBe(study.runs.length);
    const again = eventFiles(study);
    expect(again.every(({ bytes }, index) => Buffer.compare(bytes, files[index].bytes) === 0)).toBe(true);
  });

  it('stay below the folder, whatever configurations are called', () => {
    const ids = ['../up', '..', '/etc', 'a b', 'a/b', 'A_B', 'ä', ''];
    const [first] = study.configurations;
    const configurations = ids.map((id) => ({ ...first, id }));
    const runs = ids.map((configuration) => ({ ...study.runs[0], configuration }));
    const folders = eventFiles(sampleStudy({ configurations, runs })).map(({ path }) => path.split('/')[0]);
    expect(new Set(folders.map((name) => name.toLowerCase())).size).toBe(ids.length);
    for (const name of folders) expect(name).toMatch(/^[A-Za-z0-9=_-][A-Za-z0-9=_.-]*$/);
  });

  it('are written where they are asked for', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
    writeEventFiles(folder, study);
    const [{ path, bytes }] = eventFiles(study);
    expect(readFileSync(join(folder, path)).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(study.configurations.length);
  });
});
