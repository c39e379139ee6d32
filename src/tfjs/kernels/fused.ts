import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Activation } from '../../backend/contract/activations.js';
import { kernels } from '../../backend/select.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import type { Inputs } from './define.js';
import { applyUnary, broadcast, clamp } from './elementwise.js';

/** What may come after a product or a convolution. */
export interface Epilogue {
  readonly bias?: TensorInfo | null;
  readonly preluActivationWeights?: TensorInfo | null;
}

/** The inputs of a fused operation. */
export type FusedInputs<Name extends string> = Inputs<Name, 'bias' | 'preluActivationWeights'>;

export interface FusedAttrs {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number | null;
}

/** What a kernel does itself at no cost, by what TensorFlow.js calls it. */
const WITHIN: Readonly<Record<string, Activation>> = { linear: 'none', relu: 'relu', sigmoid: 'sigmoid' };

/** How an epilogue is shared out: what the kernel takes, and what is left for {@link finish}. */
export interface Plan {
  readonly bias: Float32Array | null;
  readonly activation: Activation;
  /** A bias that is not one row, to be added afterwards. */
  readonly addend: TensorInfo | null;
  readonly rest: string | null;
}

export function planOf(
  backend: LockstepBackend,
  columns: number,
  { bias = null }: Epilogue,
  { activation }: FusedAttrs,
): Plan {
  const isRow =
    bias !== null && bias.shape.at(-1) === columns && tf.util.sizeFromShape(bias.shape) === columns;
  const addend = bias === null || isRow ? null : bias;
  const name = activation ?? 'linear';
  const within = addend === null ? WITHIN[name] : undefined;
  return {
    bias: isRow ? backend.valuesOf('float32', bias) : null,
    activation: within ?? 'none',
    addend,
    rest: within === undefined ? name : null,
  };
}

/** Does to a result what the kernel has left. */
export function finish(
  backend: LockstepBackend,
  out: Result<'float32'>,
  plan: Plan,
  inputs: Epilogue,
  attrs: FusedAttrs,
): TensorInfo {
  const { values, shape } = out;
  if (plan.addend !== null) {
    const added = backend.valuesOf('float32', plan.addend);
    broadcast(kernels().add, [shape, plan.addend.shape], values, added, values, shape);
  }
  if (plan.rest !== null && plan.rest !== 'linear') activate(backend, values, plan.rest, out, inputs, attrs);
  return out;
}

/** Applies a function to a result, in its place. */
function activate(
  backend: LockstepBackend,
  values: Float32Array,
  name: string,
  { shape }: TensorInfo,
  { preluActivationWeights: weights }: Epilogue,
  { leakyreluAlpha }: FusedAttrs,
): void {
  const n = values.length;
  if (name === 'relu' || name === 'sigmoid' || name === 'elu') applyUnary(name, values, values);
  else if (name === 'relu6') clamp(0, 6, values, values);
  else if (name === 'leakyrelu') kernels().leakyReluForward(n, leakyreluAlpha ?? 0.2, values, values);
  else if (name === 'prelu' && weights != null) {
    const alpha = backend.valuesOf('float32', weights);
    broadcast(kernels().prelu, [shape, weights.shape], values, alpha, values, shape);
  } else throw new Error(`Activation ${name} has not been implemented for the lockstep backend.`);
}
