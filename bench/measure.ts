import { setTimeout as sleep } from 'node:timers/promises';
import { type Spread, spread } from './statistics.js';

/** One of those that do the same work. */
export interface Contender {
  readonly name: string;
  readonly threads: number;
  /** Elements, samples or operations that one step stands for. */
  readonly work: number;
  /** Takes so many steps and returns the seconds they took, without what is no part of a step. */
  run(steps: number): number | Promise<number>;
}

/** How long to measure. */
export interface Plan {
  readonly rounds: number;
  /** What one sample takes at least. */
  readonly seconds: number;
  /** Milliseconds of quiet before each sample: the threads of the one before may still be spinning. */
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
}

/** A contender with a slower step takes part in every fourth round only. */
const SLOW_SECONDS = 1;

/** A faster step finds its data in a cache, if it has just run: it runs before the clock starts. */
const CACHED_SECONDS = 0.01;

interface Lane {
  readonly contender: Contender;
  readonly steps: number;
  readonly warmSteps: number;
  readonly every: number;
  readonly speeds: (number | undefined)[];
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
      lane.speeds.push(round % lane.every === 0 ? await sample(lane, plan) : undefined);
    }
  }
  return lanes.map(({ contender, steps, speeds }) => ({
    contender,
    steps,
    speeds,
    speed: spread(speeds.filter((speed) => speed !== undefined)),
  }));
}

/**
 * How much faster `ours` is than `theirs`: from the ratios within each round in which both took part, which a drift
 * between rounds leaves alone.
 */
export function ratio(ours: Timing, theirs: Timing): Spread {
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
  let taken = await contender.run(steps);
  while (taken < seconds / 4) {
    steps *= 2;
    taken = await contender.run(steps);
  }
  const perStep = taken / steps;
  return {
    contender,
    steps: Math.ceil(seconds / perStep),
    warmSteps: perStep < CACHED_SECONDS ? Math.ceil(seconds / perStep / 10) : 0,
    every: perStep > SLOW_SECONDS ? 4 : 1,
    speeds: [],
  };
}

async function sample({ contender, steps, warmSteps }: Lane, { pause }: Plan): Promise<number> {
  await sleep(pause);
  if (warmSteps > 0) await contender.run(warmSteps);
  const seconds = await contender.run(steps);
  return (contender.work * steps) / seconds;
}
