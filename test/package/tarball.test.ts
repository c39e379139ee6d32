import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test.each([[[]], [['--complete']]])('a package without a repository is not to be published: %s', (args) => {
  const { stderr } = spawnSync(process.execPath, ['scripts/check-tarball.mjs', ...args], {
    encoding: 'utf8',
  });
  const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));
  const isMissing = args.length > 0 && repository === undefined;
  expect(/package\.json must have a "repository"/.test(stderr)).toBe(isMissing);
});
