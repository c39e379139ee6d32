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
 * A product has fewer roundings in another order than ml-matrix's, so the last bits may differ. What does not fit together is
 * left to ml-matrix, which takes it in its own way.
 */
function mmul(this: Matrices, other: Parameters<typeof original>[0]): MlMatrix.Matrix {
  const right = Matrix.checkMatrix(other);
  const isFitting = right.rows === this.columns;
  if (!isFitting || !isWorthIt(this.rows, this.columns, right.columns)) return original.call(this, right);
  return multiply(Matrix, this, right);
}

/**
 * Whether an element that is copied, in or out, takes part in four multiplications or more on average: square matrices from
 * 12 x 12 on. There the kernels are 1.5 times as fast as ml-matrix with a binary and 1.2 times in TypeScript, at 64 x 64
 * 18 and 3 times. Below it, and for a matrix times a few vectors, the copies may cost more than they save.
 */
function isWorthIt(m: number, k: number, n: number): boolean {
  return m * k * n >= 4 * (m * k + k * n + m * n);
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
