import type {
  CastAttrs,
  ClipByValueAttrs,
  LeakyReluAttrs,
  StepAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Binary, Unary } from '../../backend/contract/arguments.js';
import type { UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import { Broadcast } from '../../core/broadcasting.js';
import type { ElementArray } from '../../core/types.js';
import { type ArrayFor, isNumberType, type NumberArray, type NumberType } from '../arrays.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import {
  define,
  elementTypeOf,
  entries,
  floatPair,
  floats,
  floatX,
  type Inputs,
  isNumber,
  type Kernel,
} from './define.js';
import { castTo } from './reductions.js';

// Kernels by what TensorFlow.js calls them. Those of whole numbers wrap, as its own do below 2^53.

const UNARY: Readonly<Record<string, UnaryName>> = {
  Acos: 'acos',
  Acosh: 'acosh',
  Asin: 'asin',
  Asinh: 'asinh',
  Atan: 'atan',
  Atanh: 'atanh',
  Cos: 'cos',
  Cosh: 'cosh',
  Elu: 'elu',
  Erf: 'erf',
  Exp: 'exp',
  Expm1: 'expm1',
  Log: 'log',
  Log1p: 'log1p',
  Reciprocal: 'reciprocal',
  Relu: 'relu',
  Rsqrt: 'rsqrt',
  Selu: 'selu',
  Sigmoid: 'sigmoid',
  Sin: 'sin',
  Sinh: 'sinh',
  Softplus: 'softplus',
  Sqrt: 'sqrt',
  Tan: 'tan',
  Tanh: 'tanh',
};
const ROUNDING = { Ceil: 'ceil', Floor: 'floor', Round: 'round' } as const;
const UNARY_NUMBERS = { Abs: 'absForward', Neg: 'negForward', Square: 'squareForward' } as const;

const BINARY = { Pow: 'pow', RealDiv: 'div' } as const;
const BINARY_NUMBERS = {
  Add: 'add',
  FloorDiv: 'floorDiv',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Mod: 'floorMod',
  Multiply: 'mul',
  SquaredDifference: 'squaredDifference',
  Sub: 'sub',
} as const;
const COMPARISONS = {
  Equal: 'equal',
  Greater: 'greater',
  GreaterEqual: 'greaterEqual',
  Less: 'less',
  LessEqual: 'lessEqual',
  NotEqual: 'notEqual',
} as const;
const CONNECTIVES = { LogicalAnd: 'logicalAnd', LogicalOr: 'logicalOr' } as const;

/** y = f(x), in place where y is x. */
export function applyUnary(name: UnaryName, x: Float32Array, y: Float32Array): void {
  kernels()[`${name}Forward`](y.length, x, y);
}

/** y = min(high, max(low, x)), in place where y is x. */
export function clamp(low: number, high: number, x: Float32Array, y: Float32Array): void {
  kernels().clampForward(y.length, low, high, x, y);
}

type Shapes = readonly [number[], number[]];

// See Binary in backend/contract/arguments.ts: one element for all columns.
const REPEATED_A = 1 << 2;
const REPEATED_B = 1 << 5;
const ZERO = Float32Array.of(0);

/** out = kernel(a, b), each repeated to the shape of the result. */
export function broadcast<A extends ElementArray, O extends ElementArray>(
  kernel: (layout: number, outer: number, rows: number, columns: number, a: A, b: A, out: O) => void,
  shapes: Shapes,
  a: A,
  b: A,
  out: O,
  outShape: number[],
): void {
  const n = out.length;
  // What is called most, without the detour: same shapes, or a number on one side.
  if (n === 0) return;
  if (a.length === n && b.length === n) {
    kernel(0, 1, 1, n, a, b, out);
  } else if (b.length === 1) {
    kernel(REPEATED_B, 1, 1, n, a, b, out);
  } else if (a.length === 1) {
    kernel(REPEATED_A, 1, 1, n, a, b, out);
  } else {
    const repeated = new Broadcast(shapes, outShape);
    const { layout, outer, rows, columns } = repeated;
    repeated.run([a, b], out, ([x, y], to) => kernel(layout, outer, rows, columns, x, y, to));
  }
}

