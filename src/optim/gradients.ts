import { arraysOf, type Parameter } from '../array/parameter.js';
import { queuedValues } from '../array/row-gradient.js';
import { sumTree } from '../backend/contract/reduction-order.js';
import { settle } from '../backend/select.js';
import { kernels } from '../backend/stream.js';
import { checkUnlocked } from '../core/locks.js';
import type { FloatArray } from '../core/types.js';
import { ReusableBatch } from './batches.js';
import { checkDisjoint, checkIterable, checkParameter } from './parameters.js';

/** @throws TypeError where this is no iterable. */
export function listed(params: Iterable<Parameter>): readonly Parameter[] {
  checkIterable('params', params, 'parameters');
  return Array.from(params);
}

/**
 * The gradients of parameters, that are about to be changed: of one by rows the rows that it has.
 * @throws TypeError or RangeError naming the parameter that does not fit, or shares memory with another.
 */
export function collectGradients(params: Iterable<Parameter>): FloatArray[] {
  const entries = listed(params).map((parameter, i) => {
    checkParameter(`params[${i}]`, parameter);
    checkUnlocked(parameter);
    const { value, grad, rowGrad } = arraysOf(parameter);
    return { key: parameter.name ?? `#${i}`, value, grad, rowGrad };
  });
  // Else what is shared would count twice and be scaled twice.
  checkDisjoint(entries);
  return entries.flatMap(({ grad, rowGrad }) => grad ?? (rowGrad ? queuedValues(rowGrad) : []));
}

/** Runs a rule over arrays, in place. */
export function run(
  rule: 'squares' | 'scale',
  scalars: Readonly<Record<string, number>>,
  arrays: readonly FloatArray[],
): ReusableBatch {
  const batch = new ReusableBatch();
  batch.start(rule, scalars);
  for (const array of arrays) batch.add(array);
  batch.finish();
  kernels().step([batch]);
  return batch;
}

/** The root of what the rule `squares` has gathered. */
export function rootOf(batch: ReusableBatch): number {
  return normOf(squaresOf(batch));
}

/** The sum of squares of each array. */
export function squaresOf(batch: ReusableBatch): number[] {
  settle();
  return Array.from(batch.dotProducts(), ([square]) => square);
}

/** The norm of arrays together, of which these are the sums of squares. */
export function normOf(squares: readonly number[]): number {
  return Math.sqrt(sumTree(Float64Array.from(squares)));
}
