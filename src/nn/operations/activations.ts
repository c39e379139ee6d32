import { UNARY, type UnaryName } from '../../backend/contract/kernels.js';
import { kernels } from '../../backend/select.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { Storage } from '../engine/storage.js';

export { UNARY as activations, type UnaryName as ActivationName };

const NONE: readonly Variable[] = [];

export function activate(name: UnaryName, x: Variable): Variable {
  const { forward, backward, reads } = UNARY[name];
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
