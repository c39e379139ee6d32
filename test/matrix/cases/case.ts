import type { Generator } from '../../../src/array/generator.js';
import type { Kernels } from '../../../src/backend/contract/kernels.js';

export type Draw = (generator: Generator) => number;

/** A number, a float array, or an array of integers in [from, below), where `from` is 0 if not given. */
export type Argument =
  | number
  | {
      readonly length: number;
      readonly use: 'read' | 'write' | 'readAndWrite';
      readonly draw: Draw;
    }
  | { readonly length: number; readonly from?: number; readonly below: number }
  /** Whole numbers that are written. */
  | { readonly length: number; readonly use: 'writeIntegers' };

export interface KernelCase {
  readonly kernel: Exclude<keyof Kernels, 'step'>;
  readonly args: readonly Argument[];
  /** How far TypeScript and native may be apart: units in the last place of each element, or of the largest. */
  readonly bound: number;
  readonly relativeTo: 'element' | 'largest';
  /** Pairs of argument positions: the input that may be the output. */
  readonly inPlace?: readonly (readonly [input: number, output: number])[];
}

export const normal: Draw = (generator) => generator.normal();
/** Above 0.1 */
export const positive: Draw = (generator) => generator.uniform() + 0.1;
/** Over the whole range of an activation, and small numbers. */
export const wide: Draw = (generator) => generator.normal() * 10 ** (4 * generator.uniform() - 2);
/** Over the whole range of what takes no negative numbers. */
export const large: Draw = (generator) => Math.abs(wide(generator));
/** Within 0.95 of 0, where sines and cosines are. */
export const inner: Draw = (generator) => 1.9 * generator.uniform() - 0.95;
/** Above 1.05, where hyperbolic cosines are. */
export const outer: Draw = (generator) => 1.05 + large(generator);
/** Not within the numbers of x: their differences do not cancel. */
export const far: Draw = (generator) => normal(generator) + 8;
/** Zeros, equal numbers, both signs. */
export const few: Draw = (generator) => Math.round(2 * generator.normal()) / 2;

/** Arrays that a kernel reads, writes, or adds to. */
export const read = (length: number, draw = normal) => ({ length, use: 'read', draw }) as const;
export const write = (length: number) => ({ length, use: 'write', draw: normal }) as const;
export const update = (length: number) => ({ length, use: 'readAndWrite', draw: normal }) as const;
