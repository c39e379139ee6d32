import { REDUCTION_CHUNK } from './reduction-order.js';
import type { Operand } from './storage.js';

/** An update rule as both sides know it: one pass over the operands of a tensor. */
export interface RuleSignature {
  /** The scalars of a step, in the order in which `update` and the C++ fields take them. */
  readonly scalars: readonly string[];
  /** Arrays per tensor: the parameter, its gradient, its states. */
  readonly operands: readonly string[];
  /** Those of the states that are means of squares, which are packed in another way. Default: none. */
  readonly squares?: readonly string[];
  /** Dot products gathered per reduction chunk. */
  readonly dots: number;
}

const RMSPROP = [
  'lr',
  'alpha',
  'rest',
  'eps',
  'epsInside',
  'momentum',
  'add',
  'weightDecay',
  'shrink',
  'maximize',
] as const;
const ADAM = ['stepSize', 'rest1', 'beta2', 'rest2', 'eps', 'weightDecay', 'shrink', 'maximize'] as const;
const ADABELIEF = [
  'stepSize',
  'rest1',
  'beta2',
  'rest2',
  'eps',
  'epsInside',
  'weightDecay',
  'shrink',
  'maximize',
  'adaptive',
] as const;
const SCHEDULE_FREE = ['lr', 'share', 'pull', 'first', 'weightDecay', 'maximize'] as const;

/**
 * Every rule: one for each RULE of native/kernels.def. The scalars that make TensorFlow.js's steps of them are in
 * test/optim/tensorflow.test.ts.
 */
// biome-ignore format: a rule a line, or a few
export const RULES = {
  sgd: { scalars: ['lr', 'weightDecay', 'maximize'], operands: ['p', 'g'], dots: 0 },
  momentum: {
    scalars: ['lr', 'keep', 'add', 'nesterov', 'weightDecay', 'shrink', 'maximize'], operands: ['p', 'g', 'v'], dots: 0,
  },
  adagrad: { scalars: ['lr', 'eps', 'epsInside', 'weightDecay', 'shrink', 'maximize'], operands: ['p', 'g', 'sum'], dots: 0 },
  adadelta: {
    scalars: ['lr', 'rho', 'rest', 'eps', 'lagged', 'weightDecay', 'shrink', 'maximize'],
    operands: ['p', 'g', 'v', 'u'], dots: 0,
  },
  rmsprop: { scalars: RMSPROP, operands: ['p', 'g', 'v'], dots: 0 },
  rmspropMomentum: { scalars: RMSPROP, operands: ['p', 'g', 'v', 'buffer'], dots: 0 },
  rmspropCentered: { scalars: RMSPROP, operands: ['p', 'g', 'v', 'mean'], dots: 0 },
  rmspropCenteredMomentum: { scalars: RMSPROP, operands: ['p', 'g', 'v', 'mean', 'buffer'], dots: 0 },
  adam: { scalars: ADAM, operands: ['p', 'g', 'm', 'v'], squares: ['v'], dots: 0 },
  amsgrad: {
    scalars: ADAM, operands: ['p', 'g', 'm', 'v', 'largest'], squares: ['v', 'largest'], dots: 0,
  },
  adamax: {
    scalars: ['stepSize', 'rest1', 'beta2', 'eps', 'epsInside', 'weightDecay', 'shrink', 'maximize'],
    operands: ['p', 'g', 'm', 'u'], dots: 0,
  },
  nadam: {
    scalars: [
      'gradientStep', 'momentStep', 'rest1', 'beta2', 'rest2', 'eps', 'weightDecay', 'shrink',
      'maximize',
    ],
    operands: ['p', 'g', 'm', 'v'], dots: 0,
  },
  radam: { scalars: [...ADAM, 'adaptive'], operands: ['p', 'g', 'm', 'v'], dots: 0 },
  lion: {
    scalars: ['lr', 'beta1', 'rest1', 'beta2', 'rest2', 'weightDecay', 'shrink', 'maximize'],
    operands: ['p', 'g', 'm'], dots: 0,
  },
  adabelief: { scalars: ADABELIEF, operands: ['p', 'g', 'm', 's'], dots: 0 },
  adabeliefAmsgrad: { scalars: ADABELIEF, operands: ['p', 'g', 'm', 's', 'largest'], dots: 0 },
  adopt: {
    scalars: ['lr', 'rest1', 'beta2', 'rest2', 'eps', 'clip', 'weightDecay', 'shrink', 'maximize'],
    operands: ['p', 'g', 'm', 'v'], dots: 0,
  },
  adan: {
    scalars: [
      'momentStep', 'differenceStep', 'beta1', 'rest1', 'beta2', 'rest2', 'beta3', 'rest3', 'eps',
      'hasPrevious', 'shrink', 'divisor', 'maximize',
    ],
    operands: ['p', 'g', 'm', 'n', 'v', 'previous'], dots: 0,
  },
  ademamix: {
    scalars: ['fastStep', 'slowStep', 'rest1', 'beta2', 'rest2', 'rest3', 'eps', 'shrink', 'maximize'],
    operands: ['p', 'g', 'fast', 'v', 'slow'], dots: 0,
  },
  asgd: { scalars: ['rate', 'shrink', 'share', 'weightDecay', 'maximize'], operands: ['p', 'g', 'average'], dots: 0 },
  rprop: {
    scalars: ['fall', 'grow', 'least', 'most', 'weightDecay', 'shrink', 'maximize'],
    operands: ['p', 'g', 'previous', 'stepSize'], dots: 0,
  },
  scheduleFreeSgd: { scalars: SCHEDULE_FREE, operands: ['p', 'g', 'z'], dots: 0 },
  scheduleFreeAdam: {
    scalars: [...SCHEDULE_FREE, 'beta2', 'rest2', 'correction', 'eps'], operands: ['p', 'g', 'z', 'v'], dots: 0,
  },
  prodigy: {
    scalars: [
      'rate', 'beta1', 'moment', 'beta2', 'square', 'beta3', 'weight', 'share', 'eps', 'first', 'weightDecay',
      'shrink', 'maximize',
    ],
    operands: ['p', 'g', 'm', 'v', 's', 'start'], dots: 2,
  },
  sophia: {
    scalars: ['lr', 'rest1', 'scale', 'eps', 'weightDecay', 'shrink', 'maximize'],
    operands: ['p', 'g', 'm', 'h'], dots: 0,
  },
  swats: {
    scalars: ['stepSize', 'beta1', 'rest1', 'beta2', 'rest2', 'eps', 'weightDecay', 'shrink', 'maximize'],
    operands: ['w', 'g', 'm', 'a'], dots: 2,
  },
  squares: { scalars: [], operands: ['g'], dots: 1 },
  dot: { scalars: [], operands: ['x', 'y'], dots: 1 },
  scale: { scalars: ['factor'], operands: ['g'], dots: 0 },
  interpolate: { scalars: ['weight'], operands: ['p', 'z'], dots: 0 },
  squareMean: { scalars: ['beta', 'rest'], operands: ['h', 'g'], dots: 0 },
} as const satisfies Readonly<Record<string, RuleSignature>>;

