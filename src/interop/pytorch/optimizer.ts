import { checkOptions, type OptionNames } from '../../core/options.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger, checkObject, isObject, show } from '../../core/validate.js';
import type { NamedArrays } from '../../data/index.js';
import type { Module, Tensor } from '../../nn/index.js';
import { checkModule } from '../../nn/layers/module.js';
import { ASGD, NAdam, type OptimizerState, type ParameterStateDict } from '../../optim/index.js';
import { productUntil } from '../../optim/nadam.js';
import { Optimizer, optionsOf } from '../../optim/optimizer.js';
import { type Entry, entriesOf, type PyTorchOptions, problemWith } from './entries.js';
import { PYTORCH_OPTIONS, readTensor, split } from './model.js';
import { stacked, toTheirs } from './turn.js';

/** See {@link optimizerFromPyTorch}. */
export interface OptimizerFromPyTorchOptions extends PyTorchOptions {
  /** How often the optimizer has stepped, which schedules go by. Default: the most that any parameter has. */
  readonly steps?: number;
  /**
   * PyTorch's names of the parameters in the order of its optimizer, for states that are known by positions. Default: the
   * order of the model here.
   */
  readonly order?: readonly string[];
}

const OPTIONS: OptionNames<OptimizerFromPyTorchOptions> = { ...PYTORCH_OPTIONS, steps: true, order: true };

/** What torch.optim calls the states, by our names of them. All but SGD count steps as well. */
const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  SGD: { v: 'momentum_buffer' },
  Adagrad: { sum: 'sum' },
  Adadelta: { v: 'square_avg', u: 'acc_delta' },
  RMSprop: { v: 'square_avg', mean: 'grad_avg', buffer: 'momentum_buffer' },
  Adam: { m: 'exp_avg', v: 'exp_avg_sq', largest: 'max_exp_avg_sq' },
  AdamW: { m: 'exp_avg', v: 'exp_avg_sq', largest: 'max_exp_avg_sq' },
  Adamax: { m: 'exp_avg', u: 'exp_inf' },
  NAdam: { m: 'exp_avg', v: 'exp_avg_sq' },
  RAdam: { m: 'exp_avg', v: 'exp_avg_sq' },
  SparseAdam: { m: 'exp_avg', v: 'exp_avg_sq' },
  ASGD: { average: 'ax' },
  Rprop: { previous: 'prev', stepSize: 'step_size' },
};

/** Numbers that torch.optim keeps, and that follow here from the steps and the options. */
const DERIVED: Readonly<Record<string, readonly string[]>> = { NAdam: ['mu_product'], ASGD: ['eta', 'mu'] };

/** Those, after so many steps. */
function derivedAt(optimizer: Optimizer, parameter: Tensor, step: number): readonly number[] {
  if (optimizer instanceof NAdam) {
    const { betas, momentumDecay } = optionsOf(optimizer, parameter).options;
    return [productUntil(step, betas[0], momentumDecay)];
  }
  if (optimizer instanceof ASGD) {
    const { options, lr } = optionsOf(optimizer, parameter);
    const { lambd, alpha, t0 } = options;
    return [lr / (1 + lambd * lr * step) ** alpha, 1 / Math.max(1, step - t0)];
  }
  return [];
}

/** One of PyTorch's parameters, and what the optimizer here has for its parts. */
interface Place {
  readonly entry: Entry;
  readonly keys: readonly string[];
}

/**
 * Copies the state of an optimizer of PyTorch to one of the same kind here: `tensors['fc.weight.exp_avg']` is the state `exp_avg`
 * of the parameter `fc.weight`; in the place of its name may stand its position, as in `state_dict()`. Schedules go on
 * behind the steps that were taken; options are those the optimizer here was made with.
 *
 * SGD keeps a velocity and no count of steps: whoever has one has stepped once at least. Parameters without states have
 * taken no step.
 * @param model whose parameters they are, loaded by {@link fromPyTorch} with the same options.
 * @throws RangeError naming all states that are missing, unknown or of another shape, or an optimizer that PyTorch does not have;
 * TypeError naming one that is no array of floats. Nothing has then changed.
 */
export function optimizerFromPyTorch(
  optimizer: Optimizer,
  model: Module,
  tensors: NamedArrays,
  options: OptimizerFromPyTorchOptions = {},
): void {
  checkObject('tensors', tensors);
  checkOptions('optimizerFromPyTorch', options, OPTIONS);
  const { steps, order, ...naming } = options;
  if (steps !== undefined) checkInteger('steps', steps, 0);
  const { state, names, derived, places } = open(optimizer, model, naming);
  const positions = order ?? places.map(({ entry }) => entry.name);
  const given = byParameter(tensors, positions);
  const problems: string[] = [];
  const parameters: Record<string, ParameterStateDict> = { ...state.parameters };
  for (const { entry, keys } of places) {
    const states = given.get(entry.name) ?? new Map<string, unknown>();
    given.delete(entry.name);
    const read = readStates(entry, states, names, derived, problems);
    for (const [i, key] of keys.entries()) {
      const arrays = [...read.arrays].map(([name, parts]) => [name, parts[i]] as const);
      parameters[key] = { step: read.step, arrays: Object.fromEntries(arrays) };
    }
  }
  for (const [name, states] of given)
    for (const what of states.keys()) problems.push(`${name}.${what} is not in the optimizer`);
  if (problems.length > 0) throw new RangeError(`tensors do not fit the optimizer: ${problems.join('; ')}`);
  const most = Math.max(0, ...Object.values(parameters).map(({ step }) => step));
  optimizer.loadStateDict({ ...state, steps: steps ?? most, parameters });
}

