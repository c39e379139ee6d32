import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { isNumberType, type NumberType } from '../arrays.js';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';

/** A kernel under the name that TensorFlow.js calls it by. */
export interface Kernel {
  readonly name: string;
  readonly run: KernelFunc;
}

/** Inputs by name; some may be left out. */
export type Inputs<Name extends string, Optional extends string = never> = Readonly<
  Record<Name, TensorInfo>
> &
  Readonly<Partial<Record<Optional, TensorInfo | null>>>;

/** Whether a kernel takes these inputs; the others go the way of the cpu backend. */
type Takes<I, A> = (inputs: I, attrs: A) => boolean;

export const isFloat = ({ dtype }: TensorInfo) => dtype === 'float32';
export const isNumber = ({ dtype }: TensorInfo) => dtype !== 'complex64' && dtype !== 'string';

/** The element type of a tensor of numbers. */
export function elementTypeOf({ dtype }: TensorInfo): NumberType {
  if (isNumberType(dtype)) return dtype;
  throw new TypeError(`a tensor of numbers is needed, got one of ${dtype}`);
}

/** Every input is one of these. */
const all = (is: (input: TensorInfo) => boolean) => (inputs: object) => {
  // Called for every operation: without an array of the inputs.
  for (const name in inputs) {
    const input: TensorInfo | null | undefined = Reflect.get(inputs, name);
    if (input != null && !is(input)) return false;
  }
  return true;
};

/** Inputs of float32 alone. */
export const floats = all(isFloat);
/** The only input is of float32; so are both. */
export const floatX = ({ x }: Inputs<'x'>) => x.dtype === 'float32';
export const floatPair = ({ a, b }: Inputs<'a' | 'b'>) => a.dtype === 'float32' && b.dtype === 'float32';
/** Inputs that are no strings and no complex numbers. */
export const numbers = all(isNumber);

/**
 * A kernel. The engine calls it with the inputs and attributes that tfjs-core declares under its name: this is the one place
 * where that is taken for granted.
 */
export function define<I extends object, A = object>(
  name: string,
  takes: Takes<I, A>,
  run: (backend: LockstepBackend, inputs: I, attrs: A) => TensorInfo | TensorInfo[],
): Kernel {
  const otherwise = cpuKernel(name);
  const kernelFunc: KernelFunc = (call) => {
    const inputs = call.inputs as unknown as I;
    const attrs = call.attrs as unknown as A;
    return takes(inputs, attrs) ? run(call.backend as LockstepBackend, inputs, attrs) : otherwise(call);
  };
  return { name, run: kernelFunc };
}

/** The entries of a table, with its names. */
export function entries<T extends object>(table: T): (readonly [string, T[keyof T]])[] {
  return Object.entries(table);
}

/** The kernel of the cpu backend. */
export function cpuKernel(name: string): KernelFunc {
  const kernel = tf.getKernel(name, 'cpu');
  if (kernel == null) throw new Error(`@tensorflow/tfjs-backend-cpu has no kernel ${name}`);
  return kernel.kernelFunc;
}
