import { type Arithmetic, type Comparison, UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import type { FloatArray } from '../../core/types.js';
import { record, takeLike, transform } from '../engine/autograd.js';
import { pool } from '../engine/pool.js';
import { arrayOf, checkTensor, type Tensor } from '../engine/tensor.js';
import { addSummed, apply, giveSummed, meet, operandOf } from './operands.js';
import { kept, slopes } from './slopes.js';

// What the functions of one number and of two have in common: the tables say the rest.

export function unary(name: UnaryName, x: Tensor): Tensor {
  checkTensor('x', x);
  const { forward, backward, reads } = UNARY[name];
  const { size } = x;
  return transform(
    name,
    x,
    (y) => kernels()[forward](size, arrayOf(x), y),
    (dy, y) => kernels()[backward](size, reads === 'output' ? y : arrayOf(x), dy, dy),
    reads,
  );
}

export type Operand = Tensor | number;
type Operands = readonly [Operand, Operand];

const NAMES = ['a', 'b'];

export function binary(name: Arithmetic, given: Operands, names = NAMES): Tensor {
  const { inputs, saved, shape, out } = meet(given, names);
  const [a, b] = inputs;
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

/** A constant: no gradient flows through a comparison. */
export function comparison(name: Comparison, given: Operands): Tensor {
  const { inputs, saved, shape, out } = meet(given, NAMES);
  const [a, b] = inputs;
  apply(name, operandOf(a), operandOf(b), shape, out);
  return record({ name, shape, out, inputs: [], saved }, (gradient) => pool.release(gradient));
}

/** x + alpha: no array is made of the number. */
export function addNumber(x: Tensor, alpha: number): Tensor {
  return transform('add', x, (y) => kernels().addScalar(x.size, alpha, arrayOf(x), y));
}

/** x times alpha. */
export function mulNumber(x: Tensor, alpha: number): Tensor {
  const times = (from: FloatArray, to: FloatArray) => kernels().mulScalar(x.size, alpha, from, to);
  return transform(
    'mul',
    x,
    (y) => times(arrayOf(x), y),
    (dy) => times(dy, dy),
  );
}
