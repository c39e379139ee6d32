import { fill } from '../backend/stream.js';
import { cleared } from '../core/cleared.js';
import { checkUnlocked } from '../core/locks.js';
import { queued } from '../core/queued.js';
import type { FloatArray } from '../core/types.js';
import type { written } from '../core/written.js';
import type { RowGradient } from './row-gradient.js';

/**
 * What an optimizer trains: any object of this shape.
 *
 * `value` is updated in place. `grad` has the length and the element type of `value`; a `null` gradient means that the
 * parameter is skipped entirely (no weight decay, its step count stands still). `name` keys the parameter in a
 * state dictionary. Views with an offset and views of a `SharedArrayBuffer` work.
 *
 * `rowGrad`, in the place of `grad`, is the gradient of a table of which few rows were used: a step then updates these
 * rows alone, and the states that belong to them.
 */
export interface Parameter {
  readonly name?: string | undefined;
  readonly value: FloatArray;
  readonly grad: FloatArray | null;
  readonly rowGrad?: RowGradient | null;
  readonly shape?: readonly number[];
  /** Called after `value` was written to. A `Tensor` has it; other parameters need not. */
  readonly [written]?: () => void;
  /** Sets the gradient to zero when it is next read. A `Tensor` has it; other parameters need not. */
  readonly [cleared]?: () => void;
  /** Its arrays, for whoever only passes them on to kernels. A `Tensor` has it; other parameters need not. */
  readonly [queued]?: () => ParameterArrays;
}

/** What a step reads and writes of a parameter. */
export type ParameterArrays = Pick<Parameter, 'value' | 'grad' | 'rowGrad'>;

/** The arrays of a parameter, for whoever only passes them on to kernels. */
export function arraysOf(parameter: Parameter): ParameterArrays {
  return parameter[queued]?.() ?? parameter;
}

/** The gradient is zero, in place; one by rows forgets its rows. */
export function clearGrad(parameter: Parameter): void {
  checkUnlocked(parameter);
  if (parameter[cleared] !== undefined) {
    parameter[cleared]();
    return;
  }
  const { grad, rowGrad } = arraysOf(parameter);
  if (grad) fill(grad, 0);
  rowGrad?.clear();
}
