import { dtypeOf, isFloats } from '../../core/dtypes.js';
import { copyOf } from '../../core/float-arrays.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { show } from '../../core/validate.js';
import type { Tensor } from '../engine/tensor.js';

/** The parameters and buffers of a module by name. */
export type ModuleState = Record<string, { readonly value: FloatArray; readonly shape: readonly number[] }>;

/** What an entry of a state says, each field read once; undefined where it is none. */
export interface Entry {
  readonly given: unknown;
  readonly value: unknown;
  readonly shape: unknown;
}

/** Reads an entry. Arrays are copies. */
export function copyEntry(entry: unknown): Entry {
  const { given, value, shape } = readEntry(entry);
  return { given, value: isFloats(value) ? copyOf(value) : value, shape };
}

/** Reads an entry of a state that is nobody else's. */
export function readEntry(entry: unknown): Entry {
  if (typeof entry !== 'object' || entry === null || !('value' in entry) || !('shape' in entry)) {
    return { given: entry, value: undefined, shape: undefined };
  }
  const { value, shape } = entry;
  return { given: entry, value, shape: Array.isArray(shape) ? Array.from(shape) : shape };
}

/** What is wrong with an entry for a tensor, or null. */
export function problemWith(entry: Entry | undefined, tensor: Tensor): string | null {
  const { given, value, shape } = entry ?? {};
  if (value === undefined || shape === undefined) {
    return `must be an object with value and shape, got ${show(given)}`;
  }
  if (!isFloats(value) || dtypeOf(value) !== tensor.dtype) {
    return `must have a ${tensor.dtype} value, got ${show(value)}`;
  }
  if (!Array.isArray(shape) || !sameShape(shape, tensor.shape)) {
    return `must have shape ${showShape(tensor.shape)}, got ${show(shape)}`;
  }
  if (value.length !== tensor.size) return `must have ${tensor.size} elements, got ${value.length}`;
  return null;
}
