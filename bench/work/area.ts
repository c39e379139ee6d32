import { type Column, renderTable } from '../../src/text/table.js';
import type { Area, AreaReport, Case, Settings } from '../area.js';
import { loadKernels, loadLockstep, loadNn } from '../lockstep.js';
import { type Contender, interleave, type Plan, ratio, type Timing } from '../measure.js';
import { openPytorch, PYTORCH, type Pytorch } from '../peers/pytorch.js';
import { TFJS_BACKENDS, tfjsName } from '../peers/tfjs.js';
import { type Promised, verdictOn } from '../promise.js';
import type { Spread } from '../statistics.js';
import { ratioText, speedText, threadText } from '../text.js';
import { TfjsPeer } from './tfjs.js';
import type { Library, Work } from './work.js';

const plan: Plan = { rounds: 9, seconds: 0.05, pause: 10 };
const quickPlan: Plan = { rounds: 2, seconds: 1e-4, pause: 0 };
const OWN = 'lockstep';
const COPY = 'copy';

/**
 * An area of pieces of work against PyTorch, and TensorFlow.js where they say how. `quickWork` has tiny sizes; `unit`: the
 * elements that speeds are in.
 */
export function workArea(
  summary: string,
  work: readonly Work[],
  quickWork: readonly Work[],
  unit = 1e9,
): Area {
  return {
    summary,
    async run(settings) {
      const pytorch = await openPytorch(settings.python);
      try {
        return await measureAll(settings, settings.quick ? quickWork : work, pytorch, unit);
      } finally {
        pytorch.close();
      }
    },
  };
}

async function measureAll(
  settings: Settings,
  list: readonly Work[],
  pytorch: Pytorch,
  unit: number,
): Promise<AreaReport> {
  const lockstep = await loadLockstep(settings);
  const [kernels, nn] = [await loadKernels(settings), await loadNn(settings)];
  const library = { lockstep, kernels, nn };
  const { threads } = settings;
  const cases: Case[] = [];
  const promises: Promised[] = [];
  const absent: string[] = [];
  const tfjs = new TfjsPeer(settings.quick);
  const withTfjs = list.some((work) => work.tfjs !== undefined);
  for (const work of list) {
    if (!work.name.includes(settings.only)) continue;
    settings.progress(work.name);
    const own = ownContenders(library, work, threads);
    if (own.length === 0) absent.push(work.name);
    const theirs = work.pytorch ? await pytorch.prepare(work.pytorch, threads, work.elements) : [];
    const contenders = [...own, ...theirs, ...(work.copies ? [copy(work.elements)] : [])];
    const timings = await interleave(contenders, settings.quick ? quickPlan : plan);
    if (theirs.length > 0) await pytorch.finish();
    cases.push({ name: work.name, timings: [...timings, ...(await tfjs.measure(work))] });
    promises.push(...threads.flatMap((count) => promisesOf(work, timings, count, settings.quick)));
  }
  return {
    table: tableOf(cases, threads, unit, withTfjs),
    notes: [
      'Speeds: medians over the rounds ± half of the distance between the quartiles. Ratios: medians of the ratios',
      'within each round, on the same number of threads. PyTorch: the fastest of its ways. copy: TypedArray.set of as',
      'many elements, on one thread. -: has no such function, or is absent.',
      ...(withTfjs ? tfjs.notes() : []),
      ...(absent.length > 0 ? [`Not in this build: ${absent.join(', ')}.`] : []),
    ],
    acceptance: promises.map(verdictOn),
    peers: {
      lockstep: lockstep.currentTarget(),
      PyTorch: pytorch.version,
      ...(withTfjs && { tfjs: tfjs.version }),
    },
    cases,
  };
}

function ownContenders(library: Library, work: Work, threads: readonly number[]): Contender[] {
  const step = work.prepare(library);
  if (step === null) return [];
  return threads.map((count) => ({
    name: OWN,
    threads: count,
    work: work.elements,
    run(steps) {
      library.lockstep.useThreads(count);
      return time(step, steps);
    },
  }));
}

function copy(elements: number): Contender {
  const [from, to] = [new Float32Array(elements).fill(1), new Float32Array(elements)];
  return { name: COPY, threads: 1, work: elements, run: (steps) => time(() => to.set(from), steps) };
}

function time(step: () => void, steps: number): number {
  const start = performance.now();
  for (let s = 0; s < steps; s++) step();
  return (performance.now() - start) / 1000;
}

function find(timings: readonly Timing[], name: string, threads: number): Timing | undefined {
  return timings
    .filter(({ contender }) => contender.name.startsWith(name) && contender.threads === threads)
    .sort((a, b) => b.speed.median - a.speed.median)[0];
}

function compare(timings: readonly Timing[], peer: string, threads: number): Spread | undefined {
  const own = find(timings, OWN, threads);
  const other = find(timings, peer, peer === COPY ? 1 : threads);
  return own && other && ratio(own, other);
}

function promisesOf({ name, targets }: Work, timings: readonly Timing[], threads: number, quick: boolean) {
  const peers = [
    [PYTORCH, 'x PyTorch', targets.pytorch],
    [COPY, 'of a plain copy', targets.copy],
  ] as const;
  return peers.flatMap(([peer, than, least]): Promised[] => {
    if (least === undefined || (peer === COPY && threads > 1)) return [];
    const measured = quick ? undefined : compare(timings, peer, threads);
    return [{ name: `${name}, ${threadText(threads)}`, than, least, measured }];
  });
}

function tableOf(
  cases: readonly Case[],
  threads: readonly number[],
  unit: number,
  withTfjs: boolean,
): string {
  const ratioColumn = (title: string, peer: string, count: number): Column<Case> => ({
    title,
    align: 'right',
    text: ({ timings }) => {
      const found = compare(timings, peer, count);
      return found === undefined ? '-' : ratioText(found.median);
    },
  });
  const tfjsColumns = TFJS_BACKENDS.map((backend): Column<Case> => {
    const title = tfjsName(backend);
    return {
      title,
      align: 'right',
      text: ({ timings }) => {
        const found = find(timings, title, 1);
        return found === undefined ? '-' : `${Number((found.speed.median / unit).toPrecision(3))}`;
      },
    };
  });
  const columns: Column<Case>[] = [
    { title: 'step', align: 'left', text: ({ name }) => name },
    ...threads.flatMap((count): Column<Case>[] => [
      {
        title: `${OWN} x${count}`,
        align: 'right',
        text: ({ timings }) => {
          const own = find(timings, OWN, count);
          return own === undefined ? '-' : speedText(own.speed, unit);
        },
      },
      ratioColumn('/PyTorch', PYTORCH, count),
      ratioColumn('/copy', COPY, count),
    ]),
    ...(withTfjs ? tfjsColumns : []),
  ];
  return renderTable(columns, cases);
}
