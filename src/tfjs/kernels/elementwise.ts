import type { ClipByValueAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import type { BinaryName, UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import { Broadcast } from '../../core/broadcasting.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import { define, floats, type Inputs, type Kernel } from './define.js';

/** Kernels of one number, by what TensorFlow.js calls them. */
const UNARY: Readonly<Record<string, UnaryName>> = {
  Abs: 'abs',
  Cos: 'cos',
  Erf: 'erf',
  Exp: 'exp',
  Expm1: 'expm1',
  Log: 'log',
  Log1p: 'log1p',
  Neg: 'neg',
  Reciprocal: 'reciprocal',
  Relu: 'relu',
  Rsqrt: 'rsqrt',
  Sigmoid: 'sigmoid',
  Sin: 'sin',
  Softplus: 'softplus',
  Sqrt: 'sqrt',
  Square: 'square',
  Tanh: 'tanh',
};

/** Kernels of two numbers, by what TensorFlow.js calls them. */
const BINARY: Readonly<Record<string, BinaryName>> = {
  Add: 'add',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Multiply: 'mul',
  Pow: 'pow',
  RealDiv: 'div',
  Sub: 'sub',
};

/** y = f(x), in place where y is x. */
export function applyUnary(name: UnaryName, x: Float32Array, y: Float32Array): void {
  kernels()[`${name}Forward`](y.length, x, y);
}

/** y = min(high, max(low, x)), in place where y is x. */
export function clamp(low: number, high: number, x: Float32Array, y: Float32Array): void {
  kernels().clampForward(y.length, low, high, x, y);
}

/** out = f(a, b), each repeated to the shape of the result. */
export function applyBinary(
  name: BinaryName,
  shapes: readonly [number[], number[]],
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  outShape: number[],
): void {
  const n = out.length;
  if (n === 0) return;
  const kernel = kernels()[name];
  // What is called most, without the detour: same shapes, or a number on one side.
  if (a.length === n && b.length === n) {
    kernel(0, 1, 1, n, a, b, out);
  } else if (b.length === 1) {
    kernel(REPEATED_B, 1, 1, n, a, b, out);
  } else if (a.length === 1) {
    kernel(REPEATED_A, 1, 1, n, a, b, out);
  } else {
    const broadcast = new Broadcast(shapes, outShape);
    const { layout, outer, rows, columns } = broadcast;
    broadcast.run([a, b], out, ([x, y], to) => kernel(layout, outer, rows, columns, x, y, to));
  }
}

// See Binary in backend/contract/arguments.ts: one element for all columns.
const REPEATED_A = 1 << 2;
const REPEATED_B = 1 << 5;

function binary(name: BinaryName, backend: LockstepBackend, { a, b }: Inputs<'a' | 'b'>): Result<'float32'> {
  const out = backend.create(tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape), 'float32');
  const [x, y] = [backend.valuesOf('float32', a), backend.valuesOf('float32', b)];
  applyBinary(name, [a.shape, b.shape], x, y, out.values, out.shape);
  return out;
}

function unary(backend: LockstepBackend, x: TensorInfo, run: (x: Float32Array, y: Float32Array) => void) {
  const y = backend.create(x.shape, 'float32');
  run(backend.valuesOf('float32', x), y.values);
  return y;
}

export const elementwise: readonly Kernel[] = [
  ...Object.entries(UNARY).map(([name, own]) =>
    define<Inputs<'x'>>(name, floats, (backend, inputs) =>
      unary(backend, inputs.x, (x, y) => applyUnary(own, x, y)),
    ),
  ),
  ...Object.entries(BINARY).map(([name, own]) =>
    define<Inputs<'a' | 'b'>>(name, floats, (backend, inputs) => binary(own, backend, inputs)),
  ),
  define<Inputs<'x'>>('Relu6', floats, (backend, inputs) =>
    unary(backend, inputs.x, (x, y) => clamp(0, 6, x, y)),
  ),
  define<Inputs<'x'>, ClipByValueAttrs>('ClipByValue', floats, (backend, inputs, attrs) =>
    unary(backend, inputs.x, (x, y) => clamp(attrs.clipValueMin, attrs.clipValueMax, x, y)),
  ),
  define<Inputs<'a' | 'b'>>('SquaredDifference', floats, (backend, inputs) => {
    const out = binary('sub', backend, inputs);
    applyUnary('square', out.values, out.values);
    return out;
  }),
  define<TensorInfo[]>('AddN', floats, (backend, [first, ...others]) => {
    const out = backend.create(first.shape, 'float32');
    out.values.set(backend.valuesOf('float32', first));
    const same = [first.shape, first.shape] as const;
    for (const x of others)
      applyBinary('add', same, out.values, backend.valuesOf('float32', x), out.values, first.shape);
    return out;
  }),
];
