import { kernels } from '../../backend/select.js';
import { give, record, takeLike, type Variable } from '../autograd.js';
import { Storage } from '../storage.js';

/** The kernels of each activation, and whether its backward pass reads the output or the input. */
const activations = {
  relu: { forward: 'reluForward', backward: 'reluBackward', reads: 'output' },
  tanh: { forward: 'tanhForward', backward: 'tanhBackward', reads: 'output' },
  sigmoid: { forward: 'sigmoidForward', backward: 'sigmoidBackward', reads: 'output' },
  silu: { forward: 'siluForward', backward: 'siluBackward', reads: 'input' },
} as const;

export function activate(name: keyof typeof activations, x: Variable): Variable {
  const { forward, backward, reads } = activations[name];
  const { size } = x;
  const y = takeLike(x);
  kernels()[forward](size, x.array, y);
  return record({
    shape: x.shape,
    storage: Storage.temporary(y),
    inputs: [x],
    backward(gradient) {
      kernels()[backward](size, reads === 'output' ? y : x.array, gradient, gradient);
      give(x, gradient);
    },
  });
}
