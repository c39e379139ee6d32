// `npm run check:queued [test ...]`: tests that know nothing of the queue, with all queued that can be, and late: see
// test/stream/hostile.ts. Takes minutes.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const DEFAULT = ['test/nn', 'test/optim', 'test/train', 'test/stream'];

// A buffer that was queued cannot be taken away, as these want to.
const NEVER = [
  'refuses what does not fit, and changes nothing',
  'takes away',
  'a step that fails leaves none',
  // Here none does.
  'is over before a kernel that runs at once',
];

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const given = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    vitest,
    'run',
    ...(given.length > 0 ? given : DEFAULT),
    '--testNamePattern',
    `^(?!.*(${NEVER.join('|')}))`,
  ],
  { stdio: 'inherit', env: { LOCKSTEP_TEST_DELAY: '100', ...process.env, LOCKSTEP_TEST_QUEUED: '1' } },
);
process.exitCode = status ?? 1;
