import type { Parameter } from '../array/parameter.js';
import type { FloatArray } from '../core/types.js';
import {
  checkAtLeast,
  checkDecayRate,
  checkGreater,
  checkInteger,
  checkNumber,
  checkOneOf,
} from '../core/validate.js';
import { written } from '../core/written.js';
import { checkBetas } from './adam.js';
import type { AtStep, CommonOptions, ParamGroup, Resolved } from './common-options.js';
import type { MemoryDefinition, RuleDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';

interface AveragingOptions extends CommonOptions {
  /** Over how many steps the rate rises from 0. Default 0. */
  readonly warmupSteps?: number;
  /** The power of the step count that it weighs with in the average. Default 0. */
  readonly r?: number;
  /** The power of the largest rate so far that it weighs with in the average. Default 2. */
  readonly weightLrPower?: number;
}

/** See {@link ScheduleFreeSGD}. The default rate is 1. */
export interface ScheduleFreeSGDOptions extends AveragingOptions {
  /** Where gradients are taken: 0 at the sequence of steps, 1 at the average; in (0, 1). Default 0.9. */
  readonly momentum?: AtStep<number>;
}

/** See {@link ScheduleFreeAdamW}. The default rate is 0.0025. */
export interface ScheduleFreeAdamWOptions extends AveragingOptions {
  /** Where gradients are taken, as {@link ScheduleFreeSGDOptions.momentum}; and the share of the second moment that is kept. Default [0.9, 0.999]. */
  readonly betas?: AtStep<readonly [number, number]>;
  /** Keeps the division finite; added to the root of the corrected second moment. Default 1e-8. */
  readonly eps?: number;
}

/** Of a group. */
interface Averaging {
  /** Whether the parameters are where gradients are taken, or the average. */
  mode: 'train' | 'eval';
  /** Steps of the group. */
  step: number;
  /** The optimizer's step that was the last of them. */
  last: number;
  lrMax: number;
  weightSum: number;
  /** The two before that step, for one that could not be taken is tried again. */
  lrMaxBefore: number;
  weightSumBefore: number;
  /** What the last step weighs in the average. */
  share: number;
}

function averaging<Options>(): MemoryDefinition<Options, Averaging> {
  return {
    name: 'averaging',
    scope: () => 'group',
    initial: () => ({
      ...{ mode: 'train', step: 0, last: 0, share: 0 },
      ...{ lrMax: 0, weightSum: 0, lrMaxBefore: 0, weightSumBefore: 0 },
    }),
    read(name, { mode, step, last, share, ...numbers }) {
      checkOneOf(`${name}.mode`, mode, ['train', 'eval']);
      checkInteger(`${name}.step`, step, 0);
      checkInteger(`${name}.last`, last, 0);
      checkNumber(`${name}.share`, share);
      const { lrMax, weightSum, lrMaxBefore, weightSumBefore } = numbers;
      checkAtLeast(`${name}.lrMax`, lrMax, 0);
      checkAtLeast(`${name}.weightSum`, weightSum, 0);
      checkAtLeast(`${name}.lrMaxBefore`, lrMaxBefore, 0);
      checkAtLeast(`${name}.weightSumBefore`, weightSumBefore, 0);
      return { mode, step, last, share, lrMax, weightSum, lrMaxBefore, weightSumBefore };
    },
  };
}

function checkAveraging({
  warmupSteps,
  r,
  weightLrPower,
}: Required<Omit<AveragingOptions, keyof CommonOptions>>): void {
  checkInteger('warmupSteps', warmupSteps, 0);
  checkAtLeast('r', r, 0);
  checkAtLeast('weightLrPower', weightLrPower, 0);
}

const defaults = { warmupSteps: 0, r: 0, weightLrPower: 2, weightDecay: 0, maximize: false };

/** The scalars that both rules have. The first call for a step takes it into the average. */
function averageScalars(
  name: string,
  options: Resolved<AveragingOptions>,
  beta: number,
  rate: number,
  step: number,
  memory: Averaging,
  steps: number,
) {
  const { warmupSteps, r, weightLrPower, weightDecay, maximize } = options;
  if (memory.mode === 'eval') {
    throw new Error(`${name}: call train() before step(): eval() has put the average into the parameters`);
  }
  if (steps !== memory.last) {
    const { lrMax, weightSum } = memory;
    Object.assign(memory, { last: steps, lrMaxBefore: lrMax, weightSumBefore: weightSum });
    memory.step++;
  }
  const lr = rate * (memory.step < warmupSteps ? memory.step / warmupSteps : 1);
  memory.lrMax = Math.max(lr, memory.lrMaxBefore);
  const weight = memory.step ** r * memory.lrMax ** weightLrPower;
  memory.weightSum = memory.weightSumBefore + weight;
  memory.share = memory.weightSum === 0 ? 0 : weight / memory.weightSum;
  const { share } = memory;
  return {
    ...{ lr, share, pull: lr * (1 - beta * (1 - share)), first: Number(step === 1) },
    ...{ weightDecay, maximize: Number(maximize) },
  };
}

const sgd: RuleDefinition<ScheduleFreeSGDOptions, Averaging> = {
  name: 'ScheduleFreeSGD',
  defaults: { lr: 1, momentum: 0.9, ...defaults },
  check(options) {
    checkGreater('momentum', options.momentum, 0);
    checkDecayRate('momentum', options.momentum);
    checkAveraging(options);
  },
  memory: averaging(),
  rule: () => 'scheduleFreeSgd',
  scalars: (options, rate, step, memory, steps) =>
    averageScalars('ScheduleFreeSGD', options, options.momentum, rate, step, memory, steps),
};

const adamW: RuleDefinition<ScheduleFreeAdamWOptions, Averaging> = {
  name: 'ScheduleFreeAdamW',
  defaults: { lr: 2.5e-3, betas: [0.9, 0.999], eps: 1e-8, ...defaults },
  check(options) {
    checkBetas(options.betas);
    checkGreater('betas[0]', options.betas[0], 0);
    checkAtLeast('eps', options.eps, 0);
    checkAveraging(options);
  },
  memory: averaging(),
  rule: () => 'scheduleFreeAdam',
  scalars: (options, rate, step, memory, steps) => {
    const {
      betas: [beta1, beta2],
      eps,
    } = options;
    const common = averageScalars('ScheduleFreeAdamW', options, beta1, rate, step, memory, steps);
    const correction = Math.sqrt(1 - beta2 ** memory.step);
    return {
      ...common,
      ...{ beta2, rest2: 1 - beta2, correction, eps: eps * correction },
    };
  },
};

/** What both have: the parameters are one of two points. */
abstract class ScheduleFree<Options extends AveragingOptions> extends Optimizer<Options, Averaging> {
  /** The weights that learn, while `fit` has the average in their place. */
  #kept: readonly FloatArray[] = [];

  protected abstract betaOf(options: Resolved<Options>): number;

  /** Puts the average into the parameters, for evaluation and for what is saved. Does nothing where it is there. */
  eval(): void {
    this.#turn('eval', (beta) => 1 - 1 / beta);
  }

  /** Puts the point where gradients are taken back into the parameters, for the steps to come. */
  train(): void {
    this.#turn('train', (beta) => 1 - beta);
  }

  /** What `fit` judges with: the average. The weights that learn come back bit by bit. */
  get evaluationWeights(): { readonly applied: boolean; apply(): void; restore(): void } {
    const modeOf = () => this.memories[0].mode;
    return {
      get applied() {
        return modeOf() === 'eval';
      },
      apply: () => {
        this.#kept = this.parameters().map(({ value }) => value.slice());
        this.eval();
      },
      restore: () => {
        for (const [i, parameter] of this.parameters().entries()) {
          const kept = this.#kept[i];
          if (kept === undefined) continue;
          parameter.value.set(kept);
          parameter[written]?.();
        }
        this.#kept = [];
        for (const memory of this.memories) memory.mode = 'train';
      },
    };
  }

  #turn(mode: Averaging['mode'], weightOf: (beta: number) => number): void {
    this.runRule('interpolate', ['value', 'z'], (options, memory) =>
      memory.mode === mode ? null : { weight: weightOf(this.betaOf(options)) },
    );
    for (const memory of this.memories) memory.mode = mode;
  }
}

