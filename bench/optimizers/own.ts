import { stateZeros } from '../../src/backend/memory.js';
import type { FloatArray } from '../../src/core/types.js';
import type { Optimizer } from '../../src/index.js';
import type { Lockstep } from '../lockstep.js';
import { type Contender, timed } from '../measure.js';
import { type Competitor, NAMES } from './competitor.js';
import { checkNormal, makeTensors, size } from './problem.js';
import type { SameTraffic } from './same-traffic.js';

const TYPESCRIPT = 'typescript';

/** This package on the target in use with each number of threads, and in TypeScript; and the loop over the same memory. */
export function openOwn(lockstep: Lockstep, loop: SameTraffic, threads: readonly number[]): Competitor {
  const native = lockstep.currentTarget();
  return {
    name: 'lockstep',
    version: native,
    async prepare(row, shape) {
      const optimizer = row.create(lockstep, makeTensors(shape));
      // The first step makes the states.
      optimizer.step();
      const operands = arraysOf(optimizer);
      const expected = shape.tensors * (2 + row.states);
      if (operands.length !== expected) {
        throw new Error(`a step of ${row.name} touches ${operands.length} arrays, not ${expected}`);
      }
      const work = size(shape);
      const contender = (name: string, target: string, count: number): Contender => ({
        name,
        threads: count,
        work,
        run(steps) {
          lockstep.useTarget(target);
          lockstep.useThreads(count);
          return timed(() => optimizer.step(), steps);
        },
      });
      return {
        contenders: [
          ...(native === TYPESCRIPT ? [] : threads.map((count) => contender(NAMES.native, native, count))),
          contender(NAMES.typescript, TYPESCRIPT, 1),
          ...loop.contenders(operands, row.states, row.name === 'Adam', threads, work),
        ],
        finish: () => checkNormal('lockstep', arraysOf(optimizer)),
      };
    },
    close() {},
  };
}

/** For every tensor its value, its gradient, and copies of its states, which lie as they do. */
function arraysOf(optimizer: Optimizer): Float32Array[] {
  const states = Object.values(optimizer.stateDict().parameters);
  const arrays = optimizer
    .parameters()
    .flatMap(({ value, grad }, i) => [value, grad, ...copiesOf(value, Object.values(states[i].arrays))]);
  return arrays.filter((array) => array instanceof Float32Array);
}

function copiesOf(value: FloatArray, states: readonly FloatArray[]): FloatArray[] {
  return states.map((state, i) => {
    const copy = stateZeros(value, i, state.length);
    copy.set(state);
    return copy;
  });
}
