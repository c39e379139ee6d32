import type { RuleName } from '../backend/contract/rules.js';
import { kernels } from '../backend/stream.js';
import type { FloatArray } from '../core/types.js';
import { ReusableBatch } from './batches.js';
import type { OptimizerOptions, Resolved } from './common-options.js';
import { type ParameterState, tellWritten } from './parameter-state.js';

/** See `runRule` of the optimizer. The parameters have just been read. */
export function runRule<Options extends OptimizerOptions, Memory extends object>(
  states: readonly ParameterState<Options, Memory>[],
  rule: RuleName,
  operands: readonly string[],
  scalars: (options: Resolved<Options>, memory: Memory) => Readonly<Record<string, number>> | null,
): void {
  const taking: ParameterState<Options, Memory>[] = [];
  const batches: ReusableBatch[] = [];
  for (const state of states) {
    const arrays = operands.map((name) => operandOf(state, name)).filter((array) => array !== null);
    const values = arrays.length === operands.length ? scalars(state.options, state.memory) : null;
    if (values === null) continue;
    const batch = new ReusableBatch();
    batch.start(rule, values);
    for (const array of arrays) batch.add(array);
    batch.finish();
    batches.push(batch);
    taking.push(state);
  }
  if (batches.length === 0) return;
  kernels().step(batches);
  if (operands[0] === 'value') tellWritten(taking);
}

function operandOf<Options extends OptimizerOptions, Memory extends object>(
  { value, grad, arrays }: ParameterState<Options, Memory>,
  name: string,
): FloatArray | null {
  if (name === 'value') return value;
  return (name === 'grad' ? grad : arrays[name]) ?? null;
}