export type RuleName = keyof typeof RULES;

/** What a step does to the second operand, the gradient, as it reads it: `max(-limit, min(limit, scale g))`, where NaN stays. */
export interface Clip {
  readonly scale: number;
  readonly limit: number;
}

/** To the bit what was there. */
export const NO_CLIP: Clip = { scale: 1, limit: Number.POSITIVE_INFINITY };

/** The scalars behind a rule's own: those of {@link Clip}, in their order. kClipScalars in native/rule.h. */
export const CLIP_SCALARS = 2;

/** The same rule for any number of tensors with the same scalars. */
export interface Batch {
  readonly rule: RuleName;
  /** In the order of the rule's `scalars`, those of a {@link Clip}, and where operands are packed the key of the random words. */
  readonly scalars: Float64Array;
  /** The operands of every tensor one after the other. */
  readonly operands: readonly Operand[];
  /** Receives the rule's dot products for every reduction chunk of every tensor; see {@link dotCount}. */
  readonly dots: Float64Array | null;
}

/**
 * The same step, over the same arrays with what is in them by then, `scalars` among them; if one of their buffers was
 * detached or resized, or another target is in use, nothing from then on.
 * @param isOver that this is the last call, which does nothing
 * @returns whether the step was taken
 */
export type Repeat = (isOver?: boolean) => boolean;

/** How many numbers `dots` holds for tensors of these lengths. */
export function dotCount(rule: RuleName, lengths: Iterable<number>): number {
  let chunks = 0;
  for (const length of lengths) chunks += Math.ceil(length / REDUCTION_CHUNK);
  return chunks * RULES[rule].dots;
}
