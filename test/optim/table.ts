import {
  ADOPT,
  AdaBelief,
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Adan,
  AdEMAMix,
  ASGD,
  type FloatArray,
  Lion,
  NAdam,
  type Optimizer,
  type Parameter,
  Prodigy,
  RAdam,
  RMSprop,
  Rprop,
  ScheduleFreeAdamW,
  ScheduleFreeSGD,
  SGD,
  SophiaG,
  SparseAdam,
  SWATS,
} from '../../src/index.js';
import { composedRows } from './composed-rows.js';

/** One row per optimizer; every test runs over every row, its options and every target. */
export interface Row {
  readonly name: string;
  create(params: Iterable<Parameter>, options?: object): Optimizer;
  /** One entry for each path through the rule. */
  readonly options: readonly object[];
  /** Options it refuses, and what the error says. */
  readonly refused: readonly (readonly [object, RegExp])[];
  /** A rate with which it gets to the bottom of a bowl in 2,000 steps. */
  readonly rate: number;
}

const common = [{}, { weightDecay: 0.1 }, { maximize: true, weightDecay: 0.1 }];
const decoupled = { weightDecay: 0.1, decoupledWeightDecay: true };

export const table: readonly Row[] = [
  {
    name: 'SGD',
    create: (params, options) => new SGD(params, options),
    options: [
      ...common,
      { momentum: 0.9 },
      { momentum: 0.9, dampening: 0.3, ...decoupled },
      { momentum: 0.9, nesterov: true, weightDecay: 0.01 },
      { momentum: 0.5, maximize: true },
    ],
    refused: [
      [{ momentum: -0.1 }, /momentum must be .* at least 0, got -0.1/],
      [{ momentum: Infinity }, /momentum must be a finite number/],
      [{ dampening: NaN }, /dampening must be finite, got NaN/],
      [{ nesterov: true }, /nesterov needs a momentum above 0 and a dampening of 0, got 0 and 0/],
      [{ nesterov: true, momentum: 0.9, dampening: 0.1 }, /nesterov needs .* got 0.9 and 0.1/],
    ],
    rate: 0.05,
  },
  {
    name: 'Adagrad',
    create: (params, options) => new Adagrad(params, options),
    options: [...common, { lrDecay: 0.1, initialAccumulatorValue: 0.5, ...decoupled }],
    refused: [
      [{ lrDecay: -1 }, /lrDecay must be .* at least 0, got -1/],
      [{ initialAccumulatorValue: -1 }, /initialAccumulatorValue must be .* at least 0, got -1/],
      [{ eps: -1e-10 }, /eps must be .* at least 0/],
    ],
    rate: 0.5,
  },
  {
    name: 'Adadelta',
    create: (params, options) => new Adadelta(params, options),
    options: [...common, { rho: 0.3, eps: 1e-3, ...decoupled }],
    refused: [
      [{ rho: 1 }, /rho must be in \[0, 1\), got 1/],
      [{ rho: -0.1 }, /rho must be in \[0, 1\), got -0.1/],
      [{ eps: -1e-6 }, /eps must be .* at least 0/],
      [{ weightDecay: -1 }, /weightDecay must be .* at least 0, got -1/],
    ],
    rate: 1,
  },
  {
    name: 'RMSprop',
    create: (params, options) => new RMSprop(params, options),
    options: [
      ...common,
      { momentum: 0.9, ...decoupled },
      { centered: true, ...decoupled },
      { centered: true, momentum: 0.9, maximize: true, ...decoupled },
      { centered: true, alpha: 0.3, eps: 1e-3, weightDecay: 0.1 },
    ],
    refused: [
      [{ alpha: 1 }, /alpha must be in \[0, 1\), got 1/],
      [{ eps: '0' }, /eps must be a number, got "0"/],
      [{ momentum: -1 }, /momentum must be .* at least 0, got -1/],
      [{ centered: 0 }, /centered must be a boolean, got 0/],
    ],
    rate: 0.003,
  },
  {
    name: 'Adam',
    create: (params, options) => new Adam(params, options),
    options: [...common, { amsgrad: true, weightDecay: 0.1 }, { betas: [0.3, 0.5], amsgrad: true }],
    refused: [
      [{ betas: [0.9, 1] }, /betas\[1\] must be in \[0, 1\), got 1/],
      [{ betas: [-0.1, 0.9] }, /betas\[0\] must be in \[0, 1\), got -0.1/],
      [{ betas: 0.9 }, /betas must be an array of two numbers, got 0.9/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ amsgrad: 'yes' }, /amsgrad must be a boolean, got "yes"/],
    ],
    rate: 0.01,
  },
  {
    name: 'AdamW',
    create: (params, options) => new AdamW(params, options),
    options: [...common, { weightDecay: 0 }, { amsgrad: true, weightDecay: 0.5 }],
    refused: [
      [{ betas: [0.9, 1] }, /betas\[1\] must be in \[0, 1\), got 1/],
      [{ betas: [-0.1, 0.9] }, /betas\[0\] must be in \[0, 1\), got -0.1/],
      [{ betas: 0.9 }, /betas must be an array of two numbers, got 0.9/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ weightDecay: NaN }, /weightDecay must be a finite number/],
    ],
    rate: 0.01,
  },
  {
    name: 'Adamax',
    create: (params, options) => new Adamax(params, options),
    // Where beta1 is below a half, the first moment is reached from its other end.
    options: [...common, { betas: [0.3, 0.5], eps: 1e-3, ...decoupled }],
    refused: [
      [{ betas: [0.9, 1] }, /betas\[1\] must be in \[0, 1\), got 1/],
      [{ betas: [-0.1, 0.9] }, /betas\[0\] must be in \[0, 1\), got -0.1/],
      [{ betas: 0.9 }, /betas must be an array of two numbers, got 0.9/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
    ],
    rate: 0.01,
  },
  {
    name: 'SparseAdam',
    create: (params, options) => new SparseAdam(params, options),
    options: [...common, decoupled],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
    ],
    rate: 0.05,
  },
  {
    name: 'NAdam',
    create: (params, options) => new NAdam(params, options),
    options: [
      ...common,
      { weightDecay: 0.1, decoupledWeightDecay: true },
      { betas: [0.3, 0.9], momentumDecay: 0.1 },
    ],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ decoupledWeightDecay: 1 }, /decoupledWeightDecay must be a boolean, got 1/],
      [{ momentumDecay: -1 }, /momentumDecay must be .* at least 0/],
    ],
    rate: 0.05,
  },
  {
    name: 'RAdam',
    create: (params, options) => new RAdam(params, options),
    options: [...common, { weightDecay: 0.1, decoupledWeightDecay: true }, { betas: [0.3, 0.6] }],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ decoupledWeightDecay: 1 }, /decoupledWeightDecay must be a boolean, got 1/],
    ],
    rate: 0.05,
  },
  {
    name: 'Lion',
    create: (params, options) => new Lion(params, options),
    options: [...common, { weightDecay: 0.1, decoupledWeightDecay: false }],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ decoupledWeightDecay: 1 }, /decoupledWeightDecay must be a boolean, got 1/],
    ],
    rate: 0.01,
  },
  {
    name: 'AdaBelief',
    create: (params, options) => new AdaBelief(params, options),
    options: [
      ...common,
      { weightDecay: 0.1, decoupledWeightDecay: false },
      { amsgrad: true, weightDecay: 0.1, fixedDecay: true },
      { rectify: true, eps: 1e-3 },
      { betas: [0.3, 0.5], amsgrad: true },
      { betas: [0.9, 0.7], rectify: true, amsgrad: true, maximize: true },
    ],
    refused: [
      [{ amsgrad: 1 }, /amsgrad must be a boolean, got 1/],
      [{ fixedDecay: 'no' }, /fixedDecay must be a boolean, got "no"/],
      [{ rectify: null }, /rectify must be a boolean, got null/],
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ decoupledWeightDecay: 1 }, /decoupledWeightDecay must be a boolean, got 1/],
    ],
    rate: 0.05,
  },
  {
    name: 'ADOPT',
    create: (params, options) => new ADOPT(params, options),
    options: [...common, { weightDecay: 0.1, decoupledWeightDecay: true }, { clip: false }],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ decoupledWeightDecay: 1 }, /decoupledWeightDecay must be a boolean, got 1/],
      [{ eps: 0 }, /eps must be .* greater than 0|eps must be .* above 0/],
      [{ clip: 1 }, /clip must be a boolean/],
    ],
    rate: 0.05,
  },
  {
    name: 'Adan',
    create: (params, options) => new Adan(params, options),
    options: [...common, { noProx: true, weightDecay: 0.1 }],
    refused: [
      [{ betas: [0.9, 0.9] }, /betas must be an array of three numbers/],
      [{ betas: [0.9, 0.9, 1] }, /betas\[2\] must be in \[0, 1\), got 1/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ noProx: 1 }, /noProx must be a boolean/],
    ],
    rate: 0.05,
  },
  {
    name: 'AdEMAMix',
    create: (params, options) => new AdEMAMix(params, options),
    options: [...common, { alphaWarmup: 4, beta3Warmup: 3 }],
    refused: [
      [{ betas: [0.9, 0.9] }, /betas must be an array of three numbers/],
      [{ betas: [0.9, 0.9, 1] }, /betas\[2\] must be in \[0, 1\), got 1/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ alpha: -1 }, /alpha must be .* at least 0/],
      [{ alphaWarmup: 0 }, /alphaWarmup must be an integer of at least 1/],
      [{ beta3Warmup: 2, betas: [0.9, 0.9, 0.5] }, /beta3Warmup needs betas\[0\] above 0/],
    ],
    rate: 0.05,
  },
  {
    name: 'ASGD',
    create: (params, options) => new ASGD(params, options),
    options: [...common, { t0: 2, lambd: 0.01, ...decoupled }],
    refused: [
      [{ lambd: -1 }, /lambd must be .* at least 0/],
      [{ alpha: -1 }, /alpha must be .* at least 0/],
      [{ t0: -1 }, /t0 must be .* at least 0/],
    ],
    rate: 0.05,
  },
  {
    name: 'Rprop',
    create: (params, options) => new Rprop(params, options),
    options: [...common, { etas: [0.2, 3], stepSizes: [0.01, 0.1], ...decoupled }],
    refused: [
      [{ etas: 0.5 }, /etas must be an array of two numbers, got 0.5/],
      [{ etas: [1.1, 1.2] }, /etas must have a first one below 1/],
      [{ stepSizes: [0, 1] }, /stepSizes\[0\] must be/],
      [{ stepSizes: [2, 1] }, /stepSizes must rise/],
    ],
    rate: 0.1,
  },
  {
    name: 'ScheduleFreeSGD',
    create: (params, options) => new ScheduleFreeSGD(params, options),
    options: [...common, { momentum: 0.4, warmupSteps: 3, r: 1 }],
    refused: [
      [{ momentum: 0 }, /momentum must be/],
      [{ momentum: 1 }, /momentum must be in \[0, 1\)/],
      [{ warmupSteps: 1.5 }, /warmupSteps must be an integer/],
      [{ r: -1 }, /r must be/],
      [{ weightLrPower: -1 }, /weightLrPower must be/],
    ],
    rate: 0.1,
  },
  {
    name: 'ScheduleFreeAdamW',
    create: (params, options) => new ScheduleFreeAdamW(params, options),
    options: [...common, { betas: [0.4, 0.9], warmupSteps: 3 }],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ betas: [0, 0.9] }, /betas\[0\] must be/],
    ],
    rate: 0.1,
  },
  {
    name: 'Prodigy',
    create: (params, options) => new Prodigy(params, options),
    options: [
      ...common,
      { weightDecay: 0.1, decoupledWeightDecay: false },
      { d0: 0.01, beta3: 0.5, growthRate: 1.1, useBiasCorrection: true, safeguardWarmup: true },
    ],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ decoupledWeightDecay: 1 }, /decoupledWeightDecay must be a boolean, got 1/],
      [{ beta3: 1 }, /beta3 must be in/],
      [{ d0: 0 }, /d0 must be/],
      [{ dCoef: 0 }, /dCoef must be/],
      [{ growthRate: 0.5 }, /growthRate must be .* at least 1/],
      [{ useBiasCorrection: 1 }, /useBiasCorrection must be a boolean/],
      [{ safeguardWarmup: 1 }, /safeguardWarmup must be a boolean/],
    ],
    rate: 1,
  },
  {
    name: 'SophiaG',
    create: (params, options) => new SophiaG(params, options),
    options: [...common, { weightDecay: 0.1, decoupledWeightDecay: false }],
    refused: [
      [{ betas: [0.9] }, /betas must be an array of two numbers/],
      [{ decoupledWeightDecay: 1 }, /decoupledWeightDecay must be a boolean, got 1/],
      [{ rho: -1 }, /rho must be/],
      [{ batchSize: 0 }, /batchSize must be/],
    ],
    rate: 0.01,
  },
  {
    name: 'SWATS',
    create: (params, options) => new SWATS(params, options),
    options: [
      ...common,
      // Switches at the third step, so that both phases run.
      { switchTolerance: 1e9, minSwitchStep: 3, ...decoupled },
      { switchTolerance: 1e9, minSwitchStep: 3, scope: 'param', weightDecay: 0.1, maximize: true },
    ],
    refused: [
      [{ betas: [0.9, 1] }, /betas\[1\] must be in \[0, 1\), got 1/],
      [{ betas: [-0.1, 0.9] }, /betas\[0\] must be in \[0, 1\), got -0.1/],
      [{ betas: 0.9 }, /betas must be an array of two numbers, got 0.9/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ scope: 'all' }, /scope must be one of "global", "group", "param", got "all"/],
      [{ switchTolerance: -1 }, /switchTolerance must be .* at least 0, got -1/],
      [{ minSwitchStep: 1 }, /minSwitchStep must be an integer of at least 2, got 1/],
    ],
    rate: 0.01,
  },
  ...composedRows,
];

export const elementTypes = [Float32Array, Float64Array];

/** Numbers of every magnitude and both signs, the same for the same seed (a linear congruential generator). */
export function randomNumbers(seed: number): () => number {
  let state = BigInt(seed) * 2n + 1n;
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    const exponent = Number((state >> 20n) % 8n) - 5;
    return (Number(BigInt.asIntN(32, state >> 32n)) / 2 ** 31) * 10 ** exponent;
  };
}

/** The bits of an array, with every NaN as the same one: its sign and payload are no part of the promise. */
export function bits(array: FloatArray): string {
  const canonical = array.map((x) => (Number.isNaN(x) ? Number.NaN : x));
  return Buffer.from(canonical.buffer, canonical.byteOffset, canonical.byteLength).toString('hex');
}

export function label(options: object): string {
  return JSON.stringify(options);
}
