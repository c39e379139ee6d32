// What takes too long for the tests of `lockstep compare`: a study that is killed again and again ends as one that was not, and of
// studies of equals hardly any claims a difference. `npm run check:study`; `-- kill` or `-- coins` for one of them.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { loadData } from '../src/cli/compare/data.js';
import { baseFor } from '../src/cli/compare/plan.js';
import type { Configuration, Study, StudyRun } from '../src/cli/compare/study.js';
import { train } from '../src/cli/compare/train.js';
import { differences } from '../src/cli/report/differences.js';
import { useThreads } from '../src/index.js';

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
  const args = ['compare', '--data', 'spirals', '--epochs', '40', '--tune', '4', '--quiet'];
  const study = (name: string) => [COMMAND, ...args, '--json', `${name}.json`, '--store', name];
  const start = performance.now();
  spawnSync(process.execPath, study('whole'), { cwd: folder, stdio: 'ignore' });
  const whole = performance.now() - start;
  let kills = 0;
  for (; kills < KILLS; kills++) {
    const child = spawn(process.execPath, study('killed'), { cwd: folder, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const pause = new AbortController();
    const later = setTimeout(300 + (Math.random() * whole) / 3, null, pause).catch(() => null);
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

/** Two names of one optimizer. The seeds of one are none of the other's: nothing but chance is between them. */
async function coins(): Promise<boolean> {
  useThreads(1);
  const { data } = await loadData({ data: 'spirals', label: null, regression: false, image: null, seed: 0 });
  const settings = { ...baseFor({ optimizer: 'adam' }, data), lr: 0.001 };
  const configurations: readonly Configuration[] = ['heads', 'tails'].map((id) => ({
    id,
    name: id,
    settings,
  }));
  const seeds = [0, 1, 2];
  let claims = 0;
  for (let number = 0; number < STUDIES; number++) {
    const runs: StudyRun[] = [];
    for (const [side, { id }] of configurations.entries()) {
      for (const seed of seeds) {
        const own = seeds.length * (2 * number + side) + seed;
        const task = { hash: id, configuration: id, settings, seed: own, epochs: 6, limit: null, goal: 0.97 };
        runs.push({ ...(await train(task, data, () => {})), seed });
      }
    }
    const study: Study = {
      ...{ schema: 1, version: '', date: '', command: '', machine: { cpu: '', platform: '', node: '' } },
      ...{ target: '', threads: 1, metric: 'accuracy', goal: 0.97, epochs: 6, factors: [], trials: [] },
      data: { ...data, trainRows: data.train.rows, testRows: data.test.rows },
      ...{ base: settings, seeds, configurations, runs },
    };
    if (differences(study).pairs.some(({ verdict }) => verdict !== 'open')) claims++;
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
