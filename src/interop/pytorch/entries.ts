import { type Shape, sameShape, showShape, sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkFunction, show } from '../../core/validate.js';
import { isParameter } from '../../nn/engine/tensor.js';
import * as nn from '../../nn/index.js';
import { type AnyModule, join, tensorsIn } from '../../nn/layers/module.js';
import { flattenedBefore } from './flattened.js';
import { channelsSecond, flattenedColumns, type Turn } from './turn.js';

/** See {@link fromPyTorch}. */
export interface PyTorchOptions {
  /**
   * PyTorch's name of a parameter or a buffer, by the name that it would have: that of the module here, with the names that
   * PyTorch's own layers give theirs. Default: the same name.
   */
  readonly rename?: (name: string) => string;
  /**
   * How many channels the images have that are flattened before a linear layer, by its name: PyTorch has its columns in another
   * order. Default: what follows from `Conv2d`, `Flatten` and `Linear` in a `Sequential`; more than that is an error.
   */
  readonly flattened?: Readonly<Record<string, number>>;
}

/** A tensor of PyTorch's state dictionary, and what it is here. */
export interface Entry {
  readonly name: string;
  /** One tensor, or several whose rows PyTorch has in one. */
  readonly parts: readonly nn.Tensor[];
  readonly shape: Shape;
  readonly turn: Turn | null;
}

/** What a state dictionary of PyTorch has for a model. */
export interface Entries {
  readonly entries: readonly Entry[];
  /** The counters of batch normalisation, which nothing here reads. */
  readonly counters: readonly string[];
}

/** Layers whose tensors and modules PyTorch has under the same names in its own spelling: `running_mean`. */
const NORMALISATIONS = [nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm1d, nn.InstanceNorm2d] as const;
const RESPELT = [
  ...NORMALISATIONS,
  ...[nn.RNN, nn.GRU, nn.LSTM, nn.RNNCell, nn.GRUCell, nn.LSTMCell],
  ...[nn.TransformerEncoderLayer, nn.TransformerDecoderLayer],
] as const;
const CONVOLUTIONS = [nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d] as const;

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** All that PyTorch has for the model, with names as seen from it. @throws TypeError, RangeError, Error as the options do not fit. */
export function entriesOf(model: nn.Module, { rename, flattened }: PyTorchOptions): Entries {
  if (rename !== undefined) checkFunction('rename', rename);
  const columns = flattenedBefore(model, flattened);
  const entries: Entry[] = [];
  const counters: string[] = [];
  const called = (name: string) => {
    const theirs: unknown = rename === undefined ? name : rename(name);
    if (typeof theirs !== 'string')
      throw new TypeError(`rename must return a name for ${show(name)}, got ${show(theirs)}`);
    return theirs;
  };
  const visit = (module: AnyModule, path: string, around: readonly AnyModule[]) => {
    if (around.includes(module)) return;
    const found = module instanceof nn.MultiHeadAttention ? attention(module) : own(module, columns);
    for (const { name, ...rest } of found) entries.push({ name: called(join(path, name)), ...rest });
    // Beside running statistics, where there are any.
    const isCounted = NORMALISATIONS.some((one) => module instanceof one && module.runningMean !== null);
    if (isCounted) counters.push(called(join(path, 'num_batches_tracked')));
    if (module instanceof nn.MultiHeadAttention) return;
    const isRespelt = RESPELT.some((one) => module instanceof one);
    for (const [name, child] of module.namedChildren())
      visit(child, join(path, isRespelt ? snakeCase(name) : name), [...around, module]);
  };
  visit(model, '', []);
  checkNames([...entries.map(({ name }) => name), ...counters]);
  return { entries, counters };
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new RangeError(`rename must give different names, got ${show(twice)} twice`);
}

/** The tensors of a module itself. Weights that are no parameters, of layers without them, PyTorch does not have. */
function own(module: AnyModule, columns: ReadonlyMap<AnyModule, number>): Entry[] {
  const isRespelt = RESPELT.some((one) => module instanceof one);
  return tensorsIn(module).flatMap(([name, tensor]) => {
    if ((name === 'weight' || name === 'bias') && isUnlearned(module, tensor)) return [];
    const theirs =
      name === 'weight' ? layoutOf(module, tensor, columns) : { shape: tensor.shape, turn: null };
    return { name: isRespelt ? snakeCase(name) : name, parts: [tensor], ...theirs };
  });
}

/** Layers that may have been made without weights: theirs are ones and zeros. */
const OPTIONAL = [...NORMALISATIONS, ...[nn.LayerNorm, nn.RMSNorm, nn.GroupNorm]] as const;

function isUnlearned(module: AnyModule, tensor: nn.Tensor): boolean {
  return OPTIONAL.some((one) => module instanceof one) && !isParameter(tensor);
}

/** How PyTorch has the weight of a module. */
function layoutOf(
  module: AnyModule,
  { shape }: nn.Tensor,
  columns: ReadonlyMap<AnyModule, number>,
): Pick<Entry, 'shape' | 'turn'> {
  if (CONVOLUTIONS.some((one) => module instanceof one)) {
    const turn = channelsSecond(shape);
    return { shape: turn.shape, turn };
  }
  const channels = columns.get(module);
  return { shape, turn: channels === undefined ? null : flattenedColumns(shape, channels) };
}

/** PyTorch has the products of queries, keys and values in one matrix. */
function attention({ query, key, value, output }: nn.MultiHeadAttention): Entry[] {
  const of = (name: string, tensors: readonly (nn.Tensor | null)[]): Entry[] => {
    const parts = tensors.filter((tensor) => tensor !== null);
    if (parts.length === 0) return [];
    const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
    return [{ name, parts, shape: [rows, ...parts[0].shape.slice(1)], turn: null }];
  };
  const inputs = [query, key, value];
  return [
    ...of(
      'in_proj_weight',
      inputs.map(({ weight }) => weight),
    ),
    ...of(
      'in_proj_bias',
      inputs.map(({ bias }) => bias),
    ),
    ...of('out_proj.weight', [output.weight]),
    ...of('out_proj.bias', [output.bias]),
  ];
}

/** What is wrong with elements and a shape for an entry, or null. */
export function problemWith(entry: Entry, value: FloatArray, shape: unknown): string | null {
  if (!Array.isArray(shape) || !sameShape(shape, entry.shape))
    return `must have shape ${showShape(entry.shape)}, got ${show(shape)}`;
  const size = sizeOf(entry.shape);
  return value.length === size ? null : `must have ${size} elements, got ${value.length}`;
}
