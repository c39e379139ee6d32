import { registerFileSystem } from './file-system.js';
import { accelerate } from './optimizers/accelerate.js';
import { useBackend } from './register.js';

export { fileSystem } from './file-system.js';
export {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  momentum,
  type OptimizerFactory,
  rmsprop,
  sgd,
  swats,
  type TrainingOptimizer,
  type TrainingOptions,
} from './optimizers/index.js';
export { useBackend } from './register.js';

useBackend();
accelerate();
registerFileSystem();
