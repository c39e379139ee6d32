import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Parameter } from '../../array/parameter.js';
import { BACKEND, LockstepBackend } from '../backend.js';
import { tf } from '../peers.js';

/** A tensor as optimizers save it. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Gradients as `applyGradients` takes them: a list, or by the names of the variables. A variable may have none. */
export type Gradients = NamedTensor[] | NamedTensorMap;

/** A variable as optimizers take it. Its arrays are put in for a step. */
export class VariableParameter implements Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  value: Float32Array;
  grad: Float32Array | null = null;

  constructor(name: string, shape: readonly number[], value: Float32Array) {
    this.name = name;
    this.shape = shape;
    this.value = value;
  }
}

/** The backend in use. @throws Error where it is another one. */
export function activeBackend(): LockstepBackend {
  const backend = tf.backend();
  if (backend instanceof LockstepBackend) return backend;
  throw new Error(
    `this optimizer steps in the backend '${BACKEND}', and '${tf.getBackend()}' is in use: call useBackend() of lockstep/tfjs`,
  );
}

/** The variables of a list of gradients, in its order. */
export function variablesOf(gradients: Gradients): { variable: Variable; gradient: Tensor | null }[] {
  const { registeredVariables } = tf.engine();
  const list: { name: string; tensor: Tensor | null | undefined }[] = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  return list.map(({ name, tensor }) => {
    const variable: Variable | undefined = registeredVariables[name];
    if (variable === undefined) throw new Error(`there is no variable ${name}: it may have been disposed of`);
    return { variable, gradient: tensor ?? null };
  });
}

/**
 * The elements of a variable, to be changed in their place. Where something else sees them too, the variable gets a copy
 * first: a tensor that was taken of it before keeps its numbers.
 */
export function ownValues(backend: LockstepBackend, variable: Variable): Float32Array {
  const data = backend.data.get(variable.dataId);
  const values = backend.valuesOf('float32', variable);
  if (data.refCount === 1 && values === data.values && backend.arrays.isOwn(values)) {
    // What was made of the elements holds no longer.
    backend.forgetFilter(data);
    return values;
  }
  const copy = backend.create(variable.shape, 'float32');
  copy.values.set(values);
  tf.tidy(() => variable.assign(tf.engine().makeTensorFromTensorInfo(copy, backend)));
  return copy.values;
}

/** The gradients of a step. To an optimizer each belongs to one variable. */
export class StepGradients {
  readonly #backend: LockstepBackend;
  readonly #taken = new Set<Float32Array>();
  readonly #copies: Float32Array[] = [];

  constructor(backend: LockstepBackend) {
    this.#backend = backend;
  }

  /** The elements of a gradient: a copy where they will be changed, or are also those of another, as for the two sides of a sum. */
  take(gradient: Tensor, willChange: boolean): Float32Array {
    const values = this.#backend.valuesOf('float32', gradient);
    const isShared = this.#taken.has(values) || this.#backend.data.get(gradient.dataId).refCount > 1;
    if (!willChange && !isShared) {
      this.#taken.add(values);
      return values;
    }
    const copy = this.#backend.arrays.take('float32', values.length);
    copy.set(values);
    this.#copies.push(copy);
    return copy;
  }

  /** Gives the copies back. */
  done(): void {
    for (const copy of this.#copies) this.#backend.arrays.release('float32', copy);
  }
}
