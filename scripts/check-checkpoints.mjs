// Kills processes that save checkpoints, and damages files: see test/checkpoint/killed.ts.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, tool } from './shell.mjs';

const { status } = spawnSync(
  process.execPath,
  [tool('tsx', 'tsx'), join('test', 'checkpoint', 'killed.ts')],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
