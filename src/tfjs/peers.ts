import type * as Cpu from '@tensorflow/tfjs-backend-cpu';
import type * as Core from '@tensorflow/tfjs-core';
import { requirePeer } from '../core/peer.js';

// `import` and `require` of the peers are the same files in Node, so there is one copy of each.

const load = (name: string, isIt: (module: object) => boolean) =>
  requirePeer({
    owner: 'lockstep/tfjs',
    name,
    version: 4,
    install: 'npm install @tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-cpu@4',
    isIt,
  });

const isVersion4 = (version: unknown) => typeof version === 'string' && version.startsWith('4.');

/** TensorFlow.js: its engine, and what backends share. */
export const tf = load(
  '@tensorflow/tfjs-core',
  (module) => 'version_core' in module && isVersion4(module.version_core),
) as typeof Core;

/** The backend in plain JavaScript: it runs the operations that have no kernel here. */
export const cpu = load(
  '@tensorflow/tfjs-backend-cpu',
  (module) => 'version_cpu' in module && isVersion4(module.version_cpu),
) as typeof Cpu;

/** @throws Error where TensorFlow.js came without its gradients, which no package but these brings. */
export function checkGradients(): void {
  if (tf.getGradient('Add') != null) return;
  throw new Error(
    'training needs the gradients of TensorFlow.js, which @tensorflow/tfjs-core leaves out: import @tensorflow/tfjs or ' +
      '@tensorflow/tfjs-layers as well (npm install @tensorflow/tfjs-layers@4)',
  );
}
