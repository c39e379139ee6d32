import { type Column, renderTable } from '../../src/text/table.js';
import type { fit } from '../../src/train/index.js';
import type { Acceptance, Area, Case } from '../area.js';
import { type Line, linesOf, right } from '../lines.js';
import { type Lockstep, loadLockstep, loadNn, loadTrain, type Nn } from '../lockstep.js';
import { type Contender, interleave, processorSince, ratio, type Sample, type Timing } from '../measure.js';
import { verdictOn } from '../promise.js';
import { comparedText, threadText, timingText } from '../text.js';
import { BATCHES, type NetworkName, networkNames, networks, sizesOf } from '../training/networks.js';

/** What is promised: a share of the speed of the foreground, and milliseconds. */
const LEAST_SPEED = 0.95;
const MOST_LATE = 2;

/** The timer's distance, in milliseconds. */
const TICK = 5;

const FOREGROUND = 'foreground';
const BACKGROUND = 'background';

interface Library {
  readonly lockstep: Lockstep;
  readonly nn: Nn;
  readonly fit: typeof fit;
}

/** A contender, and how late its timers were, in milliseconds. */
interface Trainer {
  readonly contender: Contender;
  readonly late: number[];
}

/** `fit` with and without `background`: how fast it is, and how late timers are meanwhile. */
export const background: Area = {
  summary: 'fit in the background, samples/s, float32, and how late a timer of 5 ms is meanwhile',
  async run({ threads, quick, only, progress }) {
    const lockstep = await loadLockstep({ quick });
    const library: Library = { lockstep, nn: await loadNn({ quick }), fit: (await loadTrain({ quick })).fit };
    const plan = quick ? { rounds: 2, seconds: 1e-3, pause: 0 } : { rounds: 15, seconds: 0.4, pause: 30 };
    const cases: Case[] = [];
    const late = new Map<Timing, number>();
    for (const name of networkNames) {
      const { name: title } = networks[name](sizesOf(quick));
      if (!title.includes(only)) continue;
      progress(title);
      const trainers = threads.flatMap((count) =>
        [false, true].map((isBackground) => trainerOf(library, name, quick, count, isBackground)),
      );
      const timings = await interleave(
        trainers.map(({ contender }) => contender),
        plan,
      );
      for (const [i, timing] of timings.entries()) late.set(timing, quantile(trainers[i].late, 0.99));
      cases.push({ name: title, timings });
    }
    const lines = linesOf(cases, threads);
    return {
      table: renderTable(columnsOf(late), lines),
      notes: ['late: milliseconds, of 99 in 100 timers at most.'],
      acceptance: lines.flatMap((line) => verdictsOn(line, late)),
      peers: {},
      cases,
    };
  },
};

function trainerOf(
  { lockstep, nn, fit }: Library,
  name: NetworkName,
  quick: boolean,
  threads: number,
  isBackground: boolean,
): Trainer {
  const network = networks[name](sizesOf(quick));
  const model = network.model(nn);
  const optimizer = new lockstep[network.optimizer](model.parameters());
  const data = examplesOf(nn, name, quick);
  const loss = (output: ReturnType<typeof model.forward>, y: Int32Array) =>
    nn.crossEntropy(output.reshape([y.length, -1]), y);
  const late: number[] = [];
  const run = async (steps: number): Promise<Sample> => {
    lockstep.useThreads(threads);
    let due = performance.now() + TICK;
    const timer = setInterval(() => {
      const now = performance.now();
      late.push(Math.max(0, now - due));
      due = now + TICK;
    }, TICK);
    const before = process.cpuUsage();
    const start = performance.now();
    const epochs = Math.ceil(steps / BATCHES);
    const { batch: batchSize } = network;
    await fit<Int32Array>(model, data, { loss, optimizer, batchSize, epochs, background: isBackground });
    clearInterval(timer);
    const share = steps / (epochs * BATCHES);
    // In the background JavaScript has a thread beside those of kernels.
    const own = isBackground ? threads / (threads + 1) : 1;
    return {
      seconds: (share * (performance.now() - start)) / 1000,
      processor: share * own * processorSince(before),
    };
  };
  const contender = { name: isBackground ? BACKGROUND : FOREGROUND, threads, work: network.batch, run };
  return { contender, late };
}

/** All batches that take turns, one below the other. */
function examplesOf(nn: Nn, name: NetworkName, quick: boolean) {
  const network = networks[name](sizesOf(quick));
  const batches = Array.from({ length: BATCHES }, (_, b) => network.examples(nn, b + 1));
  const [{ x, y }] = batches;
  const [inputs, labels] = [new Float32Array(BATCHES * x.size), new Int32Array(BATCHES * y.length)];
  for (const [b, batch] of batches.entries()) {
    inputs.set(batch.x.value, b * x.size);
    labels.set(batch.y, b * y.length);
  }
  return { x: nn.tensor(inputs, [BATCHES * network.batch, ...x.shape.slice(1)]), y: labels };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

function columnsOf(late: ReadonlyMap<Timing, number>): Column<Line>[] {
  const lateText = (timing: Timing | undefined) =>
    timing === undefined ? '-' : (late.get(timing) ?? 0).toFixed(2);
  return [
    { title: 'network', align: 'left', text: ({ name }) => name },
    right('threads', ({ threads }) => String(threads)),
    ...[FOREGROUND, BACKGROUND].map((name) => right(name, (line) => timingText(line.find(name), 1))),
    right('ratio', (line) => comparedText(line.find(BACKGROUND), line.find(FOREGROUND))),
    ...[FOREGROUND, BACKGROUND].map((name) => right(`late, ${name}`, (line) => lateText(line.find(name)))),
  ];
}

function verdictsOn(line: Line, late: ReadonlyMap<Timing, number>): Acceptance[] {
  const [ours, theirs] = [line.find(BACKGROUND), line.find(FOREGROUND)];
  const name = `${line.name}, ${threadText(line.threads)}`;
  const measured = ratio(ours, theirs);
  const delay = ours === undefined ? undefined : late.get(ours);
  const verdict = delay === undefined ? 'NOT MEASURED' : delay < MOST_LATE ? 'PASS' : 'SHORT';
  return [
    verdictOn({ name, than: 'of the foreground', least: LEAST_SPEED, measured }),
    { text: `${name}: timers late by ${delay?.toFixed(2) ?? '-'} ms (< ${MOST_LATE})`, verdict },
  ];
}