/**
 * The state of an optimizer as PyTorch's of the same kind has it: what {@link optimizerFromPyTorch} reads, by names of
 * parameters, each in PyTorch's layout. docs/pytorch.md has the lines of Python that load it.
 * @throws RangeError where PyTorch has no such optimizer, or has one state for parameters which took different numbers of steps.
 */
export function optimizerToPyTorch(
  optimizer: Optimizer,
  model: Module,
  options: PyTorchOptions = {},
): NamedArrays {
  checkOptions('optimizerToPyTorch', options, PYTORCH_OPTIONS);
  const { state, names, derived, places } = open(optimizer, model, options);
  const all: Record<string, { value: FloatArray; shape: readonly number[] }> = {};
  for (const { entry, keys } of places) {
    const parts = keys.map((key) => state.parameters[key]);
    const [{ step, arrays }] = parts;
    if (parts.some((part) => part.step !== step)) {
      throw new RangeError(
        `${entry.name} must have parts with the same number of steps, which PyTorch counts once`,
      );
    }
    if (step === 0) continue;
    for (const name of Object.keys(arrays)) {
      const value = toTheirs(stacked(parts.map((part) => part.arrays[name])), entry.turn);
      all[`${entry.name}.${names[name]}`] = { value, shape: entry.shape };
    }
    const number = entry.parts[0].dtype === 'float64' ? Float64Array : Float32Array;
    for (const [i, value] of derivedAt(optimizer, entry.parts[0], step).entries())
      all[`${entry.name}.${derived[i]}`] = { value: number.of(value), shape: [] };
    if (state.optimizer !== 'SGD') all[`${entry.name}.step`] = { value: Float32Array.of(step), shape: [] };
  }
  return all;
}

/** What both ways need: the state here, PyTorch's names of states, and its parameters that the optimizer has. */
function open(optimizer: Optimizer, model: Module, options: PyTorchOptions) {
  if (!(optimizer instanceof Optimizer))
    throw new TypeError(`optimizer must be an Optimizer, got ${show(optimizer)}`);
  checkModule('model', model);
  const state: OptimizerState = optimizer.stateDict();
  const names = STATES[state.optimizer];
  if (names === undefined) {
    const known = Object.keys(STATES).join(', ');
    throw new RangeError(`optimizer must be one of ${known}, got ${state.optimizer}`);
  }
  // By their order: a parameter may have got another name since.
  const keys = Object.keys(state.parameters);
  const keyOf = new Map<unknown, string>(optimizer.parameters().map((parameter, i) => [parameter, keys[i]]));
  const places: Place[] = [];
  for (const entry of entriesOf(model, options).entries) {
    const own = entry.parts.flatMap((part) => keyOf.get(part) ?? []);
    if (own.length === 0) continue;
    if (own.length < entry.parts.length)
      throw new RangeError(`optimizer must have all parts of ${entry.name} or none of them`);
    for (const part of entry.parts) keyOf.delete(part);
    places.push({ entry, keys: own });
  }
  if (keyOf.size > 0)
    throw new RangeError(
      `optimizer must have parameters of the model alone, got ${show([...keyOf.values()])}`,
    );
  return { state, names, derived: DERIVED[state.optimizer] ?? [], places };
}

/** The states of each parameter: they are named behind the last dot. */
function byParameter(tensors: object, positions: readonly string[]): Map<string, Map<string, unknown>> {
  const found = new Map<string, Map<string, unknown>>();
  for (const [key, tensor] of Object.entries(tensors)) {
    const dot = key.lastIndexOf('.');
    const parameter = key.slice(0, Math.max(dot, 0));
    const name = /^\d+$/.test(parameter) ? (positions[Number(parameter)] ?? parameter) : parameter;
    const states = found.get(name) ?? new Map<string, unknown>();
    states.set(key.slice(dot + 1), tensor);
    found.set(name, states);
  }
  return found;
}

/** The arrays of every part of an entry by our names, and how many steps it has taken. What is wrong is added to `problems`. */
function readStates(
  entry: Entry,
  states: ReadonlyMap<string, unknown>,
  names: Readonly<Record<string, string>>,
  derived: readonly string[],
  problems: string[],
): { readonly step: number; readonly arrays: ReadonlyMap<string, FloatArray[]> } {
  const ours = new Map(Object.entries(names).map(([name, theirs]) => [theirs, name]));
  const arrays = new Map<string, FloatArray[]>();
  let step = states.size === 0 ? 0 : 1;
  for (const [what, tensor] of states) {
    const where = `${entry.name}.${what}`;
    if (what === 'step') {
      const count = stepsOf(where, tensor);
      if (count === null) problems.push(`${where} must be a number of steps, got ${show(tensor)}`);
      else step = count;
      continue;
    }
    const { value, shape } = readTensor(where, tensor);
    const name = ours.get(what);
    if (derived.includes(what)) {
      if (value.length !== 1) problems.push(`${where} must be one number, got ${value.length}`);
    } else if (name === undefined) problems.push(`${where} is not in the optimizer`);
    else {
      const problem = problemWith(entry, value, shape);
      if (problem !== null) problems.push(`${where} ${problem}`);
      else
        arrays.set(
          name,
          split(entry, value).map(([, array]) => array),
        );
    }
  }
  return { step, arrays };
}

/** How many steps a tensor says, of floats or, as some optimizers of PyTorch count, of whole numbers; null where it says none. */
function stepsOf(where: string, tensor: unknown): number | null {
  const value = isObject(tensor) && isWhole(tensor.value) ? tensor.value : readTensor(where, tensor).value;
  const [step] = Array.from<number | bigint, number>(value, Number);
  return value.length === 1 && Number.isSafeInteger(step) && step >= 0 ? step : null;
}

const isWhole = (value: unknown): value is BigInt64Array | Int32Array =>
  value instanceof BigInt64Array || value instanceof Int32Array;
