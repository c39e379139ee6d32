// Holds the model of `lockstep plan` to SimGrid, which simulates the messages of a program in C one by one, each with its share of every link
// it crosses: up to 256 ranks, with messages for which links decide, and such for which ranks do. Needs Debian's package simgrid (smpicc, smpirun).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldSeconds, messageSeconds, WAYS } from '../src/cli/plan/model.ts';
import { nearRanks } from '../src/distributed/levels.ts';
import { found, root, run, seconds } from './shell.mjs';

/**
 * Where links or latencies decide, the model is up to 5 % too fast: so much of a link SimGrid gives to acknowledgements, which are in no model
 * of messages. Where ranks take a fifth to a half as long for a message as a link does, it is up to 10 % too slow (flat, 16 ranks, 10 Gbit/s,
 * 30 us): some of the receiving is hidden after all. The bound is a half more than that, and no more than one knows of a cluster's numbers.
 */
const BOUND = 0.15;

/** Such that all numbers of ranks cut them into whole floats: with many ranks, links decide about the first, ranks about the second. */
const BYTES = [24 * 2 ** 20, 2 ** 20];
const FOLD = 10e9;
/** In bytes a second and seconds. */
const NETWORKS = [
  {
    name: '25 Gbit/s, 5 us, of which ranks take nothing',
    bandwidth: 25e9 / 8,
    latency: 5e-6,
    overhead: 0,
    fold: FOLD,
  },
  {
    name: '25 Gbit/s, 5 us, of which ranks take all',
    bandwidth: 25e9 / 8,
    latency: 5e-6,
    overhead: 2.5e-6,
    fold: FOLD,
  },
  {
    name: '10 Gbit/s, 30 us, of which ranks take all',
    bandwidth: 10e9 / 8,
    latency: 30e-6,
    overhead: 15e-6,
    fold: FOLD,
  },
  {
    name: '100 Gbit/s, 3 us, of which ranks take 1 us',
    bandwidth: 100e9 / 8,
    latency: 3e-6,
    overhead: 0.5e-6,
    fold: FOLD,
  },
];
const RANKS = [8, 16, 64, 256];

/** Where 65,280 messages begin one by one, SimGrid shares all links anew for each: half an hour and more, by what 64 ranks take. */
const isTooLong = (way, ranks, { overhead }) => isLarge(way, ranks) && overhead > 0;
/** Where they begin at once, 20 s will do, but only without acknowledgements. */
const isLarge = (way, ranks) => way === 'flat' && ranks > 64;

for (const command of ['smpicc', 'smpirun']) {
  if (found(command)) continue;
  console.error(`Lockstep: there is no ${command}, so nothing was checked: Debian's package simgrid has it.`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'lockstep-plan-'));
const inFolder = (name) => join(folder, name);

function orThrow(command, args) {
  const { ok, output } = run(command, args);
  if (!ok) throw new Error(`${command} ${args.join(' ')}\n${output}`);
  return output;
}

/** A host a rank, whose link has one direction for each way, and half of the wire's latency: a message crosses two. */
function writePlatform(ranks, { bandwidth, latency, overhead }) {
  const wire = latency - 2 * overhead;
  const link = `bw="${bandwidth}Bps" lat="${wire / 2}s" sharing_policy="SPLITDUPLEX"`;
  writeFileSync(
    inFolder('platform.xml'),
    `<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><cluster id="c" prefix="r" suffix="" radical="0-${ranks - 1}" speed="1Gf" ${link}/></platform>
`,
  );
  writeFileSync(inFolder('hosts'), Array.from({ length: ranks }, (_, rank) => `r${rank}\n`).join(''));
}

/** What the program takes for its exchange. */
const levels = (way, ranks) => ({ ring: 0, flat: ranks, 'two-level': nearRanks(ranks) })[way];

/** What the program prints: seconds for each of the numbers of bytes. */
function simulate(way, ranks, network, bytes) {
  writePlatform(ranks, network);
  const settings = [
    // What is between two processes was measured there: no factors of SimGrid's own for what TCP makes of a link.
    'network/model:CM02',
    'network/latency-factor:1',
    'network/bandwidth-factor:1',
    'network/TCP-gamma:0',
    // Acknowledgements do take a part of the other direction.
    `network/crosstraffic:${isLarge(way, ranks) ? 0 : 1}`,
    'smpi/simulate-computation:no',
    ...['smpi/os', 'smpi/ois', 'smpi/or'].map((name) => `${name}:0:${network.overhead}:0`),
    // The ring of reductions, then that of results. Its sends take a rank no time unless they are buffered.
    ...(way === 'ring' ? ['smpi/allreduce:lr', `smpi/send-is-detached-thresh:${2 ** 30}`] : []),
  ];
  const output = orThrow('smpirun', [
    ...['-np', String(ranks), '-platform', inFolder('platform.xml'), '-hostfile', inFolder('hosts')],
    ...settings.map((setting) => `--cfg=${setting}`),
    '--log=root.thres:warning',
    ...[inFolder('collectives'), String(levels(way, ranks)), String(network.fold), ...bytes.map(String)],
  ]);
  const numbers = output.split('\n').filter((line) => /^[\d.e-]+$/.test(line));
  if (numbers.length !== bytes.length)
    throw new Error(`smpirun printed no time for each of ${bytes}:\n${output}`);
  return numbers.map(Number);
}

/** What MPI adds in its ring takes no simulated time. */
function planned(way, ranks, bytes, network) {
  const messages = messageSeconds(way, ranks, bytes, network);
  return way === 'ring' ? messages : messages + foldSeconds(ranks, bytes, network);
}

const milliseconds = (time) => `${(1e3 * time).toFixed(3)} ms`.padStart(12);

/** Prints how far the model is from the simulation; the farthest. */
function compare(way, ranks, network) {
  const simulated = simulate(way, ranks, network, BYTES);
  const errors = BYTES.map((bytes, index) => {
    const model = planned(way, ranks, bytes, network);
    const error = model / simulated[index] - 1;
    const verdict = Math.abs(error) <= BOUND ? 'ok    ' : 'FAILED';
    const what = `${String(ranks).padStart(4)} ranks ${way.padEnd(9)} ${String(bytes).padStart(9)} bytes`;
    const times = `${milliseconds(model)} planned ${milliseconds(simulated[index])} simulated`;
    console.log(`${verdict} ${what} ${times} ${(100 * error).toFixed(1).padStart(6)} %`);
    return Math.abs(error);
  });
  return Math.max(...errors);
}

const start = performance.now();
try {
  const source = join(root, 'scripts', 'plan', 'collectives.c');
  orThrow('smpicc', ['-O2', '-Wall', '-Wextra', '-Werror', source, '-o', inFolder('collectives')]);
  for (const way of ['flat', 'two-level']) simulate(way, 8, NETWORKS[0], []);
  let worst = 0;
  for (const network of NETWORKS) {
    console.log(network.name);
    for (const ranks of RANKS) {
      for (const way of WAYS) {
        if (isTooLong(way, ranks, network))
          console.log(`SKIPPED ${ranks} ranks ${way}: it would take half an hour`);
        else worst = Math.max(worst, compare(way, ranks, network));
      }
    }
  }
  const bound = `${100 * BOUND} %`;
  console.log(`The farthest is ${(100 * worst).toFixed(1)} % away, of ${bound} (${seconds(start)}).`);
  if (worst > BOUND) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
