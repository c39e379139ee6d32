import type { Parameter } from '../array/parameter.js';
import { checkAtLeast, checkBoolean, checkDecayRate, show } from '../core/validate.js';
import type { AtStep, ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import type { StateDTypeOption } from './stored-states.js';

/** See {@link Adam}. The default rate is 0.001. */
export interface AdamOptions extends DecayOptions, StateDTypeOption {
  /** The shares of the first and of the second moment that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Keeps the division finite; added to the root of the corrected second moment. Default 1e-8. */
  readonly eps?: number;
  /** Divides by the largest second moment so far (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean;
}

/** See {@link SparseAdam}. The default rate is 0.001. */
export interface SparseAdamOptions extends DecayOptions {
  /** The shares of the first and of the second moment that are kept from step to step, in [0, 1). Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Keeps the division finite; added to the root of the uncorrected second moment. Default 1e-8. */
  readonly eps?: number;
}

const COUNTS = { 2: 'two', 3: 'three' } as const;

/** @throws TypeError or RangeError where `betas` are not so many shares that are kept from step to step. */
export function checkBetas(betas: unknown, count: keyof typeof COUNTS = 2): void {
  if (!Array.isArray(betas) || betas.length !== count) {
    throw new TypeError(`betas must be an array of ${COUNTS[count]} numbers, got ${show(betas)}`);
  }
  for (const [i, beta] of betas.entries()) checkDecayRate(`betas[${i}]`, beta);
}

const adam: RuleDefinition<AdamOptions> = {
  name: 'Adam',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    amsgrad: false,
    decoupledWeightDecay: false,
    maximize: false,
    stateDtype: 'float32',
  },
  check(options) {
    const { betas, eps, amsgrad } = options;
    checkBetas(betas);
    checkAtLeast('eps', eps, 0);
    checkBoolean('amsgrad', amsgrad);
  },
  rule: ({ amsgrad }) => (amsgrad ? 'amsgrad' : 'adam'),
  scalars: (options, lr, step) => {
    const {
      betas: [beta1, beta2],
      eps,
      maximize,
    } = options;
    const correction = Math.sqrt(1 - beta2 ** step);
    return {
      stepSize: (lr * correction) / (1 - beta1 ** step),
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      eps: eps * correction,
      ...decayScalars(options, lr),
      maximize: Number(maximize),
    };
  },
};

const adamW: RuleDefinition<AdamOptions> = {
  ...adam,
  name: 'AdamW',
  defaults: { ...adam.defaults, weightDecay: 1e-2, decoupledWeightDecay: true },
};

const sparseAdam: RuleDefinition<SparseAdamOptions> = {
  name: 'SparseAdam',
  defaults: {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check({ betas, eps }) {
    checkBetas(betas);
    checkAtLeast('eps', eps, 0);
  },
  rule: () => 'adam',
  scalars: (options, lr, ...rest) => ({
    ...adam.scalars({ ...options, amsgrad: false, stateDtype: 'float32' }, lr, ...rest),
    eps: options.eps,
  }),
};

/**
 * Adam (Kingma & Ba 2015, https://arxiv.org/abs/1412.6980) and AMSGrad (Reddi et al. 2018,
 * https://arxiv.org/abs/1904.09237).
 *
 * With g the gradient plus `weightDecay` times the parameter p, at step t: m = beta1 m + (1 - beta1) g;
 * v = beta2 v + (1 - beta2) g^2; p = p - (lr c / (1 - beta1^t)) m / (sqrt(v) + eps c), where c = sqrt(1 - beta2^t): the
 * papers' lr / (1 - beta1^t) m / (sqrt(v) / c + eps) with one division. AMSGrad takes the largest v so far, before its
 * correction.
 */
export class Adam extends Optimizer<AdamOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdamOptions>>, options: AdamOptions = {}) {
    super(adam, params, options);
  }
}

/**
 * AdamW (Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101): {@link Adam} whose weight decay, by default
 * 0.01, shrinks the parameter by 1 - lr weightDecay before the step instead of joining the gradient.
 */
export class AdamW extends Optimizer<AdamOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<AdamOptions>>, options: AdamOptions = {}) {
    super(adamW, params, options);
  }
}

/**
 * {@link Adam} for embeddings whose gradients have few rows, as PyTorch's SparseAdam: of a gradient by rows only those rows step,
 * and their moments alone fade. {@link Adam} does the same with such gradients; here eps is added before the correction of the root,
 * as PyTorch does. A dense gradient steps all rows.
 */
export class SparseAdam extends Optimizer<SparseAdamOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<SparseAdamOptions>>, options: SparseAdamOptions = {}) {
    super(sparseAdam, params, options);
  }
}
