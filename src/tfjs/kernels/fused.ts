import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Activation } from '../../backend/contract/activations.js';
import type { LockstepBackend, Result } from '../backend.js';
import { tf } from '../peers.js';
import { cpuKernel, type Inputs } from './define.js';
import { applyBinary, applyUnary, clamp } from './elementwise.js';

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
    applyBinary('add', [shape, plan.addend.shape], values, added, values, shape);
  }
  if (plan.rest === null || plan.rest === 'linear') return out;
  if (plan.rest === 'relu' || plan.rest === 'sigmoid') {
    applyUnary(plan.rest, values, values);
    return out;
  }
  if (plan.rest === 'relu6') {
    clamp(0, 6, values, values);
    return out;
  }
  const result = activated(backend, out, plan.rest, inputs, attrs);
  backend.disposeIntermediateTensorInfo(out);
  return result;
}

function activated(
  backend: LockstepBackend,
  x: TensorInfo,
  name: string,
  { preluActivationWeights }: Epilogue,
  { leakyreluAlpha }: FusedAttrs,
): TensorInfo {
  const run = (kernel: string, inputs: Record<string, TensorInfo>, attrs = {}) => {
    const result = cpuKernel(kernel)({ inputs, backend, attrs });
    return Array.isArray(result) ? result[0] : result;
  };
  if (name === 'elu') return run('Elu', { x });
  if (name === 'leakyrelu') return run('LeakyRelu', { x }, { alpha: leakyreluAlpha ?? 0.2 });
  if (name === 'prelu' && preluActivationWeights != null)
    return run('Prelu', { x, alpha: preluActivationWeights });
  throw new Error(`Activation ${name} has not been implemented for the lockstep backend.`);
}
