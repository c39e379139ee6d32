import { type Arithmetic, type Comparison, UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/stream.js';
import { Broadcast } from '../../core/broadcasting.js';
import { sizeOf } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { Storage } from '../engine/storage.js';
import { arrayOf, checkTensor, elementsOf, makeTensor, type Tensor } from '../engine/tensor.js';
import { addSummed, apply, giveSummed, meet, operandOf } from './operands.js';
import { kept, slopes } from './slopes.js';

// What the functions of one number and of two have in common: the tables say the rest.

export function unary(name: UnaryName, x: Tensor): Tensor {
  checkTensor('x', x);
  const { forward, backward, reads: read } = UNARY[name];
  const { size } = x;
  const y = takeLike(x);
  kernels()[forward](size, arrayOf(x), y);
  const reads = read === 'input' ? [x] : undefined;
  return record({ name, out: y, inputs: [x], reads, readsOutput: read === 'output' }, (gradient) => {
    kernels()[backward](size, read === 'output' ? y : arrayOf(x), gradient, gradient);
    give(x, gradient);
  });
}

export type Operand = Tensor | number;
type Operands = readonly [Operand, Operand];

const NAMES = ['a', 'b'];

export function binary(name: Arithmetic, given: Operands, names = NAMES): Tensor {
  const { inputs, saved, shape } = meet(given, names);
  const [a, b] = inputs;
  const out = takeLike(a, sizeOf(shape));
  apply(name, operandOf(a), operandOf(b), shape, out);
  const { toA, toB, reads, readsOutput = false } = slopes[name];
  return record({ name, shape, out, inputs, reads: reads(a, b), readsOutput, saved }, (gradient) => {
    const result = (array: FloatArray) => ({ array, shape });
    const pass = { a: operandOf(a), b: operandOf(b), out: result(out), gradient: result(gradient) };
    if (b.requiresGrad && toB === kept) addSummed(b, shape, gradient);
    else if (b.requiresGrad) {
      const slope = takeLike(a, out.length);
      toB(pass, slope);
      giveSummed(b, shape, slope);
    }
    if (a.requiresGrad) {
      toA(pass, gradient);
      giveSummed(a, shape, gradient);
    } else pool.release(gradient);
  });
}

/** The kernels that make masks. */
const MASKS = {
  eq: 'equal',
  ne: 'notEqual',
  lt: 'less',
  le: 'lessEqual',
  gt: 'greater',
  ge: 'greaterEqual',
} as const;

/** A tensor of bool: no gradient flows through a comparison. */
export function comparison(name: Comparison, given: Operands): Tensor {
  const { inputs, saved, shape } = meet(given, NAMES);
  const [a, b] = inputs.map(elementsOf);
  const out = new Uint8Array(sizeOf(shape));
  const broadcast = new Broadcast(
    inputs.map((input) => input.shape),
    shape,
  );
  const { layout, outer, rows, columns } = broadcast;
  const kernel = kernels()[MASKS[name]];
  broadcast.run([a, b], out, ([x, y], to) => kernel(layout, outer, rows, columns, x, y, to));
  for (const array of saved) pool.release(array);
  return makeTensor(Storage.permanent(out, 'bool'), shape);
}

/** x + alpha: no array is made of the number. */
export function addNumber(x: Tensor, alpha: number): Tensor {
  const out = takeLike(x);
  kernels().addScalar(x.size, alpha, arrayOf(x), out);
  return record({ name: 'add', detail: alpha, out, inputs: [x] }, (gradient) => give(x, gradient));
}

/** x times alpha. */
export function mulNumber(x: Tensor, alpha: number): Tensor {
  const { size } = x;
  const out = takeLike(x);
  kernels().mulScalar(size, alpha, arrayOf(x), out);
  return record({ name: 'mul', detail: alpha, out, inputs: [x] }, (gradient) => {
    kernels().mulScalar(size, alpha, gradient, gradient);
    give(x, gradient);
  });
}
