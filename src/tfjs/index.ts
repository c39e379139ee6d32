import { useBackend } from './register.js';

export {
  adagrad,
  adam,
  adamw,
  momentum,
  type OptimizerFactory,
  rmsprop,
  sgd,
  swats,
  TrainingOptimizer,
  type TrainingOptions,
} from './optimizers/index.js';
export { useBackend } from './register.js';

useBackend();
