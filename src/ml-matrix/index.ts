import type * as MlMatrix from 'ml-matrix';
import { requirePeer } from '../core/peer.js';
import { multiply } from './multiply.js';

type Matrices = typeof MlMatrix.AbstractMatrix.prototype;

const { AbstractMatrix, Matrix } = requirePeer({
  owner: 'lockstep/ml-matrix',
  name: 'ml-matrix',
  version: 6,
  install: 'npm install ml-matrix@6',
  isIt: (module) =>
    'AbstractMatrix' in module &&
    typeof module.AbstractMatrix === 'function' &&
    typeof module.AbstractMatrix.prototype?.mmul === 'function',
}) as typeof MlMatrix;

const original = AbstractMatrix.prototype.mmul;

/**
 * The roundings of a product are others than ml-matrix's, so the last bits may differ. What does not fit together is left to
 * ml-matrix, which takes it in its own way.
 */
function mmul(this: Matrices, other: Parameters<typeof original>[0]): MlMatrix.Matrix {
  const right = Matrix.checkMatrix(other);
  const isFitting = right.rows === this.columns;
  if (!isFitting || !isWorthIt(this.rows, this.columns, right.columns)) return original.call(this, right);
  return multiply(Matrix, this, right);
}

/**
 * Whether an element that is copied, in or out, takes part in 4.5 multiplications or more on average: square matrices from
 * 14 x 14 on. Measured beside ml-matrix: 1.8 times as fast at 16 x 16 with a binary and 1.3 times in TypeScript, 20 and 4 times
 * at 64 x 64, 1.7 and 1.3 times for 1000 x 10 times 10 x 10. Below it, and for a matrix times a few vectors, the copies may cost
 * more than they save: in TypeScript they do up to 13 x 13.
 */
function isWorthIt(m: number, k: number, n: number): boolean {
  return m * k * n >= 4.5 * (m * k + k * n + m * n);
}

/**
 * Has `mmul` of every matrix and view of ml-matrix multiply large ones by the kernels, in float64: the same results but for
 * rounding. Importing `lockstep/ml-matrix` has done so; this is for who has called {@link restore} since.
 */
export function accelerate(): void {
  AbstractMatrix.prototype.mmul = mmul;
}

/** Gives ml-matrix its own `mmul` back. */
export function restore(): void {
  AbstractMatrix.prototype.mmul = original;
}

accelerate();
