import * as tf from '@tensorflow/tfjs-core';
import type { Prepared } from '../peers/serve.js';

/** Times a run without what happens in kernels: what the engine itself takes, whoever computes. */
export interface EngineTime {
  of(prepared: Prepared): Prepared;
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
  return {
    of: (prepared) => ({
      ...prepared,
      async run(steps) {
        inside = 0;
        const { seconds, processor } = await prepared.run(steps);
        return { seconds: seconds - inside / 1000, processor: processor - inside / 1000 };
      },
    }),
  };
}
