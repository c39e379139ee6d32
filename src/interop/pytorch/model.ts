import { isFloats } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import type { FloatArray } from '../../core/types.js';
import { checkObject, show } from '../../core/validate.js';
import type { ArrayOfShape, NamedArrays } from '../../data/index.js';
import type { Module, ModuleState, Tensor } from '../../nn/index.js';
import { checkModule } from '../../nn/layers/module.js';
import { type Entry, entriesOf, type PyTorchOptions, problemWith } from './entries.js';
import { rowsOf, stacked, toOurs, toTheirs } from './turn.js';

export const PYTORCH_OPTIONS: OptionNames<PyTorchOptions> = { rename: true, flattened: true };

/**
 * Copies the tensors of a `state_dict()` of PyTorch, by its names and in its layouts, to the parameters and buffers of a
 * model made of the same layers, and returns the model. Numbers are converted to the model's element type, as PyTorch's
 * `load_state_dict` does.
 *
 * ```ts
 * fromPyTorch(model, await readSafetensors('model.safetensors', { types: 'all' }));
 * ```
 *
 * Layouts: convolutions have their channels second there and last here; so has what a linear layer takes behind a `Flatten`.
 * `MultiHeadAttention` has `in_proj_weight` in three parts. `num_batches_tracked` is not read. What no layer of PyTorch's
 * corresponds to (`Residual`) is named as it is here.
 * @throws RangeError naming all tensors that are missing, not in the model, or of another shape; TypeError naming one that is no
 * array of floats; Error where the order of the columns behind a `Flatten` is not known. Nothing has then changed.
 */
export function fromPyTorch<M extends Module>(
  model: M,
  tensors: NamedArrays,
  options: PyTorchOptions = {},
): M {
  checkModule('model', model);
  checkObject('tensors', tensors);
  checkOptions('fromPyTorch', options, PYTORCH_OPTIONS);
  const { entries, counters } = entriesOf(model, options);
  const given = new Map<string, ArrayOfShape>(Object.entries(tensors));
  const present = entries.filter(({ name }) => given.has(name));
  // Of several names of one tensor one is enough.
  const found = new Set(present.flatMap(({ parts }) => parts));
  const known = new Set([...entries.map(({ name }) => name), ...counters]);
  const problems = [
    ...entries.flatMap(({ name, parts }) =>
      given.has(name) || parts.every((part) => found.has(part)) ? [] : [`${name} is missing`],
    ),
    ...[...given.keys()].flatMap((name) => (known.has(name) ? [] : [`${name} is not in the model`])),
  ];
  const values = new Map<Tensor, FloatArray>();
  for (const entry of present) {
    const { value, shape } = readTensor(entry.name, given.get(entry.name));
    const problem = problemWith(entry, value, shape);
    if (problem !== null) problems.push(`${entry.name} ${problem}`);
    else for (const [part, array] of split(entry, value)) values.set(part, array);
  }
  if (problems.length > 0) throw new RangeError(`tensors do not fit the model: ${problems.join('; ')}`);
  model.loadStateDict(
    Object.fromEntries(
      [...model.namedParameters(), ...model.namedBuffers()].map(([name, { value, shape }], i, all) => [
        name,
        { value: values.get(all[i][1]) ?? value, shape },
      ]),
    ) satisfies ModuleState,
  );
  return model;
}

/**
 * Copies of a model's parameters and buffers as PyTorch's `load_state_dict` takes them: what {@link fromPyTorch} reads.
 * `num_batches_tracked` is 0.
 *
 * ```ts
 * await writeSafetensors('model.safetensors', toPyTorch(model));
 * ```
 *
 * In Python: `model.load_state_dict(safetensors.torch.load_file('model.safetensors'))`.
 * @throws Error where the order of the columns behind a `Flatten` is not known.
 */
export function toPyTorch(model: Module, options: PyTorchOptions = {}): NamedArrays {
  checkModule('model', model);
  checkOptions('toPyTorch', options, PYTORCH_OPTIONS);
  const { entries, counters } = entriesOf(model, options);
  return {
    ...Object.fromEntries(
      entries.map(({ name, parts, shape, turn }) => [
        name,
        { value: toTheirs(stacked(parts.map(({ value }) => value)), turn), shape },
      ]),
    ),
    ...Object.fromEntries(counters.map((name) => [name, { value: BigInt64Array.of(0n), shape: [] }])),
  };
}

/** The floats of a tensor, read once. @throws TypeError where they are none. */
export function readTensor(name: string, tensor: unknown): { value: FloatArray; shape: unknown } {
  const where = `tensors[${show(name)}]`;
  checkObject(where, tensor);
  const { value, shape } = tensor;
  if (!isFloats(value)) {
    throw new TypeError(`${where}.value must be a Float32Array or a Float64Array, got ${show(value)}`);
  }
  return { value, shape: Array.isArray(shape) ? Array.from(shape) : shape };
}

/** What an array in PyTorch's layout is for each tensor of an entry, in that tensor's element type. */
export function split({ parts, turn }: Entry, value: FloatArray): [part: Tensor, array: FloatArray][] {
  const rows = rowsOf(
    value,
    parts.map(({ shape }) => shape),
  );
  return parts.map((part, i) => {
    const array = toOurs(rows[i], turn);
    if (part.dtype === 'float32') return [part, Float32Array.from(array)];
    return [part, Float64Array.from(array)];
  });
}
