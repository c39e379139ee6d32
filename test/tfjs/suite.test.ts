// tfjs-core's own tests, all of them, on this backend.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';

test.skipIf(!existsSync('dist'))(
  'the suite of tfjs-core passes',
  () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['test/tfjs/suite.mjs'], {
      encoding: 'utf8',
    });
    const lines = stdout.trim().split('\n');
    expect({ failed: lines.filter((line) => line.startsWith('FAILED')), stderr, status }).toMatchObject({
      failed: [],
      status: 0,
    });
    const counts = JSON.parse(lines.at(-1) ?? '');
    expect(counts).toMatchObject({ failed: 0 });
    expect(counts.passed).toBeGreaterThan(4200);
  },
  120_000,
);
