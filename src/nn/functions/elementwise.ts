import type { Binary } from '../../backend/contract/arguments.js';
import { type Arithmetic, UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/stream.js';
import { Broadcast } from '../../core/broadcasting.js';
import { sameShape, sizeOf } from '../../core/shapes.js';
import type { NumberArray } from '../../core/types.js';
import { constant, give, record, takeLike } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, elementsOf, type Tensor } from '../engine/tensor.js';
import { addSummed, apply, giveSummed, meet, operandOf } from './operands.js';
import { kept, slopes } from './slopes.js';

// What the functions of one number and of two have in common: the tables say the rest.

/** The functions that int32 has as well: their results wrap around, as C's and PyTorch's. */
const WHOLE_UNARY = ['abs', 'neg', 'square'] as const;
const WHOLE_BINARY = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const;

function isOneOf<Name extends string>(name: string, names: readonly Name[]): name is Name {
  return names.some((one) => one === name);
}

export function unary(name: UnaryName, x: Tensor): Tensor {
  checkTensor('x', x);
  const whole = elementsOf(x);
  if (whole instanceof Int32Array && isOneOf(name, WHOLE_UNARY)) {
    const out = pool.take('int32', x.size);
    kernels()[UNARY[name].forward](x.size, whole, out);
    return constant(out, x.shape);
  }
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
  if (a.dtype === 'int32' && isOneOf(name, WHOLE_BINARY)) return whole(name, { inputs, saved, shape });
  const out = takeLike(a, sizeOf(shape));
  apply(name, operandOf(a), operandOf(b), shape, out);
  const { toA, toB, reads, readsOutput = false } = slopes[name];
  // Kernels repeat one operand along a dimension, not both.
  const takesUniform = slopes[name].takesUniform === true && a.size === out.length && b.size === out.length;
  const recorded = { name, shape, out, inputs, reads: reads(a, b), readsOutput, saved, takesUniform };
  return record(recorded, (gradient) => {
    const isUniform = gradient.length < out.length;
    const pass = {
      a: operandOf(a),
      b: operandOf(b),
      out: { array: out, shape },
      gradient: { array: gradient, shape: isUniform ? [] : shape },
    };
    if (b.requiresGrad && toB === kept) addSummed(b, shape, gradient);
    else if (b.requiresGrad) {
      const slope = takeLike(a, out.length);
      toB(pass, slope);
      giveSummed(b, shape, slope);
    }
    if (a.requiresGrad) {
      const slope = isUniform ? takeLike(a, out.length) : gradient;
      toA(pass, slope);
      giveSummed(a, shape, slope);
      if (isUniform) pool.release(gradient);
    } else pool.release(gradient);
  });
}

/** A function of two tensors of int32. */
export function whole(
  name: (typeof WHOLE_BINARY)[number] | 'floorMod',
  { inputs, saved, shape }: ReturnType<typeof meet>,
): Tensor {
  const out = pool.take('int32', sizeOf(shape));
  const broadcast = new Broadcast(
    inputs.map((input) => input.shape),
    shape,
  );
  const { layout, outer, rows, columns } = broadcast;
  const kernel: Binary<NumberArray> = kernels()[name];
  broadcast.run(inputs.map(elementsOf), out, ([x, y], to) => {
    if (x instanceof Int32Array && y instanceof Int32Array) kernel(layout, outer, rows, columns, x, y, to);
  });
  for (const array of saved) pool.release(array);
  return constant(out, shape);
}

/** The kernels that make masks. */
const MASKS = {
  eq: 'equal',
  ne: 'notEqual',
  lt: 'less',
  le: 'lessEqual',
  gt: 'greater',
  ge: 'greaterEqual',
  and: 'logicalAnd',
  or: 'logicalOr',
  xor: 'logicalXor',
} as const;

// See Binary in backend/contract/arguments.ts: one element for all columns.
const REPEATED = { a: 1 << 2, b: 1 << 5 };

/** A tensor of bool: no gradient flows through a comparison. */
export function comparison(name: keyof typeof MASKS, given: Operands): Tensor {
  const { inputs, saved, shape } = meet(given, NAMES);
  const [a, b] = inputs;
  const [first, second] = [elementsOf(a), elementsOf(b)];
  const out = pool.take('uint8', sizeOf(shape));
  const kernel = kernels()[MASKS[name]];
  // What is called most, without the detour: same shapes, or a number on one side.
  if (sameShape(a.shape, b.shape)) kernel(0, 1, 1, out.length, first, second, out);
  else if (b.shape.length === 0) kernel(REPEATED.b, 1, 1, out.length, first, second, out);
  else if (a.shape.length === 0) kernel(REPEATED.a, 1, 1, out.length, first, second, out);
  else {
    const broadcast = new Broadcast([a.shape, b.shape], shape);
    const { layout, outer, rows, columns } = broadcast;
    broadcast.run([first, second], out, ([x, y], to) => kernel(layout, outer, rows, columns, x, y, to));
  }
  for (const array of saved) pool.release(array);
  return constant(out, shape, 'bool');
}

/** x + alpha: no array is made of the number. */
export function addNumber(x: Tensor, alpha: number): Tensor {
  if (x.dtype === 'int32') return binary('add', [x, alpha], ['this', 'other']);
  const out = takeLike(x);
  kernels().addScalar(x.size, alpha, arrayOf(x), out);
  return record({ name: 'add', detail: alpha, out, inputs: [x] }, (gradient) => give(x, gradient));
}

/** x times alpha. */
export function mulNumber(x: Tensor, alpha: number): Tensor {
  if (x.dtype === 'int32') return binary('mul', [x, alpha], ['this', 'other']);
  const { size } = x;
  const out = takeLike(x);
  kernels().mulScalar(size, alpha, arrayOf(x), out);
  return record({ name: 'mul', detail: alpha, out, inputs: [x] }, (gradient) => {
    kernels().mulScalar(size, alpha, gradient, gradient);
    give(x, gradient);
  });
}
