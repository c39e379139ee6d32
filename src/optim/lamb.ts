import type { Parameter } from '../array/parameter.js';
import { copy } from '../backend/stream.js';
import { checkAtLeast, checkBoolean } from '../core/validate.js';
import { checkBetas } from './adam.js';
import type { AtStep, CommonOptions, ParamGroup, Resolved } from './common-options.js';
import type { UpdateDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import { Pass, Scratch } from './pass.js';

/** See {@link LAMB}. The default rate is 0.001. */
export interface LAMBOptions extends CommonOptions {
  /** The shares of the moments that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Keeps the division finite; added outside of the root. Default 1e-6. */
  readonly eps?: number;
  /** Whether the moments are corrected for having begun at 0. Default true. */
  readonly biasCorrection?: boolean;
  /** Whether parameters of at most one dimension, such as biases, take Adam's step, without decay. Default false. */
  readonly excludeVectors?: boolean;
}

function define(): UpdateDefinition<LAMBOptions> {
  const [directions, norms, steps] = [new Pass(), new Pass(), new Pass()];
  const scratch = new Scratch();
  return {
    name: 'LAMB',
    defaults: {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-6,
      weightDecay: 0,
      biasCorrection: true,
      excludeVectors: false,
      maximize: false,
    },
    check({ betas, eps, biasCorrection, excludeVectors }) {
      checkBetas(betas);
      checkAtLeast('eps', eps, 0);
      checkBoolean('biasCorrection', biasCorrection);
      checkBoolean('excludeVectors', excludeVectors);
    },
    states: ['m', 'v'],
    update(parameters) {
      for (const parameter of parameters) {
        const { value, grad, states, options, shape, step } = parameter;
        const direction = scratch.of(parameter, value);
        const decay = isExcluded(options, shape) ? 0 : options.weightDecay;
        copy(value, direction);
        directions.add('adam', scalarsOf(options, decay, step), [direction, grad, states.m, states.v]);
        norms.add('squares', {}, [value, direction]);
      }
      directions.run();
      norms.run();
      const lengths = norms.norms();
      parameters.forEach((parameter, i) => {
        const { value, options, shape, lr } = parameter;
        const [weight, direction] = [lengths[2 * i], lengths[2 * i + 1]];
        const isFixed = isExcluded(options, shape) || weight === 0 || direction === 0;
        const rate = isFixed ? lr : (lr * weight) / direction;
        steps.add('sgd', { lr: rate, weightDecay: 0, maximize: 0 }, [value, scratch.of(parameter, value)]);
      });
      steps.run();
    },
  };
}

/** Of a step that climbs, from the value on: what it ends at is weightDecay times that plus Adam's direction. */
function scalarsOf(
  { betas: [beta1, beta2], eps, biasCorrection, maximize }: Resolved<LAMBOptions>,
  decay: number,
  step: number,
) {
  const correction = biasCorrection ? Math.sqrt(1 - beta2 ** step) : 1;
  return {
    stepSize: -correction / (biasCorrection ? 1 - beta1 ** step : 1),
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    eps: eps * correction,
    weightDecay: 0,
    shrink: decay,
    maximize: Number(maximize),
  };
}

function isExcluded({ excludeVectors }: Resolved<LAMBOptions>, shape: readonly number[]): boolean {
  return excludeVectors && shape.length <= 1;
}

/**
 * LAMB (You et al. 2020, https://arxiv.org/abs/1904.00962, algorithm 2): Adam for large batches, whose step is as long for each
 * parameter as its weights are.
 *
 * With g the gradient: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; r = mhat / (sqrt(vhat) + eps) + weightDecay p,
 * the moments corrected as Adam's; p = p - lr |p| / |r| r, the norms over the whole parameter, in double, and their ratio 1
 * where one of them is 0. Norms are not bounded.
 *
 * 8 bytes of state a float32 weight, and 4 that are used again at every step.
 */
export class LAMB extends Optimizer<LAMBOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<LAMBOptions>>, options: LAMBOptions = {}) {
    super(define(), params, options);
  }
}
