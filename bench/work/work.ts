import type { Kernels } from '../../src/backend/kernels.js';
import type { Lockstep, Nn } from '../lockstep.js';
import type { Message } from '../peers/child.js';
import type { Statements } from '../peers/pytorch.js';

/** What a piece of work is measured with: the public functions, and the kernels below them. */
export interface Library {
  readonly lockstep: Lockstep;
  readonly kernels: () => Kernels;
  readonly nn: Nn;
}

/** Work that this package and PyTorch both do. */
export interface Work {
  readonly name: string;
  /** Elements that one step goes over. */
  readonly elements: number;
  /** Makes the arrays and returns one step, or null where this build has no such function. */
  prepare(library: Library): (() => void) | null;
  readonly pytorch?: Statements;
  /** The program that does it with TensorFlow.js, and what that is asked to prepare. */
  readonly tfjs?: { readonly script: URL; readonly request: Message };
  /** A plain copy of as many elements takes part. */
  readonly copies?: boolean;
  /** How much faster than PyTorch, or than a copy, it is to be. */
  readonly targets: Readonly<{ pytorch?: number; copy?: number }>;
}

/** Numbers in [-3, 3), the same every time. */
export function numbers(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (6 * state) / 2 ** 32 - 3;
  });
}