/**
 * Schedule-free SGD (Defazio et al. 2024, https://arxiv.org/abs/2405.15682; the authors' code): no schedule that has to know the end.
 * Steps z = z - lr g are averaged with weights c, and gradients g are taken between z and the average x: at y = (1 - beta) z + beta x,
 * which is what the parameters hold until {@link eval} puts x there. Running statistics of batch normalisation are of y: they have to
 * be found again for x.
 */
export class ScheduleFreeSGD extends ScheduleFree<ScheduleFreeSGDOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(
    params: Iterable<Parameter | ParamGroup<ScheduleFreeSGDOptions>>,
    options: ScheduleFreeSGDOptions = {},
  ) {
    super(sgd, params, options);
  }

  protected override betaOf({ momentum }: Resolved<ScheduleFreeSGDOptions>): number {
    return momentum;
  }
}

/**
 * Schedule-free AdamW: {@link ScheduleFreeSGD} with g / (sqrt(v / (1 - beta2^t)) + eps) + weightDecay y in the place of g, as the authors'
 * code has it. A step weighs with the square of the largest rate so far, so that a warm-up counts little.
 */
export class ScheduleFreeAdamW extends ScheduleFree<ScheduleFreeAdamWOptions> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(
    params: Iterable<Parameter | ParamGroup<ScheduleFreeAdamWOptions>>,
    options: ScheduleFreeAdamWOptions = {},
  ) {
    super(adamW, params, options);
  }

  protected override betaOf({ betas: [beta1] }: Resolved<ScheduleFreeAdamWOptions>): number {
    return beta1;
  }
}
