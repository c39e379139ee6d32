import type { Area, Case, Settings } from '../area.js';
import { judge, productTable } from '../gemm/judge.js';
import { type Library, openLibraries } from '../gemm/libraries.js';
import {
  makeProblem,
  nameOf,
  quickShapes,
  type Routine,
  type Shape,
  shapes,
  TYPES,
  work,
} from '../gemm/problem.js';
import { type Demand, type Limits, loadLimits } from '../limits.js';
import { OWN } from '../lines.js';
import { type Lockstep, loadLockstep } from '../lockstep.js';
import { type Contender, interleave, type Plan, timed } from '../measure.js';

const plan: Plan = { rounds: 9, seconds: 0.1, pause: 30 };
const quickPlan: Plan = { rounds: 2, seconds: 1e-4, pause: 0 };

/** Matrix products from Node, the call included, against the products of C libraries without one. */
export const gemm: Area = {
  summary: 'matrix products: GFLOP/s, and ratios to C libraries on the same threads',
  async run(settings) {
    const lockstep = await loadLockstep(settings);
    const limits = loadLimits();
    const libraries = await openLibraries(settings.threads, lockstep.targets().includes('avx512'));
    try {
      const cases = await measureAll(lockstep, libraries, limits, settings);
      const peers = Object.fromEntries(libraries.map(({ name, version }) => [name, version]));
      return {
        table: productTable(cases, settings.threads),
        notes: [
          'Speeds and ratios: medians over the rounds; ratios within each round. busy: processor time over wall time;',
          'more than 1.1 times the threads is void. of limit: the share of multiply-adds on registers alone. Ours:',
          'lockstep.gemm() in a loop of JavaScript. Theirs: a loop in C++ around equal arrays, the faster of the ways',
          'that a library has. T: transposed. -: absent, or without doubles.',
        ],
        acceptance: judge(cases, settings.threads),
        peers: { [OWN]: lockstep.currentTarget(), limit: limits.version, ...peers },
        cases,
      };
    } finally {
      for (const library of libraries) library.close();
    }
  },
};

async function measureAll(
  lockstep: Lockstep,
  libraries: readonly Library[],
  limits: Limits,
  { quick, only, threads, progress }: Settings,
): Promise<Case[]> {
  const cases: Case[] = [];
  const routines = Object.keys(TYPES).filter((name): name is Routine => name in TYPES);
  for (const routine of routines) {
    for (const shape of quick ? quickShapes : shapes) {
      const name = nameOf(routine, shape);
      if (!name.includes(only)) continue;
      progress(name);
      const demand: Demand = { operations: work(shape), doubles: routine === 'dgemm' };
      const contenders = [
        ...limits.contenders(demand, threads, work(shape)),
        ...(await openContenders(lockstep, libraries, routine, shape, threads)),
      ];
      cases.push({ name, demand, timings: await interleave(contenders, quick ? quickPlan : plan) });
    }
  }
  return cases;
}

async function openContenders(
  lockstep: Lockstep,
  libraries: readonly Library[],
  routine: Routine,
  shape: Shape,
  threads: readonly number[],
): Promise<Contender[]> {
  const { a, b, c } = makeProblem(routine, shape);
  const options = { ...shape, a, b, c };
  lockstep.gemm(options);
  const contenders = threads.map(
    (count): Contender => ({
      name: OWN,
      threads: count,
      work: work(shape),
      run(steps) {
        lockstep.useThreads(count);
        return timed(() => lockstep.gemm(options), steps);
      },
    }),
  );
  for (const library of libraries) contenders.push(...(await library.contenders(routine, shape, c)));
  return contenders;
}
