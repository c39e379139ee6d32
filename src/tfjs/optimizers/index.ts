import type { serialization } from '@tensorflow/tfjs-core';
import {
  Adadelta,
  type AdadeltaOptions,
  Adagrad,
  type AdagradOptions,
  Adam,
  Adamax,
  type AdamaxOptions,
  type AdamOptions,
  AdamW,
  RMSprop,
  type RMSpropOptions,
  SGD,
  type SGDOptions,
  SWATS,
  type SWATSOptions,
} from '../../optim/index.js';
import type { LearningRate } from '../../schedule/index.js';
import { tf } from '../peers.js';
import { type OptimizerClass, TrainingOptimizer, type TrainingOptions } from './optimizer.js';

export type { TrainingOptimizer, TrainingOptions } from './optimizer.js';

type All<Options> = Options & TrainingOptions;

/** Makes an optimizer of its options, or of a learning rate alone: a number, a schedule, or a function of the step. */
export type OptimizerFactory<Options> = (
  options?: All<Options> | LearningRate,
) => TrainingOptimizer<Options & object>;

function isRate(options: unknown): options is LearningRate {
  if (typeof options === 'object' && options !== null) return 'at' in options;
  return typeof options === 'number' || typeof options === 'function';
}

/** `name` is what models are saved with: another one than that of TensorFlow.js's own, whose state it could not read. */
function factoryOf<Options extends object>(
  name: string,
  type: OptimizerClass<Options>,
  defaults: Partial<Options> = {},
): OptimizerFactory<Options> {
  class Own extends TrainingOptimizer<Options> {
    static className = name;

    constructor(options: All<Options>) {
      super(type, options);
    }

    /** From a saved configuration. What tfjs-layers adds to it is for layers. */
    static override fromConfig<T extends serialization.Serializable>(
      this: void,
      cls: serialization.SerializableConstructor<T>,
      { customObjects: _, ...config }: serialization.ConfigDict,
    ): T {
      return new cls(config);
    }
  }
  tf.serialization.registerClass(Own);
  return (options = {} as All<Options>) => {
    const given = isRate(options) ? { lr: options } : options;
    return new Own({ ...defaults, ...given } as All<Options>);
  };
}

/** Stochastic gradient descent: see `SGD` of lockstep for its options. */
export const sgd = factoryOf<SGDOptions>('LockstepSGD', SGD);
/** {@link sgd} with a momentum, of 0.9 where none is given. */
export const momentum = factoryOf<SGDOptions>('LockstepMomentum', SGD, { momentum: 0.9 });
/** Adagrad: see `Adagrad` of lockstep. */
export const adagrad = factoryOf<AdagradOptions>('LockstepAdagrad', Adagrad);
/** Adadelta: see `Adadelta` of lockstep. */
export const adadelta = factoryOf<AdadeltaOptions>('LockstepAdadelta', Adadelta);
/** RMSprop: see `RMSprop` of lockstep. */
export const rmsprop = factoryOf<RMSpropOptions>('LockstepRMSprop', RMSprop);
/** Adam: see `Adam` of lockstep. */
export const adam = factoryOf<AdamOptions>('LockstepAdam', Adam);
/** Adamax: see `Adamax` of lockstep. */
export const adamax = factoryOf<AdamaxOptions>('LockstepAdamax', Adamax);
/** AdamW: see `AdamW` of lockstep. */
export const adamw = factoryOf<AdamOptions>('LockstepAdamW', AdamW);
/** SWATS, which goes over from Adam to SGD: see `SWATS` of lockstep. */
export const swats = factoryOf<SWATSOptions>('LockstepSWATS', SWATS);
