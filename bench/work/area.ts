import type { Area, AreaReport, Case, Settings } from '../area.js';
import { LIMIT, type Limits, loadLimits } from '../limits.js';
import { OWN } from '../lines.js';
import { loadKernels, loadLockstep, loadNn } from '../lockstep.js';
import { type Contender, fastest, interleave, type Plan, ratio, type Timing, timed } from '../measure.js';
import { OnnxPeer } from '../peers/onnx.js';
import { openPytorch, PYTORCH, type Pytorch } from '../peers/pytorch.js';
import { type Promised, verdictOn } from '../promise.js';
import { threadText } from '../text.js';
import { KERNELS, workTable } from './table.js';
import { TfjsPeer } from './tfjs.js';
import type { Library, Prepared, Work } from './work.js';

const plan: Plan = { rounds: 9, seconds: 0.05, pause: 30 };
const quickPlan: Plan = { rounds: 2, seconds: 1e-4, pause: 0 };

/** An area of pieces of work, and others of tiny sizes. */
export interface WorkArea {
  readonly summary: string;
  readonly work: readonly Work[];
  readonly quickWork: readonly Work[];
  /** The elements a second that speeds are in. Default billions. */
  readonly unit?: number;
  /** What a sample takes at least. Default 0.05. */
  readonly seconds?: number;
  /** How many samples of each. Default 9. */
  readonly rounds?: number;
  /** What is to be known of its table beside what is true of all. */
  readonly notes?: readonly string[];
}

/** Measures pieces of work against the limit of the machine and the peers that they name. */
export function workArea(area: WorkArea): Area {
  return {
    summary: area.summary,
    async run(settings) {
      const list = settings.quick ? area.quickWork : area.work;
      const pytorch = await openPytorch(settings.python, settings.threads);
      const onnx = list.some((work) => work.onnx) ? await OnnxPeer.open(settings) : undefined;
      try {
        return await measureAll(settings, area, list, { pytorch, onnx, tfjs: new TfjsPeer(settings.quick) });
      } finally {
        pytorch.close();
        onnx?.close();
      }
    },
  };
}

interface Peers {
  readonly pytorch: Pytorch;
  readonly onnx: OnnxPeer | undefined;
  readonly tfjs: TfjsPeer;
}

async function measureAll(
  settings: Settings,
  { unit = 1e9, seconds = plan.seconds, rounds = plan.rounds, notes = [] }: WorkArea,
  list: readonly Work[],
  peers: Peers,
): Promise<AreaReport> {
  const lockstep = await loadLockstep(settings);
  const [kernels, nn] = [await loadKernels(settings), await loadNn(settings)];
  const library = { lockstep, kernels, nn };
  const limits = loadLimits();
  const { threads } = settings;
  const cases: Case[] = [];
  const promises: Promised[] = [];
  const absent: string[] = [];
  const failures: string[] = [];
  const withTfjs = list.some((work) => work.tfjs !== undefined);
  for (const work of list) {
    if (!work.name.includes(settings.only)) continue;
    settings.progress(work.name);
    const duration = settings.quick ? quickPlan : { ...plan, seconds, rounds };
    const timings = await attempt(work, () => measure(work, library, limits, peers, threads, duration));
    if (timings instanceof Error) failures.push(timings.message);
    if (timings === null) absent.push(work.name);
    if (timings === null || timings instanceof Error) continue;
    cases.push({ name: work.name, timings, ...(work.demand && { demand: work.demand }) });
    promises.push(...threads.flatMap((count) => promisesOf(work, timings, count, settings.quick)));
  }
  return {
    table: workTable(cases, threads, unit),
    notes: [
      'Speeds: medians over the rounds ± half of the distance between the quartiles. Ratios: medians of the ratios',
      'within each round, on the same number of threads. busy: processor time over wall time; more than 1.1 times',
      'the threads is void. of limit: the share of what a loop reaches that does what a step demands and nothing',
      'else. PyTorch: the fastest of its ways, which is named last. -: has no such function, or is absent.',
      ...notes,
      ...(withTfjs ? peers.tfjs.notes() : []),
      ...(absent.length > 0 ? [`Not in this build: ${absent.join('; ')}.`] : []),
      ...failures.map((text) => `Failed: ${text}`),
    ],
    acceptance: promises.map(verdictOn),
    peers: {
      lockstep: lockstep.currentTarget(),
      limit: limits.version,
      PyTorch: peers.pytorch.version,
      ...(peers.onnx && { 'ONNX Runtime': peers.onnx.version }),
      ...(withTfjs && { tfjs: peers.tfjs.version }),
    },
    cases,
  };
}

/** One piece of work that fails leaves the others alone; the command ends with 1 then. */
async function attempt<Result>({ name }: Work, run: () => Promise<Result>): Promise<Result | Error> {
  try {
    return await run();
  } catch (error) {
    process.exitCode = 1;
    return new Error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Null where this build has no such function. */
async function measure(
  work: Work,
  library: Library,
  limits: Limits,
  { pytorch, onnx, tfjs }: Peers,
  threads: readonly number[],
  duration: Plan,
): Promise<Timing[] | null> {
  const { elements } = work;
  const own = work.prepare(library);
  if (own === null) return null;
  const raw = work.prepareKernels?.(library);
  const theirs = work.pytorch ? await pytorch.prepare(work.pytorch, elements) : [];
  const contenders = [
    ...ownContenders(OWN, own, library, elements, threads),
    ...(raw ? ownContenders(KERNELS, raw, library, elements, threads) : []),
    ...(work.demand ? limits.contenders(work.demand, threads, elements) : []),
    ...theirs,
    ...(work.onnx && onnx ? await onnx.prepare(work.onnx, library.nn, elements) : []),
  ];
  const timings = await interleave(contenders, duration);
  own.check?.();
  if (theirs.length > 0) await pytorch.finish();
  return [...timings, ...(await tfjs.measure(work))];
}

function ownContenders(
  name: string,
  prepared: Prepared,
  { lockstep }: Library,
  elements: number,
  threads: readonly number[],
): Contender[] {
  return threads.map((count) => ({
    name,
    threads: count,
    work: elements,
    run(steps) {
      lockstep.useThreads(count);
      return timed(prepared.step, steps);
    },
  }));
}

function promisesOf({ name, targets }: Work, timings: readonly Timing[], threads: number, quick: boolean) {
  const peers = [
    [PYTORCH, 'x PyTorch', targets.pytorch],
    [LIMIT, 'of the limit', threads === 1 ? targets.limit : undefined],
  ] as const;
  return peers.flatMap(([peer, than, least]): Promised[] => {
    if (least === undefined) return [];
    const found = ratio(fastest(timings, OWN, threads), fastest(timings, peer, threads));
    return [{ name: `${name}, ${threadText(threads)}`, than, least, measured: quick ? undefined : found }];
  });
}
