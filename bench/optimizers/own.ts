import { packedZeros, stateZeros } from '../../src/backend/memory.js';
import type { FloatArray } from '../../src/core/types.js';
import type { Optimizer } from '../../src/index.js';
import { storedIn } from '../../src/optim/stored-states.js';
import type { Lockstep } from '../lockstep.js';
import { type Contender, timed } from '../measure.js';
import { type Competitor, NAMES } from './competitor.js';
import { checkNormal, makeTensors, size } from './problem.js';
import type { Row } from './rows.js';
import type { Operand, SameTraffic } from './same-traffic.js';

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
      const operands = arraysOf(optimizer, row.packed);
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
        finish: () => checkNormal('lockstep', arraysOf(optimizer, null)),
      };
    },
    close() {},
  };
}

/** For every tensor its value, its gradient, and its states: copies of them that lie as they do, or as many bytes as are packed. */
function arraysOf(optimizer: Optimizer, packed: Row['packed'] | null): Operand[] {
  const states = Object.values(optimizer.stateDict().parameters);
  return optimizer.parameters().flatMap(({ value, grad }, i) => {
    const arrays = Object.values(states[i].arrays);
    const copies = arrays.map((state, number) => stateLike(value, state, number, packed));
    return [value, grad, ...copies].filter((array) => isOperand(array));
  });
}

function stateLike(value: FloatArray, state: FloatArray, number: number, packed: Row['packed'] | null) {
  const dtype = storedIn({ stateDtype: packed ?? 'float32' }, state.length);
  if (dtype === 'bfloat16') return packedZeros(Uint16Array, value, number, state.length);
  if (dtype === 'int8') return packedZeros(Uint8Array, value, number, state.length);
  const copy = stateZeros(value, number, state.length);
  copy.set(state);
  return copy;
}

const isOperand = (array: unknown): array is Operand =>
  array instanceof Float32Array || array instanceof Uint16Array || array instanceof Uint8Array;
