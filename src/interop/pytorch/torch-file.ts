import { checkOptions, type OptionNames } from '../../core/options.js';
import { sizeOf } from '../../core/shapes.js';
import { show } from '../../core/validate.js';
import { readWhole } from '../../data/files.js';
import { DataError, type NamedArrays, type StoredElements } from '../../data/index.js';
import { type ElementType, elementsFrom, typeNamed } from '../../data/tensors.js';
import { Name, unpickle } from './pickle.js';
import { filesIn } from './zip.js';

/** See {@link readTorch}. */
export interface ReadTorchOptions {
  /** Read what stands under this name alone, without it: `'model'` of a file with `{'model': ..., 'optimizer': ...}`. Default: all. */
  readonly under?: string;
}

const OPTIONS: OptionNames<ReadTorchOptions> = { under: true };

/** The element types of storages, as safetensors names them. */
const STORAGES: Readonly<Record<string, string>> = {
  'torch.FloatStorage': 'F32',
  'torch.DoubleStorage': 'F64',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

const REBUILD = 'torch._utils._rebuild_tensor_v2';
const PARAMETER = 'torch._utils._rebuild_parameter';
const DICTIONARY = 'collections.OrderedDict';
const NAMES = new Set([...Object.keys(STORAGES), REBUILD, PARAMETER, DICTIONARY]);

interface Storage {
  readonly type: ElementType;
  readonly bytes: Uint8Array;
}

interface Strided {
  readonly value: StoredElements;
  readonly shape: readonly number[];
}

/**
 * The tensors in a file that `torch.save(model.state_dict(), path)` or `torch.save(optimizer.state_dict(), path)` wrote, by
 * their names; inner dictionaries and lists are joined by dots, `state.0.exp_avg`; numbers are tensors of no dimension. Text,
 * booleans and None are left out. Halves are read as float32.
 *
 * ```ts
 * fromPyTorch(model, await readTorch('model.pt'));
 * optimizerFromPyTorch(optimizer, model, await readTorch('optimizer.pt', { under: 'state' }));
 * ```
 *
 * The pickle inside is read as data: it may hold dictionaries, lists, numbers, text and tensors alone, and nothing in it is run.
 * @throws DataError saying what else it holds, or what is damaged, or where nothing stands under that name.
 */
export async function readTorch(path: string, options: ReadTorchOptions = {}): Promise<NamedArrays> {
  checkOptions('readTorch', options, OPTIONS);
  const { under } = options;
  const files = filesIn(await readWhole(path), path);
  const found = [...files.keys()].find((name) => name.endsWith('/data.pkl'));
  if (found === undefined)
    throw new DataError(`${path}: expected a file of torch.save, but it has no data.pkl`);
  const folder = found.slice(0, -'data.pkl'.length);
  const order = files.get(`${folder}byteorder`);
  if (order !== undefined && new TextDecoder().decode(order) !== 'little') {
    throw new DataError(`${path}: its elements are big-endian, which is not supported`);
  }
  const value = unpickle(files.get(found) ?? new Uint8Array(), path, {
    names: NAMES,
    call: (name, args) => call(path, name, args),
    persistent: (id) => storageOf(path, id, (key) => files.get(`${folder}data/${key}`)),
  });
  const all = tensorsIn(path, value);
  const start = under === undefined ? '' : `${under}.`;
  const chosen = all.filter(([name]) => name.startsWith(start));
  if (chosen.length === 0 && under !== undefined)
    throw new DataError(`${path}: nothing stands under ${show(under)}`);
  return Object.fromEntries(chosen.map(([name, tensor]) => [name.slice(start.length), tensor]));
}

/** More than any state dictionary has, and few enough to go through. */
const [MOST_VALUES, MOST_LEVELS] = [1_000_000, 100];

/** Those in a value, by their names. A pickle may refer to itself, or a few times to what does so again. */
function tensorsIn(path: string, value: unknown): [name: string, tensor: Strided][] {
  const found: [string, Strided][] = [];
  let count = 0;
  const visit = (one: unknown, names: readonly string[]) => {
    if (++count > MOST_VALUES || names.length > MOST_LEVELS)
      throw new DataError(`${path}: it holds more than a state dictionary does`);
    if (one instanceof Map) for (const [key, inner] of one) visit(inner, [...names, String(key)]);
    else if (Array.isArray(one)) for (const [i, inner] of one.entries()) visit(inner, [...names, String(i)]);
    else if (typeof one === 'number')
      found.push([names.join('.'), { value: Float64Array.of(one), shape: [] }]);
    else if (isStrided(one)) found.push([names.join('.'), one]);
  };
  visit(value, []);
  return found;
}

function isStrided(value: unknown): value is Strided {
  return typeof value === 'object' && value !== null && 'value' in value && 'shape' in value;
}

/** ('storage', torch.FloatStorage, key, where it was, length) */
function storageOf(path: string, id: unknown, find: (key: string) => Uint8Array | undefined): Storage {
  const [kind, name, key, , length] = Array.isArray(id) ? id : [];
  const type = name instanceof Name ? typeNamed('safetensors', STORAGES[name.name]) : undefined;
  const bytes = find(String(key));
  const isWhole = type !== undefined && bytes?.length === Number(length) * type.array.BYTES_PER_ELEMENT;
  if (kind !== 'storage' || !isWhole || bytes === undefined)
    throw new DataError(`${path}: the storage ${show(key)} is missing or damaged`);
  return { type, bytes };
}

function call(path: string, name: string, args: readonly unknown[]): unknown {
  if (name === DICTIONARY) return new Map();
  if (name === PARAMETER) return args[0];
  if (name === REBUILD) return tensorOf(path, args);
  throw new DataError(`${path}: its pickle calls ${name}, which is no part of a state dictionary`);
}

/** A tensor of a storage, its offset, its lengths, and how far apart neighbours along each are. */
function tensorOf(path: string, [storage, offset, shape, strides]: readonly unknown[]): Strided {
  const areLengths = (list: unknown): list is number[] => Array.isArray(list) && list.every(isLength);
  const isRead = isStorage(storage) && isLength(offset) && areLengths(shape) && areLengths(strides);
  if (!isRead || shape.length !== strides.length) throw new DataError(`${path}: a tensor in it is damaged`);
  const { type, bytes } = storage;
  const width = type.array.BYTES_PER_ELEMENT;
  const size = sizeOf(shape);
  const last = shape.reduce((at, length, d) => at + (length - 1) * strides[d], offset);
  if (size > 0 && (Math.max(last, size - 1) + 1) * width > bytes.length)
    throw new DataError(`${path}: a tensor in it has more elements than its storage`);
  const rows = shape.map((_, d) => sizeOf(shape, d + 1));
  const isContiguous = shape.every((length, d) => length === 1 || strides[d] === rows[d]);
  const own =
    isContiguous || size === 0
      ? bytes.subarray(offset * width, (offset + size) * width)
      : new Uint8Array(size * width);
  if (!isContiguous) {
    for (let i = 0; i < size; i++) {
      const at = shape.reduce(
        (sum, length, d) => sum + (Math.floor(i / rows[d]) % length) * strides[d],
        offset,
      );
      own.set(bytes.subarray(at * width, (at + 1) * width), i * width);
    }
  }
  return { ...elementsFrom(type, own, 'float32'), shape };
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && 'type' in value && 'bytes' in value;
}
