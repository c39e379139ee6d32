// What takes too long for the tests of `lockstep compare`: a study that is killed again and again ends as one that was not, and of
// studies of equals hardly any claims a difference. `npm run check:study`; `-- kill` or `-- coins` for one of them.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { loadData } from '../src/cli/compare/data.js';
import type { StudyRun } from '../src/cli/compare/study.js';
import { useThreads } from '../src/index.js';
import { flipsCoins } from '../test/cli/coin-flips.js';

const COMMAND = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const KILLS = 10;
const STUDIES = 200;
const MOST_CLAIMS = STUDIES / 20;

/** What a study came to, without what depends on the hour and the speed. */
function resultsIn(path: string): string {
  const { date: _, command: __, ...study } = JSON.parse(readFileSync(path, 'utf8'));
  const runs = study.runs.map(
    ({ seconds: _, secondsToGoal: __, samplesPerSecond: ___, ...run }: StudyRun) => run,
  );
  return JSON.stringify({ ...study, runs });
}

async function killed(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-killed-'));
  const args = ['compare', '--data', 'spirals', '--epochs', '20', '--tune', '4', '--quiet'];
  const study = (name: string) => [COMMAND, ...args, '--json', `${name}.json`, '--store', name];
  const start = performance.now();
  spawnSync(process.execPath, study('whole'), { cwd: folder, stdio: 'ignore' });
  const whole = performance.now() - start;
  let kills = 0;
  for (; kills < KILLS; kills++) {
    const child = spawn(process.execPath, study('killed'), { cwd: folder, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const pause = new AbortController();
    const later = setTimeout(300 + (Math.random() * whole) / 5, null, pause).catch(() => null);
    await Promise.race([ended, later]);
    pause.abort();
    if (child.exitCode !== null) break;
    child.kill('SIGKILL');
    await ended;
    const done = readdirSync(join(folder, 'killed')).filter((name) => name.endsWith('.json')).length;
    console.log(`killed ${kills + 1} times, ${done} runs are done`);
  }
  spawnSync(process.execPath, study('killed'), { cwd: folder, stdio: 'ignore' });
  const isSame = resultsIn(join(folder, 'whole.json')) === resultsIn(join(folder, 'killed.json'));
  console.log(`${isSame ? 'the same results' : 'OTHER RESULTS'} after ${kills} kills`);
  rmSync(folder, { recursive: true });
  return isSame;
}

async function coins(): Promise<boolean> {
  useThreads(1);
  const { data } = await loadData({ data: 'spirals', label: null, regression: false, image: null, seed: 0 });
  let claims = 0;
  for (let number = 0; number < STUDIES; number++) {
    if (await flipsCoins(data, number, { epochs: 6, limit: 300 })) claims++;
    if (number % 20 === 19) console.log(`${number + 1} studies of equals, ${claims} with a claim`);
  }
  console.log(`${claims} of ${STUDIES} claim a difference; at most ${MOST_CLAIMS} may`);
  return claims <= MOST_CLAIMS;
}

const [only] = process.argv.slice(2);
const checks = Object.entries({ kill: killed, coins }).filter(
  ([name]) => only === undefined || only === name,
);
for (const [, check] of checks) if (!(await check())) process.exitCode = 1;
