// `npm run check:distributed`: programs of several processes (test/distributed/ranks/) under the launchers of the libraries of MPI
// that are here. All operations must end in the same bits on any number of processes, and whatever goes wrong must end all of
// them with a message, not in waiting. Needs dist/ and the native binary.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNoMachines, withMachines } from './namespaces.mjs';
import { root, seconds } from './shell.mjs';

const RANKS = [1, 2, 3, 4, 8];
const TOO_LONG = 60_000;

/** Who starts processes, and the library that it is for. */
const LAUNCHERS = [
  {
    name: 'Open MPI',
    commands: ['mpirun.openmpi', 'mpirun'],
    version: /Open MPI|OpenRTE/,
    library: 'libmpi.so.40',
  },
  { name: 'MPICH', commands: ['mpirun.mpich', 'mpirun'], version: /HYDRA/, library: 'libmpich.so.12' },
];

/** More processes than processors, as root, on one machine. */
const environment = {
  ...process.env,
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  OMPI_MCA_mpi_yield_when_idle: '1',
  OMPI_MCA_btl_base_warn_component_unused: '0',
  // What UCX takes where it may choose is not there between namespaces.
  UCX_TLS: process.env.UCX_TLS ?? 'tcp,self,sm',
  PRTE_ALLOW_RUN_AS_ROOT: '1',
  PRTE_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  LOCKSTEP_THREADS: '1',
};

const WAITED = /rank \d of 4, in bucket 7: waited 2 s for rank 2/;
const UNCLOSED = /rank 2 of 4 ends without close\(\)/;

/** What four processes do, and what must be read in what they print. Without `isFine` the launcher must say that it failed. */
const FAILURES = [
  { what: 'killed', says: /signal 9|Killed|BAD TERMINATION/ },
  { what: 'stopped', says: WAITED },
  { what: 'busy', says: WAITED },
  { what: 'exits', says: UNCLOSED },
  { what: 'throws', says: /something else went wrong[\s\S]*ends without close\(\)/ },
  { what: 'exitsMeanwhile', says: UNCLOSED },
  { what: 'otherLength', says: /rank \d sent \d+ bytes where \d+ are expected|truncated/i },
  // By the launcher, not because one has waited too long: of that they would tell.
  { what: 'interrupted', says: /to be interrupted(?![\s\S]*lockstep\/distributed)/ },
  { what: 'late', says: /in init: waited 20 s for all processes/ },
  { what: 'forgotten', says: /all went well/, isFine: true },
];

/** Runs a program on some ranks: { status, output, isLate }. */
function launch(command, ranks, program, ...args) {
  return watch(() => {}, command, ranks, program, ...args);
}

/** The same; `onOutput` is told what was printed so far, and the launcher. A command may have words of its own. */
function watch(onOutput, command, ranks, program, ...args) {
  return new Promise((resolve) => {
    const path = join('test', 'distributed', 'ranks', program);
    const [launcher, ...own] = [command].flat();
    const child = spawn(launcher, [...own, '-n', String(ranks), process.execPath, path, ...args], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let isLate = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
        onOutput(output, child);
      });
    }
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, TOO_LONG);
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, output, isLate });
    });
  });
}

let failures = 0;

function tell(title, problem, start, output) {
  if (problem === null) return console.log(`ok      ${title} (${seconds(start)})`);
  failures++;
  console.error(`${output}\nFAILED  ${title}: ${problem} (${seconds(start)})`);
}

const digests = new Set();

async function checkOperations({ name, command }) {
  for (const ranks of RANKS) {
    const start = performance.now();
    const { status, output, isLate } = await launch(command, ranks, 'operations.mjs');
    const digest = new RegExp(`^digest ${ranks} (\\w+)$`, 'm').exec(output)?.[1];
    if (digest !== undefined) digests.add(digest);
    const isOne = digests.size === 1;
    const problem = isLate
      ? 'it did not end'
      : status !== 0 || digest === undefined
        ? 'it failed'
        : isOne
          ? null
          : 'other bits';
    tell(`all operations on ${ranks} processes of ${name}`, problem, start, output);
  }
}

/** How the networks of training.mjs are trained: all ways must end in the bits of one process without the others. */
const TRAININGS = [
  ...[1, 2, 4, 8].map((ranks) => ({ ranks, args: [] })),
  ...[2, 8].map((ranks) => ({ ranks, args: ['--shards'] })),
];
const trained = new Set();

/** @returns what is wrong; null where nothing is. */
async function problemOfTraining(command, ranks, args, known) {
  return problemOf(await launch(command, ranks, 'training.mjs', ...args), ranks, known);
}

function problemOf({ status, output, isLate }, ranks, known) {
  const digest = new RegExp(`^digest ${ranks} (\\w+)$`, 'm').exec(output)?.[1];
  if (isLate) return { problem: 'it did not end', output };
  if (status !== 0 || digest === undefined) return { problem: 'it failed', output };
  known?.add(digest);
  return { problem: known === undefined || known.size === 1 ? null : 'other bits', output };
}

