// `npm run bench:distributed`: our all-reduce beside MPI_Allreduce of the same library, in turns; the bytes that it sends; and how much of
// one is left after 150 ms of computing. Needs a built package, an mpirun and its mpicc.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROUNDS = 5;
const REPETITIONS = 40;
/** Of floats: 1 MB and 26 MB. */
const LENGTHS = [250_000, 6_500_000];
const RANKS = [2, 4];

const LIBRARIES = [
  { name: 'Open MPI', mpirun: 'mpirun.openmpi', mpicc: 'mpicc.openmpi' },
  { name: 'MPICH', mpirun: 'mpirun.mpich', mpicc: 'mpicc.mpich' },
];

const env = {
  ...process.env,
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  OMPI_MCA_rmaps_base_oversubscribe: '1',
};

function run(command: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', env });
  return status === 0 ? stdout : null;
}

/** The last number of the line that begins with a text. */
function numberOf(output: string, start: string): number {
  const line = output.split('\n').find((one) => one.startsWith(`${start} `));
  return Number(line?.split(' ').at(-1));
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function compare(name: string, mpirun: string, program: string, ranks: number): void {
  const args = [String(REPETITIONS), ...LENGTHS.map(String)];
  const ours = ['-n', String(ranks), process.execPath, 'bench/distributed/allreduce.mjs', ...args];
  const theirs = ['-n', String(ranks), program, ...args];
  const rounds = Array.from({ length: ROUNDS }, () => ({
    own: run(mpirun, ours),
    other: run(mpirun, theirs),
  }));
  const outputs = rounds.flatMap(({ own, other }) =>
    own === null || other === null ? [] : [{ own, other }],
  );
  if (outputs.length < ROUNDS) {
    console.log(`FAILED  ${name}, ${ranks} processes`);
    return;
  }
  for (const length of LENGTHS) {
    const own = median(outputs.map((output) => numberOf(output.own, String(length))));
    const other = median(outputs.map((output) => numberOf(output.other, String(length))));
    const bytes = numberOf(outputs[0]?.own ?? '', `bytes ${length}`);
    const expected = (2 * 4 * length * (ranks - 1)) / ranks;
    console.log(
      `${name}, ${ranks} processes, ${((4 * length) / 1e6).toFixed(0)} MB: ${own.toFixed(2)} ms, MPI_Allreduce ` +
        `${other.toFixed(2)} ms: ${(own / other).toFixed(2)} times as long; sends ${bytes} bytes of 2n(P-1)/P = ${expected}`,
    );
  }
  const waits = outputs.map((output) => numberOf(output.own, `wait ${ranks}`));
  console.log(
    `${name}, ${ranks} processes: 26 MB behind 150 ms of computing leave ${median(waits).toFixed(2)} ms to wait`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'lockstep-mpi-'));
for (const { name, mpirun, mpicc } of LIBRARIES) {
  const program = join(folder, mpicc);
  if (run(mpicc, ['-O3', 'bench/distributed/allreduce.c', '-o', program]) === null) {
    console.log(`SKIPPED ${name}: without ${mpicc}`);
    continue;
  }
  for (const ranks of RANKS) compare(name, mpirun, program, ranks);
}
rmSync(folder, { recursive: true });
