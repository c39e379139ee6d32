import type { Area, Case, Settings } from '../area.js';
import { judge, OWN, productTable } from '../gemm/judge.js';
import { type Library, openLibraries } from '../gemm/libraries.js';
import {
  checkSame,
  makeProblem,
  nameOf,
  type Problem,
  quickShapes,
  type Routine,
  shapes,
  TYPES,
  work,
} from '../gemm/problem.js';
import { type Lockstep, loadLockstep } from '../lockstep.js';
import { type Contender, interleave, type Plan } from '../measure.js';

const plan: Plan = { rounds: 9, seconds: 0.1, pause: 15 };
const quickPlan: Plan = { rounds: 2, seconds: 1e-4, pause: 0 };

/** Matrix products from Node, the call included, against the products of C libraries without one. */
export const gemm: Area = {
  summary: 'matrix products: GFLOP/s, and ratios to C libraries on the same threads',
  async run(settings) {
    const lockstep = await loadLockstep(settings);
    const libraries = openLibraries();
    const cases: Case[] = [];
    const routines = Object.keys(TYPES).filter((name): name is Routine => name in TYPES);
    for (const routine of routines) {
      for (const shape of settings.quick ? quickShapes : shapes) {
        const name = nameOf(routine, shape);
        if (!name.includes(settings.only)) continue;
        settings.progress(name);
        const contenders = openContenders(lockstep, libraries, makeProblem(routine, shape), settings);
        cases.push({ name, timings: await interleave(contenders, settings.quick ? quickPlan : plan) });
      }
    }
    const peers = Object.fromEntries(libraries.map(({ name, version }) => [name, version]));
    return {
      table: productTable(cases, settings.threads),
      notes: [
        'Speeds and ratios: medians over the rounds; ratios within each round. Ours: lockstep.gemm() in a loop of',
        'JavaScript. Theirs: a loop in C++ around the same arrays. T: transposed. -: absent, or without doubles.',
      ],
      acceptance: judge(cases, settings.threads),
      peers: { [OWN]: lockstep.currentTarget(), ...peers },
      cases,
    };
  },
};

function openContenders(
  lockstep: Lockstep,
  libraries: readonly Library[],
  problem: Problem,
  { threads }: Settings,
): Contender[] {
  const { shape, a, b, c } = problem;
  const options = { ...shape, a, b, c };
  lockstep.gemm(options);
  const expected = c.slice();
  const own = threads.map(
    (count): Contender => ({
      name: OWN,
      threads: count,
      work: work(shape),
      run(steps) {
        lockstep.useThreads(count);
        const start = performance.now();
        for (let s = 0; s < steps; s++) lockstep.gemm(options);
        return (performance.now() - start) / 1000;
      },
    }),
  );
  const others = libraries.flatMap((library) => {
    const contenders = library.contenders(problem, threads);
    if (contenders.length > 0) checkSame(library.name, c, expected, shape);
    return contenders;
  });
  return [...own, ...others];
}
