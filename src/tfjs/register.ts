import { BACKEND, LockstepBackend } from './backend.js';
import { KERNELS } from './kernels/index.js';
import { tf } from './peers.js';

// More than the wasm backend's 2: who asks for none gets the fastest.
const PRIORITY = 4;

/** Registers the backend and its kernels; those of the cpu backend stand in for what is not here. Once in a process. */
function register(): void {
  // Another copy of this package was here first.
  if (tf.findBackendFactory(BACKEND) != null) return;
  const own = new Map(KERNELS.map(({ name, run }) => [name, run]));
  for (const config of tf.getKernelsForBackend('cpu')) {
    const kernelFunc = own.get(config.kernelName) ?? config.kernelFunc;
    tf.registerKernel({ ...config, backendName: BACKEND, kernelFunc });
  }
  tf.registerBackend(BACKEND, () => new LockstepBackend(), PRIORITY);
}

/**
 * Makes `'lockstep'` the backend of TensorFlow.js. At once: there is nothing to wait for. Importing `lockstep/tfjs` has done
 * so; this is for who has chosen another backend since.
 */
export function useBackend(): void {
  register();
  // The promise is resolved: only a backend that starts asynchronously would leave something to wait for.
  void tf.setBackend(BACKEND);
}
