import type { Parameter } from '../array/parameter.js';
import { checkGreater, show } from '../core/validate.js';
import type { ParamGroup } from './common-options.js';
import { type DecayOptions, decayScalars } from './decay.js';
import type { RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

/** See {@link Rprop}. The default rate, which is what each step size starts at, is 0.01. */
export interface RpropOptions extends DecayOptions {
  /** What a step size is multiplied by where the gradient changes its sign, in (0, 1), and where it does not, above 1. Default [0.5, 1.2]. */
  readonly etas?: readonly [number, number];
  /** The least and the largest step size. Default [1e-6, 50]. */
  readonly stepSizes?: readonly [number, number];
}

const definition: RuleDefinition<RpropOptions> = {
  name: 'Rprop',
  defaults: {
    lr: 1e-2,
    etas: [0.5, 1.2],
    stepSizes: [1e-6, 50],
    weightDecay: 0,
    decoupledWeightDecay: false,
    maximize: false,
  },
  check({ etas, stepSizes }) {
    checkPair('etas', etas);
    checkPair('stepSizes', stepSizes);
    if (!(etas[0] < 1 && etas[1] > 1)) {
      throw new RangeError(`etas must have a first one below 1 and a second one above, got ${show(etas)}`);
    }
    if (stepSizes[0] > stepSizes[1]) throw new RangeError(`stepSizes must rise, got ${show(stepSizes)}`);
  },
  initial: ({ lr }, state) => (state === 'stepSize' ? lr.at(0) : 0),
  rule: () => 'rprop',
  scalars: ({ etas: [fall, grow], stepSizes: [least, most], maximize, ...decay }, lr) => ({
    ...{ fall, grow, least, most, ...decayScalars(decay, lr), maximize: Number(maximize) },
  }),
};

function checkPair(name: string, pair: unknown): void {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new TypeError(`${name} must be an array of two numbers, got ${show(pair)}`);
  }
  for (const [i, one] of pair.entries()) checkGreater(`${name}[${i}]`, one, 0);
}

/**
 * Rprop (Riedmiller & Braun 1993, https://doi.org/10.1109/ICNN.1993.298623), PyTorch's, for whole batches: every element has a step
 * size of its own, which grows while its gradient keeps its sign, and shrinks where that turns; there the element rests for one step.
 * The learning rate is what step sizes start at; a schedule's later values have no effect but on a decoupled weight decay.
 */
export class Rprop extends Optimizer<RpropOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<RpropOptions>>, options: RpropOptions = {}) {
    super(definition, params, options);
  }
}
