import { createRequire } from 'node:module';
import type * as Cpu from '@tensorflow/tfjs-backend-cpu';
import type * as Core from '@tensorflow/tfjs-core';

// The peers are required, not imported: a missing one can then be told of, and `import` and `require` of them are the same
// files in Node, so there is one copy of each.

const require = createRequire(import.meta.url);

const INSTALL = 'npm install @tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-cpu@4';

function load(name: string, isIt: (module: object) => boolean): unknown {
  let module: unknown;
  try {
    module = require(name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    throw new Error(`lockstep/tfjs needs ${name}, which is not installed here: ${INSTALL}`, { cause: error });
  }
  if (typeof module === 'object' && module !== null && isIt(module)) return module;
  throw new Error(`lockstep/tfjs needs version 4 of ${name}, and found another one: ${INSTALL}`);
}

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
