import * as tf from '@tensorflow/tfjs-core';
import type { Prepared } from '../peers/serve.js';

/** What a run is made of. */
export interface EngineTime {
  /** What the engine itself takes, whoever computes: the run without what happens in kernels. */
  outside(prepared: Prepared): Prepared;
  /** What happens in kernels, a reading of the clock included. */
  inside(prepared: Prepared): Prepared;
}

/** Puts a clock around every kernel of the backend in use. */
export function engineTime(): EngineTime {
  let inside = 0;
  let depth = 0;
  const backend = tf.getBackend();
  for (const config of tf.getKernelsForBackend(backend)) {
    tf.unregisterKernel(config.kernelName, backend);
    tf.registerKernel({
      ...config,
      kernelFunc(call) {
        if (depth > 0) return config.kernelFunc(call);
        depth++;
        const start = performance.now();
        try {
          return config.kernelFunc(call);
        } finally {
          inside += performance.now() - start;
          depth--;
        }
      },
    });
  }
  /** Of what a run took, given the part of it in kernels. */
  const part = (prepared: Prepared, of: (whole: number, inside: number) => number): Prepared => ({
    ...prepared,
    async run(steps) {
      inside = 0;
      const { seconds, processor } = await prepared.run(steps);
      return { seconds: of(seconds, inside / 1000), processor: of(processor, inside / 1000) };
    },
  });
  return {
    outside: (prepared) => part(prepared, (whole, within) => whole - within),
    inside: (prepared) => part(prepared, (_, within) => within),
  };
}
