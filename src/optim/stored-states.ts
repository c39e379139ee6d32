import { STATE_DTYPES, type StateDType, scramble } from '../backend/contract/storage.js';
import type { FloatArray } from '../core/types.js';
import { checkOneOf, show } from '../core/validate.js';

/** What optimizers take whose states may have fewer bits. */
export interface StateDTypeOption {
  /**
   * What the states of float32 parameters are stored in: 'float32'; 'bfloat16', half of the memory; or 'int8', a quarter, in blocks
   * of 256 elements with a scale of their own (as Dettmers et al. 2022, https://arxiv.org/abs/2110.02861; parameters of fewer
   * than 4,096 elements keep float32). They are rounded up or down by chance, the same in every run and on every machine.
   * `stateDict()` has them in float32 all the same, so that another dtype can go on with it. Default 'float32'.
   */
  readonly stateDtype?: StateDType;
}

/** Below it a parameter's states are worth no loss. */
const LEAST_INT8 = 4096;

export function checkStateDtype(dtype: unknown): void {
  checkOneOf('stateDtype', dtype, STATE_DTYPES);
}

function dtypeOf(options: object): StateDType {
  const dtype: unknown = 'stateDtype' in options ? options.stateDtype : 'float32';
  return STATE_DTYPES.find((one) => one === dtype) ?? 'float32';
}

/** What the states of a parameter of so many elements are stored in. */
export function storedIn(options: object, length: number): StateDType {
  const dtype = dtypeOf(options);
  return dtype === 'int8' && length < LEAST_INT8 ? 'float32' : dtype;
}

/** @throws TypeError where the states of a parameter cannot be stored in that. */
export function checkStorable(options: object, key: string, value: FloatArray): void {
  const dtype = dtypeOf(options);
  if (dtype === 'float32' || value instanceof Float32Array) return;
  throw new TypeError(
    `stateDtype must be 'float32' for parameter ${show(key)}, which is a ${value.constructor.name}: ` +
      `'${dtype}' is for Float32Array alone`,
  );
}

/** Of the random words of a parameter's step. */
export const keyOfStep = (step: number): number => scramble(step);
