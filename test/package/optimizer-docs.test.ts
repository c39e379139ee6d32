import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('docs/optimizers.md says what the code says, of every optimizer', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/optimizer-docs.mjs', '--check'], {
    encoding: 'utf8',
    env: { ...process.env, LOCKSTEP_QUIET: '1' },
  });
  expect([status, stderr]).toEqual([0, '']);
});
