import type { UnaryName } from '../../backend/contract/kernels.js';
import { sameShape } from '../../core/shapes.js';
import type { Detail } from '../../nn/engine/tensor.js';
import type { Emitter, Value } from './emitter.js';

// What the recorded operations of tensors are in ONNX: https://onnx.ai/onnx/operators/.

type Unary = (emit: Emitter, x: string) => string;

/** Operators of the same meaning. */
const named =
  (operator: string): Unary =>
  (emit, x) =>
    emit.node(operator, [x]);
const log =
  (base: number): Unary =>
  (emit, x) =>
    emit.node('Mul', [emit.node('Log', [x]), emit.number(1 / Math.log(base))]);
const times = (emit: Emitter, x: string, y: string) => emit.node('Mul', [x, y]);
const plus = (emit: Emitter, x: string, y: number) => emit.node('Add', [x, emit.number(y)]);

/** x (1 + of) / 2 */
function half(emit: Emitter, x: string, of: string): string {
  return times(emit, times(emit, x, emit.number(0.5)), plus(emit, of, 1));
}

export const UNARY: Readonly<Record<UnaryName, Unary>> = {
  relu: named('Relu'),
  exp: named('Exp'),
  log: named('Log'),
  log1p: (emit, x) => emit.node('Log', [plus(emit, x, 1)]),
  expm1: (emit, x) => plus(emit, emit.node('Exp', [x]), -1),
  tan: named('Tan'),
  tanh: named('Tanh'),
  sigmoid: named('Sigmoid'),
  softplus: named('Softplus'),
  erf: named('Erf'),
  gelu: (emit, x) => half(emit, x, emit.node('Erf', [times(emit, x, emit.number(Math.SQRT1_2))])),
  geluTanh(emit, x) {
    const cube = times(emit, x, plus(emit, times(emit, times(emit, x, x), emit.number(0.044715)), 1));
    return half(emit, x, emit.node('Tanh', [times(emit, cube, emit.number(Math.sqrt(2 / Math.PI)))]));
  },
  silu: (emit, x) => times(emit, x, emit.node('Sigmoid', [x])),
  sin: named('Sin'),
  cos: named('Cos'),
  asin: named('Asin'),
  acos: named('Acos'),
  atan: named('Atan'),
  sinh: named('Sinh'),
  cosh: named('Cosh'),
  asinh: named('Asinh'),
  acosh: named('Acosh'),
  atanh: named('Atanh'),
  log2: log(2),
  log10: log(10),
  exp2: (emit, x) => emit.node('Pow', [emit.number(2), x]),
  sqrt: named('Sqrt'),
  rsqrt: (emit, x) => emit.node('Reciprocal', [emit.node('Sqrt', [x])]),
  reciprocal: named('Reciprocal'),
  square: (emit, x) => times(emit, x, x),
  abs: named('Abs'),
  neg: named('Neg'),
  elu: named('Elu'),
  selu: named('Selu'),
  hardswish: named('HardSwish'),
  hardsigmoid: (emit, x) => emit.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  mish: (emit, x) => times(emit, x, emit.node('Tanh', [emit.node('Softplus', [x])])),
  logsigmoid: (emit, x) => emit.node('Neg', [emit.node('Softplus', [emit.node('Neg', [x])])]),
  softsign: named('Softsign'),
};

const BINARY: Readonly<Record<string, string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  pow: 'Pow',
  maximum: 'Max',
  minimum: 'Min',
  matmul: 'MatMul',
  bmm: 'MatMul',
};

/** Those that go by the element, and so in either layout. */
const PRODUCTS = ['matmul', 'bmm'];

/** What an operation gives, or undefined where ONNX has nothing for it here. */
export function convertOperation(
  emit: Emitter,
  { name, detail }: { readonly name: string; readonly detail: Detail | undefined },
  inputs: readonly Value[],
  shape: readonly number[],
): Value | undefined {
  const [x, y] = inputs;
  const result = (last: string): Value => ({ shape, last, second: null });
  if (isUnary(name)) return emit.each(x, (input) => UNARY[name](emit, input));
  if (name === 'clone') return { ...x };
  if (name === 'reshape') return result(emit.node('Reshape', [emit.last(x), lengths(emit, x.shape, shape)]));
  if (name === 'permute' && Array.isArray(detail))
    return result(emit.node('Transpose', [emit.last(x)], { perm: [...detail] }));
  if (name === 'softmax' && typeof detail === 'number')
    return result(emit.node('Softmax', [emit.last(x)], { axis: detail }));
  if (name === 'logSoftmax' && typeof detail === 'number')
    return result(emit.node('LogSoftmax', [emit.last(x)], { axis: detail }));
  const operator = BINARY[name];
  if (operator === undefined) return undefined;
  if (y === undefined) {
    if (typeof detail !== 'number') return undefined;
    return emit.each(x, (input) => emit.node(operator, [input, emit.number(detail)]));
  }
  const areSecond = x.second !== null && y.second !== null && sameShape(x.shape, y.shape);
  if (areSecond && !PRODUCTS.includes(name))
    return { shape, last: null, second: emit.node(operator, [emit.second(x), emit.second(y)]) };
  return result(emit.node(operator, [emit.last(x), emit.last(y)]));
}

function isUnary(name: string): name is UnaryName {
  return Object.hasOwn(UNARY, name);
}

/** A shape for a batch of any size: 0 is the first length of x, -1 whatever is left. */
function lengths(emit: Emitter, [before]: readonly number[], [first, ...rest]: readonly number[]): string {
  return emit.integers(first === undefined ? [] : [first === before ? 0 : -1, ...rest]);
}
