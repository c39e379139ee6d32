import { isObject, show } from '../core/validate.js';
import type { ArrayOfShape, StoredElements } from '../data/tensors.js';

// A state is a tree of plain objects, arrays, strings, numbers, booleans, null and typed arrays. As a file it is JSON, in which an
// object with one key that begins with $ stands for what JSON has not, and tensors beside it.

/** In the place of a typed array: the name of a tensor, whose shape is that of `{ value, shape }` or its length. */
const TENSOR = '$tensor';
const SHAPED = '$shaped';
const NUMBER = '$number';

/** Deeper trees are nobody's state. */
const MAX_DEPTH = 64;

/** Numbers that JSON has no word for, or forgets the sign of. */
function specialNumber(value: number): string | null {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? null : String(value);
}

export interface Flat {
  readonly json: unknown;
  readonly tensors: Readonly<Record<string, ArrayOfShape>>;
}

/**
 * Takes a tree apart. Arrays are not copied.
 * @param name of the tree: tensors are called by it and the path to them, joined by dots.
 * @throws TypeError naming what is neither.
 */
export function flatten(
  name: string,
  tree: unknown,
  isElements: (value: unknown) => value is StoredElements,
): Flat {
  const tensors: Record<string, ArrayOfShape> = {};
  const add = (path: string, tensor: ArrayOfShape): string => {
    let unique = path;
    // Names may hold dots, so that two paths can read alike.
    for (let n = 2; Object.hasOwn(tensors, unique); n++) unique = `${path}~${n}`;
    Object.defineProperty(tensors, unique, { value: tensor, enumerable: true });
    return unique;
  };
  const walk = (path: string, value: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new TypeError(`${name} must not be deeper than ${MAX_DEPTH} objects`);
    if (isElements(value)) return { [TENSOR]: add(path, { value, shape: [value.length] }) };
    if (typeof value === 'number') {
      const special = specialNumber(value);
      return special === null ? value : { [NUMBER]: special };
    }
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (Array.isArray(value)) return value.map((one, i) => walk(`${path}.${i}`, one, depth + 1));
    if (!isObject(value) || !isPlain(value)) {
      throw new TypeError(
        `${path} must be a plain object, an array, a typed array, a string, a number, a boolean or null, got ${show(value)}`,
      );
    }
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    if (keys.length === 2 && isElements(value.value) && isShape(value.shape)) {
      return { [SHAPED]: add(path, { value: value.value, shape: value.shape }) };
    }
    return Object.fromEntries(
      keys.map((key) => {
        if (key.startsWith('$'))
          throw new TypeError(`${path} must have no key that begins with $, got ${show(key)}`);
        return [key, walk(`${path}.${key}`, value[key], depth + 1)];
      }),
    );
  };
  return { json: walk(name, tree, 0), tensors };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

/**
 * Puts a tree together again.
 * @throws TypeError where the JSON is none that {@link flatten} gives.
 */
export function unflatten(json: unknown, tensorNamed: (name: string) => ArrayOfShape, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new TypeError(`it is deeper than ${MAX_DEPTH} objects`);
  if (Array.isArray(json)) return json.map((one) => unflatten(one, tensorNamed, depth + 1));
  if (!isObject(json)) return json;
  const entries = Object.entries(json);
  const [key, value] = entries.length === 1 ? entries[0] : ['', undefined];
  if (key === TENSOR && typeof value === 'string') return tensorNamed(value).value;
  if (key === SHAPED && typeof value === 'string') {
    const tensor = tensorNamed(value);
    return { value: tensor.value, shape: [...tensor.shape] };
  }
  if (key === NUMBER) return Number(value);
  return Object.fromEntries(entries.map(([name, one]) => [name, unflatten(one, tensorNamed, depth + 1)]));
}