type Pair = Inputs<'a' | 'b'>;
type Single = Inputs<'x'>;

/** A new tensor of the shape that a and b have together, for a kernel to fill. */
function pairOf<O extends NumberType>(backend: LockstepBackend, { a, b }: Pair, dtype: O): Result<O> {
  const isOne = tf.util.arraysEqual(a.shape, b.shape);
  return backend.create(
    isOne ? a.shape : tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape),
    dtype,
  );
}

/** kernel(a, b) for elements of one type, of another or the same. */
function combine<A extends NumberType, O extends NumberType>(
  backend: LockstepBackend,
  inputs: Pair,
  [from, to]: readonly [A, O],
  kernel: Parameters<typeof broadcast<ArrayFor<A>, ArrayFor<O>>>[0],
): Result<O> {
  const { a, b } = inputs;
  const out = pairOf(backend, inputs, to);
  const [x, y] = [backend.valuesOf(from, a), backend.valuesOf(from, b)];
  broadcast(kernel, [a.shape, b.shape], x, y, out.values, out.shape);
  return out;
}

function unary<T extends NumberType>(
  backend: LockstepBackend,
  { x }: Single,
  dtype: T,
  run: (n: number, x: ArrayFor<T>, y: ArrayFor<T>) => void,
): Result<T> {
  const y = backend.create(x.shape, dtype);
  run(y.values.length, backend.valuesOf(dtype, x), y.values);
  return y;
}

const isNumeric = ({ dtype }: TensorInfo) => dtype === 'float32' || dtype === 'int32';
const areAlike = ({ a, b }: Pair) => a.dtype === b.dtype;
const areNumeric = (inputs: Pair) => areAlike(inputs) && isNumeric(inputs.a);
const areMasks = (inputs: Pair) => areAlike(inputs) && inputs.a.dtype === 'bool';
const areComparable = (inputs: Pair) => areAlike(inputs) && isNumber(inputs.a);
const isNumericOne = ({ x }: Single) => isNumeric(x);
const isMask = ({ x }: Single) => x.dtype === 'bool';

const ofOne: readonly Kernel[] = [
  ...entries(UNARY).map(([name, own]) =>
    define<Single>(name, floatX, (backend, inputs) =>
      unary(backend, inputs, 'float32', kernels()[`${own}Forward`]),
    ),
  ),
  ...entries(ROUNDING).map(([name, own]) =>
    define<Single>(name, floatX, (backend, inputs) => unary(backend, inputs, 'float32', kernels()[own])),
  ),
  ...entries(UNARY_NUMBERS).map(([name, own]) =>
    define<Single>(name, isNumericOne, (backend, inputs) =>
      unary<NumberType>(backend, inputs, elementTypeOf(inputs.x), kernels()[own] as Unary<NumberArray>),
    ),
  ),
  define<Single>('Relu6', floatX, (backend, inputs) =>
    unary(backend, inputs, 'float32', (_, x, y) => clamp(0, 6, x, y)),
  ),
  define<Single, ClipByValueAttrs>('ClipByValue', floatX, (backend, inputs, attrs) =>
    unary(backend, inputs, 'float32', (_, x, y) => clamp(attrs.clipValueMin, attrs.clipValueMax, x, y)),
  ),
  define<Single, LeakyReluAttrs>('LeakyRelu', floatX, (backend, inputs, { alpha }) =>
    unary(backend, inputs, 'float32', (n, x, y) => kernels().leakyReluForward(n, alpha, x, y)),
  ),
  define<Single, StepAttrs>('Step', floatX, (backend, inputs, { alpha }) =>
    unary(backend, inputs, 'float32', (n, x, y) => kernels().unitStep(n, alpha, x, y)),
  ),
  define<Single>('Sign', floatX, (backend, inputs) =>
    unary(backend, inputs, 'float32', (n, x, y) => {
      // Of a NaN it is 0 here: what is above 0 without what is below.
      const below = backend.arrays.take('float32', n);
      kernels().gt(REPEATED_B, 1, 1, n, x, ZERO, y);
      kernels().lt(REPEATED_B, 1, 1, n, x, ZERO, below);
      kernels().sub(0, 1, 1, n, y, below, y);
      backend.arrays.release('float32', below);
    }),
  ),
  define<Single>('LogicalNot', isMask, (backend, inputs) =>
    unary(backend, inputs, 'bool', kernels().logicalNot),
  ),
];

