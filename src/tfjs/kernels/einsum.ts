import type { EinsumAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { einsumOperations } from '../../array/einsum.js';
import { kernels } from '../../backend/select.js';
import { einsumOf } from '../../core/einsum.js';
import { tf } from '../peers.js';
import { cpuKernel, define, floats, type Kernel } from './define.js';

export const einsum: readonly Kernel[] = [
  define<TensorInfo[], EinsumAttrs>('Einsum', floats, (backend, inputs, { equation }) => {
    const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, inputs.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, inputs as never);
    // TensorFlow.js refuses it for inputs alone.
    const named = equation.slice(equation.indexOf('->') + 2).replaceAll(' ', '');
    tf.util.assert(
      new Set(named).size === named.length,
      () => `einsum: the result of '${equation}' has a dimension twice`,
    );
    if (inputs.some(({ shape }) => shape.includes(0)))
      return cpuKernel('Einsum')({ inputs, backend, attrs: { equation } } as never);
    const operands = inputs.map((x) => ({ array: backend.valuesOf('float32', x), shape: x.shape, x }));
    const results: TensorInfo[] = [];
    const take = (length: number) => {
      const result = backend.create([length], 'float32');
      results.push(result);
      return result.values;
    };
    try {
      const { array, shape } = einsumOf(einsumOperations(kernels(), take), equation, operands);
      const own = [...operands.map(({ x }) => x), ...results].find(
        (one) => backend.valuesOf('float32', one) === array,
      );
      if (own === undefined) throw new Error('the result of einsum is none of its arrays');
      // All results are disposed of: this is one reference more.
      return backend.share(own, [...shape]);
    } finally {
      for (const result of results) backend.disposeIntermediateTensorInfo(result);
    }
  }),
];
