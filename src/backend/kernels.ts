import type * as typescript from './typescript/index.js';

/**
 * What a backend can do: the TypeScript path is the contract, and native/kernels.def lists the same names.
 *
 * Arguments are positional: sizes first (the first one is what the native side splits over threads), then numbers,
 * then arrays, inputs before outputs. All float arrays of one call have one element type. Kernels return nothing and
 * allocate nothing.
 */
export type Kernels = Readonly<typeof typescript>;
