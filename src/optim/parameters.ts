import { RowGradient } from '../row-gradient.js';
import type { FloatArray, Parameter } from '../types.js';
import { checkObject, show } from '../validate.js';

function isFloatArray(value: unknown): value is FloatArray {
  return value instanceof Float32Array || value instanceof Float64Array;
}

export function zerosLike(array: FloatArray): FloatArray {
  return array instanceof Float32Array ? new Float32Array(array.length) : new Float64Array(array.length);
}

/** Node 20 has no `ArrayBuffer.prototype.detached`: no view can be made of a detached buffer. */
function isDetached(array: FloatArray): boolean {
  if (array.length > 0) return false;
  try {
    new Uint8Array(array.buffer);
    return false;
  } catch {
    return true;
  }
}

/** @throws TypeError or RangeError if `value` is not a {@link Parameter} that can be trained. */
export function checkParameter(name: string, value: unknown): asserts value is Parameter {
  checkObject(name, value);
  if (!isFloatArray(value.value)) {
    throw new TypeError(`${name}.value must be a Float32Array or a Float64Array, got ${show(value.value)}`);
  }
  if (isDetached(value.value)) throw new TypeError(`${name}.value has a detached buffer`);
  if (value.name !== undefined && typeof value.name !== 'string') {
    throw new TypeError(`${name}.name must be a string, got ${show(value.name)}`);
  }
  checkGradient(name, value.value, value.grad);
  checkRowGradient(name, value.value, value.grad, value.rowGrad);
}

/** @throws TypeError or RangeError if `rowGrad` is neither absent nor a gradient of `value` in the place of `grad`. */
export function checkRowGradient(
  name: string,
  value: FloatArray,
  grad: unknown,
  rowGrad: unknown,
): asserts rowGrad is RowGradient | null | undefined {
  if (rowGrad === null || rowGrad === undefined) return;
  if (!(rowGrad instanceof RowGradient)) {
    throw new TypeError(`${name}.rowGrad must be a RowGradient or null, got ${show(rowGrad)}`);
  }
  if (grad) {
    throw new TypeError(
      `${name} has both a grad and a rowGrad: a table that is also used as a whole must not be sparse ` +
        '(new Embedding(..., { sparse: false }))',
    );
  }
  const { rowCount, columns, values } = rowGrad;
  if (rowCount * columns !== value.length || values.constructor !== value.constructor) {
    throw new RangeError(
      `${name}.rowGrad must be of a ${value.constructor.name} of ${value.length} elements, got ${rowCount} x ` +
        `${columns} of a ${values.constructor.name}`,
    );
  }
}

/** @throws TypeError or RangeError if `grad` is neither absent nor of the type and length of `value`. */
export function checkGradient(
  name: string,
  value: FloatArray,
  grad: unknown,
): asserts grad is FloatArray | null | undefined {
  if (grad === null || grad === undefined) return;
  if (!isFloatArray(grad) || grad.constructor !== value.constructor) {
    throw new TypeError(
      `${name}.grad must be a ${value.constructor.name} as its value is, got ${show(grad)}`,
    );
  }
  if (grad.length !== value.length) {
    throw new RangeError(
      `${name}.grad must have ${value.length} elements as its value has, got ${grad.length}` +
        (isDetached(grad) ? ' (its buffer is detached)' : ''),
    );
  }
}

/** @throws RangeError if two of the parameters, or a parameter and a gradient, share memory. */
export function checkDisjoint(
  entries: readonly { readonly parameter: Parameter; readonly key: string }[],
): void {
  const ranges = entries.flatMap(({ parameter: { value, grad }, key }) => {
    const name = `parameter ${show(key)}`;
    return grad
      ? [range(`${name}.value`, value, true), range(`${name}.grad`, grad, false)]
      : [range(`${name}.value`, value, true)];
  });
  for (const [buffer, inBuffer] of groupByBuffer(ranges)) {
    if (buffer.byteLength === 0) continue;
    inBuffer.sort((a, b) => a.begin - b.begin);
    let widest = inBuffer[0];
    for (const next of inBuffer.slice(1)) {
      if (next.begin < widest.end && (next.written || widest.written)) {
        throw new RangeError(`${next.name} must not share memory with ${widest.name}`);
      }
      if (next.end > widest.end) widest = next;
    }
  }
}

interface MemoryRange {
  readonly name: string;
  readonly buffer: ArrayBufferLike;
  readonly begin: number;
  readonly end: number;
  readonly written: boolean;
}

function range(name: string, array: FloatArray, written: boolean): MemoryRange {
  const { buffer, byteOffset, byteLength } = array;
  return { name, buffer, begin: byteOffset, end: byteOffset + byteLength, written };
}

function groupByBuffer(ranges: readonly MemoryRange[]): Map<ArrayBufferLike, MemoryRange[]> {
  const groups = new Map<ArrayBufferLike, MemoryRange[]>();
  for (const entry of ranges) {
    const group = groups.get(entry.buffer);
    if (group === undefined) groups.set(entry.buffer, [entry]);
    else group.push(entry);
  }
  return groups;
}
