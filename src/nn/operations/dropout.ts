import { kernels } from '../../backend/select.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { Storage } from '../engine/storage.js';
import type { Generator } from '../generator.js';

/** 0 with this probability, else x / (1 - probability): one word of the generator for each element. */
export function dropout(x: Variable, probability: number, generator: Generator): Variable {
  const { size } = x;
  const { seed } = generator;
  const offset = generator.skip(size);
  const y = takeLike(x);
  kernels().dropout(size, seed, offset, probability, x.array, y);
  return record({
    name: 'dropout',
    shape: x.shape,
    storage: Storage.temporary(y),
    inputs: [x],
    backward(gradient) {
      // The same elements: their words are drawn again.
      kernels().dropout(size, seed, offset, probability, gradient, gradient);
      give(x, gradient);
    },
  });
}
