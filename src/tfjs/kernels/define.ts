import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';

/** A kernel under the name that TensorFlow.js calls it by. */
export interface Kernel {
  readonly name: string;
  readonly run: KernelFunc;
}

/** Inputs by name; some may be left out. */
export type Inputs<Name extends string, Optional extends string = never> = Readonly<Record<Name, TensorInfo>> &
  Readonly<Partial<Record<Optional, TensorInfo | null>>>;

const isAny = () => true;
const isNumber = ({ dtype }: TensorInfo) => dtype !== 'complex64' && dtype !== 'string';
const isFloat = ({ dtype }: TensorInfo) => dtype === 'float32';

/** Which inputs a kernel takes; the others go the way of the cpu backend. */
export const TAKES = { all: isAny, numbers: isNumber, floats: isFloat } as const;

/**
 * A kernel. The engine calls it with the inputs and attributes that tfjs-core declares under its name: this is the one place
 * where that is taken for granted.
 */
export function define<I extends object, A = object>(
  name: string,
  takes: keyof typeof TAKES,
  run: (backend: LockstepBackend, inputs: I, attrs: A) => TensorInfo | TensorInfo[],
): Kernel {
  const accepts = TAKES[takes];
  const otherwise = cpuKernel(name);
  const kernelFunc: KernelFunc = (call) => {
    for (const key in call.inputs) {
      const input: TensorInfo | null | undefined = call.inputs[key];
      if (input != null && !accepts(input)) return otherwise(call);
    }
    return run(call.backend as LockstepBackend, call.inputs as unknown as I, call.attrs as unknown as A);
  };
  return { name, run: kernelFunc };
}

/** The kernel of the cpu backend. */
export function cpuKernel(name: string): KernelFunc {
  const kernel = tf.getKernel(name, 'cpu');
  if (kernel == null) throw new Error(`@tensorflow/tfjs-backend-cpu has no kernel ${name}`);
  return kernel.kernelFunc;
}
