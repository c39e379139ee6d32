// Holds the model of `lockstep plan` to SimGrid, which simulates the messages of a program in C one by one, each with its share of every link
// it crosses: up to 256 ranks, with messages that the links bound and such that the ranks do. Needs Debian's package simgrid (smpicc, smpirun).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldSeconds, messageSeconds, nearRanks, WAYS } from '../src/cli/plan/model.ts';
import { found, root, run, seconds } from './shell.mjs';

const BOUND = 0.1;

const RANKS = [8, 64, 256];
/** Such that all of RANKS cut them into whole floats. */
const BYTES = [24 * 2 ** 20, 2 ** 20];
const FOLD = 10e9;
/** In bytes a second and seconds. */
const NETWORKS = [
  { name: '25 Gbit/s, 5 us, 5 us a message', bandwidth: 25e9 / 8, latency: 5e-6, overhead: 5e-6, fold: FOLD },
  { name: '25 Gbit/s, 5 us, 1 us a message', bandwidth: 25e9 / 8, latency: 5e-6, overhead: 1e-6, fold: FOLD },
  {
    name: '100 Gbit/s, 2 us, 0.5 us a message',
    bandwidth: 100e9 / 8,
    latency: 2e-6,
    overhead: 0.5e-6,
    fold: FOLD,
  },
];

const folder = mkdtempSync(join(tmpdir(), 'lockstep-plan-'));
const inFolder = (name) => join(folder, name);

function orThrow(command, args) {
  const { ok, output } = run(command, args);
  if (!ok) throw new Error(`${command} ${args.join(' ')}\n${output}`);
  return output;
}

/** A host a rank, whose link has one direction for each way, and half of the latency: a message crosses two. */
function writePlatform(ranks, { bandwidth, latency }) {
  const link = `bw="${bandwidth}Bps" lat="${latency / 2}s" sharing_policy="SPLITDUPLEX"`;
  writeFileSync(
    inFolder('platform.xml'),
    `<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><cluster id="c" prefix="r" suffix="" radical="0-${ranks - 1}" speed="1Gf" ${link}/></platform>
`,
  );
  writeFileSync(inFolder('hosts'), Array.from({ length: ranks }, (_, rank) => `r${rank}\n`).join(''));
}

/** Seconds of each way, for each number of bytes. */
function simulate(ranks, network) {
  writePlatform(ranks, network);
  const half = network.overhead / 2;
  const settings = [
    // What is between two processes was measured there: no factors of SimGrid's own for what TCP makes of a link.
    'network/model:CM02',
    'network/latency-factor:1',
    'network/bandwidth-factor:1',
    'network/TCP-gamma:0',
    'smpi/allreduce:lr',
    'smpi/simulate-computation:no',
    `smpi/ois:0:${half}:0`,
    `smpi/os:0:${half}:0`,
    `smpi/or:0:${half}:0`,
  ];
  const output = orThrow('smpirun', [
    ...['-np', String(ranks), '-platform', inFolder('platform.xml'), '-hostfile', inFolder('hosts')],
    ...settings.map((setting) => `--cfg=${setting}`),
    '--log=root.thres:warning',
    ...[inFolder('collectives'), String(nearRanks(ranks)), String(network.fold), ...BYTES.map(String)],
  ]);
  return new Map(
    output.split('\n').flatMap((line) => {
      const numbers = line.split(' ').map(Number);
      return numbers.length === 4 && numbers.every(Number.isFinite) ? [[numbers[0], numbers.slice(1)]] : [];
    }),
  );
}

/** What MPI adds in its ring takes no simulated time. */
function planned(way, ranks, bytes, network) {
  const messages = messageSeconds(way, ranks, bytes, network);
  return way === 'ring' ? messages : messages + foldSeconds(ranks, bytes, network);
}

const milliseconds = (time) => `${(1e3 * time).toFixed(3)} ms`.padStart(12);

/** Prints how far the model is from the simulation; the farthest. */
function compare(ranks, bytes, network, simulated) {
  const errors = WAYS.map((way, index) => {
    const model = planned(way, ranks, bytes, network);
    const error = model / simulated[index] - 1;
    const verdict = Math.abs(error) <= BOUND ? 'ok    ' : 'FAILED';
    const text = `${milliseconds(model)} planned ${milliseconds(simulated[index])} simulated ${(100 * error).toFixed(1).padStart(6)} %`;
    console.log(
      `${verdict} ${String(ranks).padStart(4)} ranks ${String(bytes).padStart(9)} bytes ${way.padEnd(9)} ${text}`,
    );
    return Math.abs(error);
  });
  return Math.max(...errors);
}

for (const command of ['smpicc', 'smpirun']) {
  if (found(command)) continue;
  console.error(`Lockstep: there is no ${command}, so nothing was checked: Debian's package simgrid has it.`);
  process.exit(1);
}
const start = performance.now();
try {
  const source = join(root, 'scripts', 'plan', 'collectives.c');
  orThrow('smpicc', ['-O2', '-Wall', '-Wextra', '-Werror', source, '-o', inFolder('collectives')]);
  let worst = 0;
  for (const network of NETWORKS) {
    console.log(network.name);
    for (const ranks of RANKS) {
      const simulated = simulate(ranks, network);
      for (const bytes of BYTES) {
        const times = simulated.get(bytes);
        if (times === undefined) throw new Error(`smpirun said nothing of ${bytes} bytes`);
        worst = Math.max(worst, compare(ranks, bytes, network, times));
      }
    }
  }
  const bound = `${100 * BOUND} %`;
  console.log(`The farthest is ${(100 * worst).toFixed(1)} % away, of ${bound} (${seconds(start)}).`);
  if (worst > BOUND) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
