import { checkObject, show } from '../../core/validate.js';
import type { OptimizerState } from '../../optim/index.js';
import { tf } from '../peers.js';
import type { NamedTensor, VariableParameter } from './variables.js';

// The state of an optimizer as TensorFlow.js saves it with a model: tensors by name, of which the first counts the steps. For
// each variable `<name>/step` and `<name>/<state>`; and one text for what is no array.

const TEXT = 'lockstep/state';
const STEP = 'step';

/** The tensors of a state; those that see them must dispose of them. */
export function writeWeights(state: OptimizerState, shapes: ReadonlyMap<string, number[]>): NamedTensor[] {
  const { parameters, ...rest } = state;
  const weights = Object.entries(parameters).flatMap(([name, { step, arrays }]) => [
    { name: `${name}/${STEP}`, tensor: tf.scalar(step, 'int32') },
    ...Object.entries(arrays).map(([array, values]) => ({
      name: `${name}/${array}`,
      tensor: tf.tensor(values, shapes.get(name) ?? [values.length], 'float32'),
    })),
  ]);
  return [...weights, { name: TEXT, tensor: tf.scalar(JSON.stringify(rest), 'string') }];
}

type Parameters = OptimizerState['parameters'];

/** A saved state, until the variables are known that it belongs to. */
export interface Weights {
  /** The state for these variables: by name, or in their order where a loaded model has called them otherwise. */
  stateFor(parameters: readonly VariableParameter[]): OptimizerState;
}

export async function readWeights(weights: readonly NamedTensor[]): Promise<Weights> {
  const text = weights.find(({ name }) => name === TEXT);
  if (text === undefined) {
    throw new Error(
      `the saved state has no ${TEXT}: it is of another optimizer, and of ${weights.length} tensors`,
    );
  }
  const rest: unknown = JSON.parse(String((await text.tensor.data())[0]));
  checkObject(TEXT, rest);
  const saved: Record<string, { step: number; arrays: Record<string, Float32Array> }> = {};
  for (const { name, tensor } of weights) {
    if (name === TEXT) continue;
    const end = name.lastIndexOf('/');
    const [owner, array] = [name.slice(0, end), name.slice(end + 1)];
    saved[owner] ??= { step: 0, arrays: {} };
    const values = await tensor.data();
    if (array === STEP) saved[owner].step = Number(values[0]);
    else saved[owner].arrays[array] = Float32Array.from(values);
  }
  return {
    stateFor: (parameters) => ({
      ...(rest as Omit<OptimizerState, 'parameters'>),
      parameters: named(saved, parameters),
    }),
  };
}

function named(saved: Parameters, parameters: readonly VariableParameter[]): Parameters {
  const names = parameters.map(({ name }) => name);
  if (names.every((name) => name in saved)) return saved;
  const entries = Object.values(saved);
  if (entries.length === names.length) {
    return Object.fromEntries(names.map((name, i) => [name, entries[i]]));
  }
  throw new Error(
    `the saved state is of ${entries.length} variables, ${show(Object.keys(saved))}, and there are ${names.length}: ${show(names)}`,
  );
}
