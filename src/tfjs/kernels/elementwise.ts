import type { ClipByValueAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import type { Binary } from '../../backend/contract/arguments.js';
import type { BinaryName, Kernels, UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import { Broadcast } from '../../core/broadcasting.js';
import type { ElementArray } from '../../core/types.js';
import type { NumberArray, NumberType } from '../arrays.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import { define, elementTypeOf, floats, type Inputs, type Kernel } from './define.js';

// Kernels by what TensorFlow.js calls them. Those of whole numbers wrap, as its own do below 2^53.

const UNARY: Readonly<Record<string, UnaryName>> = {
  Cos: 'cos',
  Erf: 'erf',
  Exp: 'exp',
  Expm1: 'expm1',
  Log: 'log',
  Log1p: 'log1p',
  Reciprocal: 'reciprocal',
  Relu: 'relu',
  Rsqrt: 'rsqrt',
  Sigmoid: 'sigmoid',
  Sin: 'sin',
  Softplus: 'softplus',
  Sqrt: 'sqrt',
  Tanh: 'tanh',
};
const UNARY_NUMBERS = { Abs: 'absForward', Neg: 'negForward', Square: 'squareForward' } as const;

const BINARY: Readonly<Record<string, BinaryName>> = { Pow: 'pow', RealDiv: 'div' };
const BINARY_NUMBERS = {
  Add: 'add',
  FloorDiv: 'floorDiv',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Mod: 'floorMod',
  Multiply: 'mul',
  SquaredDifference: 'squaredDifference',
  Sub: 'sub',
} as const satisfies Readonly<Record<string, keyof Kernels>>;

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

/** A new tensor of the shape that a and b have together, of this type; kernel: what fills it. */
function binary<O extends NumberType>(
  backend: LockstepBackend,
  { a, b }: Pair,
  dtype: O,
  kernel: (shapes: Shapes, x: NumberArray, y: NumberArray, out: Result<O>) => void,
): Result<O> {
  const out = backend.create(tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape), dtype);
  const type = elementTypeOf(a);
  kernel([a.shape, b.shape], backend.valuesOf(type, a), backend.valuesOf(type, b), out);
  return out;
}

function unary(backend: LockstepBackend, x: TensorInfo, run: (x: Float32Array, y: Float32Array) => void) {
  const y = backend.create(x.shape, 'float32');
  run(backend.valuesOf('float32', x), y.values);
  return y;
}

const isNumeric = ({ dtype }: TensorInfo) => dtype === 'float32' || dtype === 'int32';
const areAlike = ({ a, b }: Pair) => a.dtype === b.dtype;
const areNumeric = (inputs: Pair) => areAlike(inputs) && isNumeric(inputs.a);
const areElements = (inputs: Pair) => areNumeric(inputs) || areMasks(inputs);
const areMasks = (inputs: Pair) => areAlike(inputs) && inputs.a.dtype === 'bool';
const takesNumeric = ({ x }: Inputs<'x'>) => isNumeric(x);

function namesOf<T extends object>(table: T): (readonly [string, T[keyof T]])[] {
  return Object.entries(table);
}

const computing: readonly Kernel[] = [
  ...namesOf(BINARY).map(([name, own]) =>
    define<Pair>(name, floats, (backend, inputs) =>
      binary(backend, inputs, 'float32', (shapes, x, y, out) =>
        broadcast(kernels()[own] as Binary<NumberArray>, shapes, x, y, out.values, out.shape),
      ),
    ),
  ),
  ...namesOf(BINARY_NUMBERS).map(([name, own]) =>
    define<Pair>(name, areNumeric, (backend, inputs) =>
      binary(backend, inputs, elementTypeOf(inputs.a), (shapes, x, y, out) =>
        broadcast(kernels()[own] as Binary<NumberArray>, shapes, x, y, out.values, out.shape),
      ),
    ),
  ),
];
void computing;
