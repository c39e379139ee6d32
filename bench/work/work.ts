import type { Kernels } from '../../src/backend/contract/kernels.js';
import type { Demand } from '../limits.js';
import type { Lockstep, Nn } from '../lockstep.js';
import type { Message } from '../peers/child.js';
import type { InferenceRequest } from '../peers/onnx.js';
import type { Statements } from '../peers/pytorch.js';

/** What a piece of work is measured with: the public functions, and the kernels below them. */
export interface Library {
  readonly lockstep: Lockstep;
  readonly kernels: () => Kernels;
  readonly nn: Nn;
}

/** Work that is ready to be done. */
export interface Prepared {
  step(): void;
  /** @throws Error if what was measured is void */
  check?(): void;
}

/** Work that this package and its peers do. */
export interface Work {
  readonly name: string;
  /** Elements that one step goes over. */
  readonly elements: number;
  /** What a step cannot do without, where the limit of the machine takes part. */
  readonly demand?: Demand;
  /** Makes the arrays, and takes steps by the public functions; null where this build has no such function. */
  prepare(library: Library): Prepared | null;
  /** The same by the kernels below them, with arrays made before: what the public functions cost. */
  prepareKernels?(library: Library): Prepared;
  readonly pytorch?: Statements;
  /** The program that does it with TensorFlow.js, and what that is asked to prepare. */
  readonly tfjs?: { readonly script: URL; readonly request: Message };
  /** What ONNX Runtime is asked to compute. */
  readonly onnx?: InferenceRequest;
  /** How much faster than PyTorch it is to be, or what share of the limit on one thread. */
  readonly targets: Readonly<{ pytorch?: number; limit?: number }>;
}

/** Numbers in [-3, 3), the same every time. */
export function numbers(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (6 * state) / 2 ** 32 - 3;
  });
}
