import { kernels } from '../../backend/select.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { Storage } from '../engine/storage.js';

/** The kernels of each function of one number, and whether its backward pass reads the output or the input. */
export const activations = {
  relu: { forward: 'reluForward', backward: 'reluBackward', reads: 'output' },
  exp: { forward: 'expForward', backward: 'expBackward', reads: 'output' },
  log: { forward: 'logForward', backward: 'logBackward', reads: 'input' },
  log1p: { forward: 'log1pForward', backward: 'log1pBackward', reads: 'input' },
  expm1: { forward: 'expm1Forward', backward: 'expm1Backward', reads: 'output' },
  tanh: { forward: 'tanhForward', backward: 'tanhBackward', reads: 'output' },
  sigmoid: { forward: 'sigmoidForward', backward: 'sigmoidBackward', reads: 'output' },
  softplus: { forward: 'softplusForward', backward: 'softplusBackward', reads: 'input' },
  erf: { forward: 'erfForward', backward: 'erfBackward', reads: 'input' },
  gelu: { forward: 'geluForward', backward: 'geluBackward', reads: 'input' },
  geluTanh: { forward: 'geluTanhForward', backward: 'geluTanhBackward', reads: 'input' },
  silu: { forward: 'siluForward', backward: 'siluBackward', reads: 'input' },
  sin: { forward: 'sinForward', backward: 'sinBackward', reads: 'input' },
  cos: { forward: 'cosForward', backward: 'cosBackward', reads: 'input' },
  sqrt: { forward: 'sqrtForward', backward: 'sqrtBackward', reads: 'output' },
  rsqrt: { forward: 'rsqrtForward', backward: 'rsqrtBackward', reads: 'output' },
  reciprocal: { forward: 'reciprocalForward', backward: 'reciprocalBackward', reads: 'output' },
  square: { forward: 'squareForward', backward: 'squareBackward', reads: 'input' },
  abs: { forward: 'absForward', backward: 'absBackward', reads: 'input' },
  // Its gradient needs neither: the output is at hand.
  neg: { forward: 'negForward', backward: 'negBackward', reads: 'output' },
} as const;

export type ActivationName = keyof typeof activations;

const NONE: readonly Variable[] = [];

export function activate(name: ActivationName, x: Variable): Variable {
  const { forward, backward, reads } = activations[name];
  const { size } = x;
  const y = takeLike(x);
  kernels()[forward](size, x.array, y);
  return record({
    name,
    shape: x.shape,
    storage: Storage.temporary(y),
    inputs: [x],
    reads: reads === 'input' ? [x] : NONE,
    readsOutput: reads === 'output',
    backward(gradient) {
      kernels()[backward](size, reads === 'output' ? y : x.array, gradient, gradient);
      give(x, gradient);
    },
  });
}
