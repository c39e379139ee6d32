import type { Optimizer } from '../../src/index.js';
import type { Lockstep } from '../lockstep.js';
import type { Contender } from '../measure.js';
import { type Competitor, NAMES } from './competitor.js';
import { checkNormal, makeTensors, size } from './problem.js';

const TYPESCRIPT = 'typescript';

/** This package: on the target in use with each number of threads, and in TypeScript. */
export function openOwn(lockstep: Lockstep, threads: readonly number[]): Competitor {
  const target = lockstep.currentTarget();
  return {
    name: 'lockstep',
    version: target,
    async prepare(row, shape) {
      const tensors = makeTensors(shape);
      const optimizer = row.create(lockstep, tensors);
      const contender = (name: string, target: string, threads: number): Contender => ({
        name,
        threads,
        work: size(shape),
        run(steps) {
          lockstep.useTarget(target);
          lockstep.useThreads(threads);
          return takeSteps(optimizer, steps);
        },
      });
      return {
        contenders: [
          ...(target === TYPESCRIPT ? [] : threads.map((count) => contender(NAMES.native, target, count))),
          contender(NAMES.typescript, TYPESCRIPT, 1),
        ],
        finish() {
          const states = Object.values(optimizer.stateDict().parameters);
          checkNormal('lockstep', [
            ...tensors.map(({ value }) => value),
            ...states.flatMap(({ arrays }) => Object.values(arrays)),
          ]);
        },
      };
    },
    close() {},
  };
}

function takeSteps(optimizer: Optimizer, steps: number): number {
  const start = performance.now();
  for (let s = 0; s < steps; s++) optimizer.step();
  return (performance.now() - start) / 1000;
}