async function checkTraining({ name, command }) {
  for (const { ranks, args } of [{ ranks: 1, args: ['--alone'] }, ...TRAININGS]) {
    const start = performance.now();
    const { problem, output } = await problemOfTraining(command, ranks, args, trained);
    tell(`training on ${ranks} processes of ${name} ${args.join(' ')}`, problem, start, output);
  }
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-distributed-'));
  const start = performance.now();
  try {
    const begun = await problemOfTraining(command, 4, ['--shards', `--folder=${folder}`, '--stop=5']);
    const ended = await problemOfTraining(command, 3, [`--folder=${folder}`], trained);
    const problem = begun.problem ?? ended.problem;
    tell(`4 processes of ${name} go on as 3`, problem, start, `${begun.output}\n${ended.output}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MACHINES = [2, 4];
const LINK = '1gbit';

/** Over TCP, between machines that share no memory. */
async function checkMachines(launchers) {
  const reason = whyNoMachines();
  if (reason !== null) return console.log(`SKIPPED machines with a network between them: ${reason}`);
  for (const count of MACHINES) {
    await withMachines(count, LINK, async (commandOf) => {
      for (const launcher of launchers) {
        const start = performance.now();
        const { problem, output } = await problemOfTraining(commandOf(launcher), count, [], trained);
        tell(`training on ${count} machines with ${LINK} of ${launcher.name}`, problem, start, output);
      }
    });
  }
}

const KILLS = 20;
/** One after the other goes on where the one before was killed. */
const RANKS_OF_KILLED = [4, 2, 3, 8, 2];
/** Of a run that is to be killed, in milliseconds, from when all ranks have begun. */
const LONGEST_LIFE = 1500;

/** Kills one of the ranks, any time after all have begun. @returns how it ended */
function launchAndKill(command, ranks, args) {
  let timer = null;
  const onOutput = (output) => {
    const processes = [...output.matchAll(/^rank \d+ is process (\d+)$/gm)].map(([, number]) =>
      Number(number),
    );
    if (timer !== null || processes.length < ranks) return;
    const victim = processes[Math.floor(Math.random() * ranks)];
    timer = setTimeout(() => killIfThere(victim), Math.random() * LONGEST_LIFE);
  };
  return watch(onOutput, command, ranks, 'training.mjs', ...args).finally(() => clearTimeout(timer));
}

function killIfThere(number) {
  try {
    process.kill(number, 'SIGKILL');
  } catch {
    // It was done.
  }
}

/** Ranks are killed again and again, and the next ones, more or fewer, go on: what ends in peace has the same bits. */
async function checkKills(launchers) {
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-distributed-'));
  let [kills, ended, problem, last] = [0, 0, null, ''];
  try {
    for (let turn = 0; (kills < KILLS || ended === 0) && problem === null; turn++) {
      const ranks = RANKS_OF_KILLED[turn % RANKS_OF_KILLED.length];
      const args = [`--folder=${join(folder, String(ended))}`, ...(turn % 2 === 0 ? ['--shards'] : [])];
      const { command } = launchers[turn % launchers.length];
      const result =
        kills < KILLS
          ? await launchAndKill(command, ranks, args)
          : await launch(command, ranks, 'training.mjs', ...args);
      const isKilled = result.status !== 0 && /signal 9|Killed|KILLED/.test(result.output);
      last = result.output;
      if (isKilled) kills++;
      else problem = problemOf(result, ranks, trained).problem;
      if (!isKilled) ended++;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  tell(`the same bits after ${kills} kills, ${ended} times`, problem, start, last);
}

/** As by Ctrl-C, once they ask for it. */
function interrupt(output, launcher) {
  if (output.trimEnd().endsWith('to be interrupted')) launcher.kill('SIGINT');
}

async function checkFailures({ name, command }) {
  for (const { what, says, isFine = false } of FAILURES) {
    const start = performance.now();
    const { status, output, isLate } = await watch(interrupt, command, 4, 'failures.mjs', what);
    const problem = isLate
      ? 'it did not end'
      : (status === 0) !== isFine
        ? `it ended with ${status}`
        : !says.test(output)
          ? `it does not say ${says}`
          : null;
    tell(`${what}, on 4 processes of ${name}`, problem, start, output);
  }
}

/** A library under the launcher of another one. */
async function checkStrangers({ name, command }, { library, name: other }) {
  const start = performance.now();
  const { output, isLate } = await launch(command, 2, 'failures.mjs', 'stranger', library);
  const says = /mpirun of (Open MPI|the MPICH family) started 2 processes \(\w+\), but \S+/;
  tell(
    `${other} under the launcher of ${name}`,
    isLate ? 'it did not end' : says.test(output) ? null : 'it does not say so',
    start,
    output,
  );
}

/** Commands that are not there, and those of another MPI, do not say their version. */
function find({ commands, version, ...launcher }) {
  const command = commands.find((one) => {
    const { stdout, status } = spawnSync(one, ['--version'], { encoding: 'utf8', env: environment });
    return status === 0 && version.test(stdout);
  });
  return command === undefined ? null : { ...launcher, command };
}

const found = LAUNCHERS.map(find);
for (const [i, launcher] of found.entries()) {
  if (launcher === null) {
    console.log(`SKIPPED processes of ${LAUNCHERS[i].name}: its mpirun is not installed`);
    continue;
  }
  await checkOperations(launcher);
  await checkTraining(launcher);
  await checkFailures(launcher);
  const other = found[1 - i];
  if (other !== null) await checkStrangers(launcher, other);
}
const launchers = found.filter((launcher) => launcher !== null);
if (launchers.length > 0) {
  await checkMachines(launchers);
  await checkKills(launchers);
}
if (failures > 0) process.exitCode = 1;
