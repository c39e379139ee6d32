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

/** The variables that have a gradient, each with it, in the order of the list. */
export function withGradients(gradients: Gradients): { variable: Variable; gradient: Tensor }[] {
  const { registeredVariables } = tf.engine();
  const list: { name: string; tensor: Tensor | null | undefined }[] = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  return list.flatMap(({ name, tensor }) => {
    if (tensor == null) return [];
    const variable = registeredVariables[name];
    if (variable === undefined) throw new Error(`there is no variable ${name}: it may have been disposed of`);
    return [{ variable, gradient: tensor }];
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

/**
 * The elements of a gradient. A copy, which joins `copies`, where it will be changed, or where it is one tensor with another, as
 * for the two sides of a sum: to an optimizer each gradient belongs to one variable.
 */
export function gradientValues(
  backend: LockstepBackend,
  gradient: Tensor,
  copies: Float32Array[],
  willChange: boolean,
): Float32Array {
  const values = backend.valuesOf('float32', gradient);
  if (!willChange && backend.data.get(gradient.dataId).refCount === 1) return values;
  const copy = backend.arrays.take('float32', values.length);
  copy.set(values);
  copies.push(copy);
  return copy;
}