const ofTwo: readonly Kernel[] = [
  ...entries(BINARY).map(([name, own]) =>
    define<Pair>(name, floatPair, (backend, inputs) =>
      combine(backend, inputs, ['float32', 'float32'], kernels()[own]),
    ),
  ),
  ...entries(BINARY_NUMBERS).map(([name, own]) =>
    define<Pair>(name, areNumeric, (backend, inputs) => {
      const dtype = elementTypeOf(inputs.a);
      return combine<NumberType, NumberType>(
        backend,
        inputs,
        [dtype, dtype],
        kernels()[own] as Binary<NumberArray>,
      );
    }),
  ),
  ...entries(COMPARISONS).map(([name, own]) =>
    define<Pair>(name, areComparable, (backend, inputs) =>
      combine<NumberType, 'bool'>(backend, inputs, [elementTypeOf(inputs.a), 'bool'], kernels()[own]),
    ),
  ),
  ...entries(CONNECTIVES).map(([name, own]) =>
    define<Pair>(name, areMasks, (backend, inputs) =>
      combine(backend, inputs, ['bool', 'bool'], kernels()[own]),
    ),
  ),
  define<Inputs<'x' | 'alpha'>>('Prelu', floats, (backend, { x, alpha }) =>
    combine(backend, { a: x, b: alpha }, ['float32', 'float32'], kernels().prelu),
  ),
  define<Inputs<'dy' | 'y'>>('EluGrad', floats, (backend, { dy, y }) => {
    const dx = backend.create(y.shape, 'float32');
    const [at, slope] = [backend.valuesOf('float32', y), backend.valuesOf('float32', dy)];
    kernels().eluBackward(dx.values.length, at, slope, dx.values);
    return dx;
  }),
  define<TensorInfo[]>('AddN', floats, (backend, [first, ...others]) => {
    const out = backend.create(first.shape, 'float32');
    out.values.set(backend.valuesOf('float32', first));
    const { values, shape } = out;
    for (const x of others)
      broadcast(kernels().add, [shape, shape], values, backend.valuesOf('float32', x), values, shape);
    return out;
  }),
];

type Choice = Inputs<'condition' | 't' | 'e'>;

/** Core brings the three to one shape before it calls. */
function isChoice({ condition, t, e }: Choice): boolean {
  if (condition.dtype !== 'bool' || t.dtype !== e.dtype || !isNumber(t)) return false;
  return tf.util.arraysEqual(condition.shape, t.shape) && tf.util.arraysEqual(e.shape, t.shape);
}

export const elementwise: readonly Kernel[] = [
  ...ofOne,
  ...ofTwo,
  define<Choice>('Select', isChoice, (backend, { condition, t, e }) => {
    const dtype = elementTypeOf(t);
    const out: Result<NumberType> = backend.create<NumberType>(t.shape, dtype);
    const n = out.values.length;
    const mask = backend.valuesOf('bool', condition);
    const [a, b] = [backend.valuesOf<NumberType>(dtype, t), backend.valuesOf<NumberType>(dtype, e)];
    kernels().select(0, 1, 1, n, mask, a, b, out.values);
    return out;
  }),
  define<Single, CastAttrs>(
    'Cast',
    ({ x }, { dtype }) => isNumber(x) && isNumberType(dtype),
    (backend, { x }, attrs) => {
      const { dtype } = attrs;
      if (x.dtype === dtype || !isNumberType(dtype)) return backend.share(x, x.shape);
      return castTo(backend, x, dtype);
    },
  ),
];
