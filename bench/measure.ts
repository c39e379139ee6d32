import { setTimeout as sleep } from 'node:timers/promises';
import { type Spread, spread } from './statistics.js';

/** What some steps took. */
export interface Sample {
  readonly seconds: number;
  /** Seconds of processor time that the process took meanwhile, over all of its threads. */
  readonly processor: number;
}

/** One of those that do the same work. */
export interface Contender {
  readonly name: string;
  readonly threads: number;
  /** Elements, samples or operations that one step stands for. */
  readonly work: number;
  /** Takes so many steps and says what they took, without what is no part of a step. */
  run(steps: number): Sample | Promise<Sample>;
}

/** How long to measure. */
export interface Plan {
  readonly rounds: number;
  /** What one sample takes at least. */
  readonly seconds: number;
  /** Milliseconds of quiet before each sample: OpenBLAS's threads spin for 26 ms after their last product. */
  readonly pause: number;
}

/** What one contender did. */
export interface Timing {
  readonly contender: Contender;
  /** Steps to a sample. */
  readonly steps: number;
  /** Work per second by round; undefined where a slow contender sat out. */
  readonly speeds: readonly (number | undefined)[];
  readonly speed: Spread;
  /** Processor time over wall time: how many processors it kept busy. */
  readonly processors: number;
}

/** A contender with a slower step takes part in every fourth round only. */
const SLOW_SECONDS = 1;

/** A faster step finds its data in a cache, if it has just run: it runs before the clock starts. */
const CACHED_SECONDS = 0.01;

/** By how much processor time may exceed the threads that a contender is said to have. */
const PROCESSOR_TOLERANCE = 1.1;

interface Lane {
  readonly contender: Contender;
  readonly steps: number;
  readonly warmSteps: number;
  readonly every: number;
  readonly samples: (Sample | undefined)[];
}

/** Takes steps in this process. */
export function timed(step: () => void, steps: number): Sample {
  const before = process.cpuUsage();
  const start = performance.now();
  for (let s = 0; s < steps; s++) step();
  const seconds = (performance.now() - start) / 1000;
  return { seconds, processor: processorSince(before) };
}

/** Seconds of processor time of this process, of all its threads, since `process.cpuUsage()` was `before`. */
export function processorSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * Lets all contenders take turns, so that drifts of the machine hit all alike, in an order that gives each of them
 * another predecessor in every round (Williams 1949): caches, clocks and memory are as the one before left them.
 */
export async function interleave(contenders: readonly Contender[], plan: Plan): Promise<Timing[]> {
  const lanes: Lane[] = [];
  for (const contender of contenders) lanes.push(await calibrate(contender, plan));
  for (let round = 0; round < plan.rounds; round++) {
    for (let turn = 0; turn < lanes.length; turn++) {
      const lane = lanes[(round + zigzag(turn, lanes.length)) % lanes.length];
      lane.samples.push(round % lane.every === 0 ? await measure(lane, plan) : undefined);
    }
  }
  return lanes.map(({ contender, steps, samples }) => timingOf(contender, steps, samples));
}

/** What samples of so many steps each amount to. */
export function timingOf(
  contender: Contender,
  steps: number,
  samples: readonly (Sample | undefined)[],
): Timing {
  const speeds = samples.map((sample) => sample && (contender.work * steps) / sample.seconds);
  const total = (key: keyof Sample) => samples.reduce((sum, sample) => sum + (sample?.[key] ?? 0), 0);
  return {
    contender,
    steps,
    speeds,
    speed: spread(speeds.filter((speed) => speed !== undefined)),
    processors: total('processor') / total('seconds'),
  };
}

/** Whether it kept more processors busy than the threads it is said to have: its speed then says nothing. */
export function isVoid({ contender, processors }: Timing): boolean {
  return processors > PROCESSOR_TOLERANCE * contender.threads;
}

/** Of those whose name starts like this, on so many threads, the fastest one that is not void; else a void one. */
export function fastest(timings: readonly Timing[], name: string, threads: number): Timing | undefined {
  return timings
    .filter(({ contender }) => contender.name.startsWith(name) && contender.threads === threads)
    .sort((a, b) => Number(isVoid(a)) - Number(isVoid(b)) || b.speed.median - a.speed.median)
    .at(0);
}

/**
 * How much faster `ours` is than `theirs`: from the ratios within each round in which both took part, which a drift
 * between rounds leaves alone. Undefined where one of them is absent or void.
 */
export function ratio(ours: Timing | undefined, theirs: Timing | undefined): Spread | undefined {
  if (ours === undefined || theirs === undefined || isVoid(ours) || isVoid(theirs)) return undefined;
  const ratios = ours.speeds.flatMap((speed, round) => {
    const other = theirs.speeds[round];
    return speed === undefined || other === undefined ? [] : [speed / other];
  });
  return spread(ratios);
}

/** 0, 1, -1, 2, -2 ... modulo `count`: all distances between neighbours differ. */
function zigzag(turn: number, count: number): number {
  return turn % 2 === 1 ? (turn + 1) / 2 : (count - turn / 2) % count;
}

/** The first step allocates, the next ones compile; neither is measured. */
async function calibrate(contender: Contender, { seconds }: Plan): Promise<Lane> {
  await contender.run(1);
  let steps = 1;
  let taken = (await contender.run(steps)).seconds;
  while (taken < seconds / 4) {
    steps *= 2;
    taken = (await contender.run(steps)).seconds;
  }
  const perStep = taken / steps;
  return {
    contender,
    steps: Math.ceil(seconds / perStep),
    warmSteps: perStep < CACHED_SECONDS ? Math.ceil(seconds / perStep / 10) : 0,
    every: perStep > SLOW_SECONDS ? 4 : 1,
    samples: [],
  };
}

async function measure({ contender, steps, warmSteps }: Lane, { pause }: Plan): Promise<Sample> {
  await sleep(pause);
  if (warmSteps > 0) await contender.run(warmSteps);
  return contender.run(steps);
}
