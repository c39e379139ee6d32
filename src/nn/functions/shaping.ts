import { copy } from '../../backend/stream.js';
import { readShape, type Shape, showShape, sizeOf } from '../../core/shapes.js';
import { give, record, takeElements } from '../engine/autograd.js';
import { elementsOf, storageOf, type Tensor } from '../engine/tensor.js';

export function clone(a: Tensor): Tensor {
  const out = takeElements(a);
  copy(elementsOf(a), out);
  return record({ name: 'clone', out, inputs: [a] }, (gradient) => give(a, gradient));
}

/** The same elements under another shape, in the same memory; one length may be -1. */
export function reshape(a: Tensor, lengths: readonly number[]): Tensor {
  const shape = completeShape(lengths, a.size);
  return record({ name: 'reshape', shape, out: storageOf(a), inputs: [a] }, (gradient) => give(a, gradient));
}

function completeShape(shape: unknown, size: number): Shape {
  let given: unknown = shape;
  if (Array.isArray(shape)) {
    const lengths: unknown[] = Array.from(shape);
    const known = lengths.reduce<number>(
      (product, length) => (length === -1 ? product : product * Number(length)),
      1,
    );
    const left = lengths.filter((length) => length === -1).length;
    given = left === 1 ? lengths.map((length) => (length === -1 ? size / known : length)) : lengths;
  }
  const complete = readShape('shape', given, 1);
  if (sizeOf(complete) !== size) {
    throw new RangeError(`shape must hold ${size} elements, got ${showShape(complete)}`);
  }
  return complete;
}
