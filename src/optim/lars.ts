import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean, checkGreater, checkNumber } from '../core/validate.js';
import type { AtStep, ParamGroup, Resolved } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import { Pass } from './pass.js';

/** See {@link LARS}. The default rate is 0.001. */
export interface LARSOptions extends DecayOptions {
  /** The share of the velocity that is kept from step to step, at least 0. Default 0.9. */
  readonly momentum?: AtStep<number>;
  /** How far a step goes, as a share of the norm of the weights, where `lr` is 1; above 0. Default 0.001. */
  readonly trustCoefficient?: number;
  /** Keeps the division finite. Default 1e-8. */
  readonly eps?: number;
  /** Whether parameters of at most one dimension, such as biases, take SGD's step, without decay. Default true. */
  readonly excludeVectors?: boolean;
}

/** Of a parameter, at its last step. */
interface Trust {
  /** Its own rate as a share of `lr`. */
  ratio: number;
  decay: number;
}

function define(): RuleDefinition<LARSOptions, Trust> {
  const norms = new Pass();
  return {
    name: 'LARS',
    defaults: {
      lr: 1e-3,
      momentum: 0.9,
      trustCoefficient: 1e-3,
      eps: 1e-8,
      weightDecay: 0,
      excludeVectors: true,
      decoupledWeightDecay: false,
      maximize: false,
    },
    check({ momentum, trustCoefficient, eps, excludeVectors }) {
      checkAtLeast('momentum', momentum, 0);
      checkGreater('trustCoefficient', trustCoefficient, 0);
      checkAtLeast('eps', eps, 0);
      checkBoolean('excludeVectors', excludeVectors);
    },
    memory: {
      name: 'trust',
      scope: () => 'param',
      initial: () => ({ ratio: 1, decay: 0 }),
      read(name, { ratio, decay }) {
        checkNumber(`${name}.ratio`, ratio);
        checkNumber(`${name}.decay`, decay);
        return { ratio, decay };
      },
    },
    before(parameters) {
      for (const { value, grad } of parameters) norms.add('squares', {}, [value, grad]);
      norms.run();
      const lengths = norms.norms();
      parameters.forEach(({ memory, options, shape }, i) => {
        const isExcluded = options.excludeVectors && shape.length <= 1;
        memory.decay = isExcluded ? 0 : options.weightDecay;
        memory.ratio = isExcluded ? 1 : ratioOf(options, lengths[2 * i], lengths[2 * i + 1]);
      });
    },
    rule: () => 'momentum',
    // The rate is part of the velocity.
    scalars: ({ momentum, maximize, decoupledWeightDecay }, lr, _, { ratio, decay }) => ({
      lr: 1,
      keep: momentum,
      add: lr * ratio,
      nesterov: 0,
      ...decayScalars({ weightDecay: decay, decoupledWeightDecay }, lr),
      maximize: Number(maximize),
    }),
  };
}

function ratioOf(
  { trustCoefficient, weightDecay, decoupledWeightDecay, eps }: Resolved<LARSOptions>,
  weight: number,
  gradient: number,
): number {
  if (weight === 0 || gradient === 0) return 1;
  const decay = decoupledWeightDecay ? 0 : weightDecay;
  return (trustCoefficient * weight) / (gradient + decay * weight + eps);
}

/**
 * LARS (You, Gitman & Ginsburg 2017, https://arxiv.org/abs/1708.03888): SGD with momentum for large batches, whose step is as long
 * for each parameter as its weights are.
 *
 * With g the gradient and p the parameter: trust = trustCoefficient |p| / (|g| + weightDecay |p| + eps), the norms over the whole
 * parameter, in double, and 1 where one of them is 0; v = momentum v + lr trust (g + weightDecay p); p = p - v. The
 * rate is inside of the velocity, as in the paper, and not outside as in {@link SGD}: the two differ while the rate changes.
 *
 * 4 bytes of state a float32 weight.
 */
export class LARS extends Optimizer<LARSOptions, Trust> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<LARSOptions>>, options: LARSOptions = {}) {
    super(define(), params, options);
  }
}
