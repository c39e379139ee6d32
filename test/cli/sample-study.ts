import type { Configuration, Settings, Study, StudyRun } from '../../src/cli/compare/study.js';

export const BASE: Settings = {
  network: 'mlp',
  depth: 2,
  width: 64,
  activation: 'relu',
  init: 'kaiming',
  norm: 'none',
  residual: false,
  optimizer: 'momentum',
  lr: 0.05,
  warmup: 'none',
  batch: 32,
};

/** What a made-up run looks like. */
export interface Course {
  /** Test and training metrics of the last evaluation. */
  readonly test: number;
  readonly train: number;
  /** Steps after which half of that is learnt. */
  readonly half: number;
  /** How much the loss swings from batch to batch. */
  readonly swing: number;
  /** Where the warm-up ends, and how much the loss jumps there. */
  readonly warmupEnd: number | null;
  readonly jump: number;
  readonly divergedAt: number | null;
  readonly switchStep: number | null;
  readonly stepsToGoal: number | null;
}

const COURSE: Course = {
  test: 0.95,
  train: 0.97,
  half: 30,
  swing: 0.1,
  warmupEnd: null,
  jump: 0,
  divergedAt: null,
  switchStep: null,
  stepsToGoal: 200,
};

const STEPS = 400;
const EVALUATED = [0, 1, 2, 4, 8, 16, 32, 64, 100, 150, 200, 250, 300, 350, 400];

/** A run of `STEPS` steps, the same for the same arguments. */
export function sampleRun(
  configuration: Configuration,
  seed: number,
  change: Partial<Course> = {},
): StudyRun {
  const course = { ...COURSE, ...change };
  const steps = course.divergedAt ?? STEPS;
  const lossSteps = Array.from({ length: steps }, (_, index) => index + 1);
  const learnt = (step: number) => step / (step + course.half);
  const loss = (step: number) => {
    const after = course.warmupEnd === null ? -1 : step - course.warmupEnd;
    const jump = after > 0 ? course.jump * Math.exp(-after / 20) : 0;
    const swing = 1 + course.swing * Math.sin(step * 12.9898 + seed * 3);
    return (1.1 * (1 - learnt(step)) + 0.02 + jump) * swing;
  };
  const metric = (step: number, end: number) => 0.1 + ((end - 0.1) * learnt(step)) / learnt(STEPS);
  return {
    hash: `${configuration.id}-${seed}`,
    configuration: configuration.id,
    seed,
    steps,
    losses: lossSteps.map(loss),
    lossSteps,
    learningRates: lossSteps.map(() => configuration.settings.lr),
    evaluations: EVALUATED.filter((step) => step <= steps).map((step) => ({
      step,
      trainLoss: 2.3 - 2.3 * metric(step, course.train) + 0.01,
      trainMetric: metric(step, course.train),
      testLoss: 2.3 - 2.3 * metric(step, course.test) + 0.01,
      testMetric: metric(step, course.test),
    })),
    divergedAt: course.divergedAt,
    stepsToGoal: course.divergedAt === null ? course.stepsToGoal : null,
    secondsToGoal:
      course.divergedAt === null && course.stepsToGoal !== null ? course.stepsToGoal / 100 : null,
    seconds: 4 + seed / 10,
    samplesPerSecond: 12_345,
    weightsHash: `0123456789abcde${seed}`,
    switch: course.switchStep === null ? null : { step: course.switchStep, lr: 0.25 },
    warmupSteps: course.warmupEnd,
  };
}

/** Settings that differ from the base, and what they lead to with each seed. */
export interface Case {
  readonly settings: Partial<Settings>;
  readonly course?: (seed: number) => Partial<Course>;
}

/** A study of made-up runs. */
export function studyOfCases(cases: readonly Case[], change: Partial<Study> = {}): Study {
  const seeds = change.seeds ?? [0, 1, 2];
  const configurations = cases.map(({ settings }, index) => ({
    id:
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ') || `base-${index}`,
    name:
      Object.entries(settings)
        .map(([name, value]) => (typeof value === 'string' ? value : `${name} ${value}`))
        .join(', ') || 'base',
    settings: { ...BASE, ...settings },
  }));
  return {
    schema: 1,
    version: '0.1.0',
    date: '2026-11-22T12:00:00.000Z',
    command: 'lockstep compare --seeds 3',
    machine: { cpu: 'A processor', platform: 'linux x64', node: '20.20.2' },
    target: 'scalar',
    threads: 2,
    data: { name: 'sample', kind: 'classification', trainRows: 800, testRows: 1000, columns: 4, classes: 10 },
    metric: 'accuracy',
    goal: 0.94,
    epochs: 16,
    seeds,
    base: BASE,
    factors: [],
    configurations,
    runs: configurations.flatMap((configuration, index) =>
      seeds.map((seed) => sampleRun(configuration, seed, cases[index].course?.(seed))),
    ),
    trials: [],
    ...change,
  };
}

/** A little of chance, the same for a seed. */
export const wobble = (seed: number, size: number): number => size * Math.sin(2.1 * seed);

/** A study of optimizers, warm-ups and residual connections, with trials. */
export function sampleStudy(change: Partial<Study> = {}): Study {
  const optimizers: readonly (readonly [string, number, number, number])[] = [
    ['momentum', 0.05, 0.967, 40],
    ['sgd', 0.2, 0.955, 80],
    ['adagrad', 0.05, 0.948, 30],
    ['rmsprop', 0.001, 0.958, 20],
    ['adam', 0.001, 0.962, 15],
    ['swats', 0.001, 0.966, 18],
  ];
  return studyOfCases(
    [
      ...optimizers.map(([optimizer, lr, test, half], index) => ({
        settings: { optimizer, lr },
        course: (seed: number) => ({
          test: test + wobble(seed + index, 0.001),
          train: test + 0.015 + wobble(seed, 0.0005),
          half: half + seed,
          stepsToGoal: test < 0.95 ? null : 4 * half + seed,
          switchStep: optimizer === 'swats' ? 150 + seed : null,
        }),
      })),
      {
        settings: { lr: 1, warmup: 'constant' },
        course: (seed) => ({
          test: 0.95 + wobble(seed, 0.002),
          warmupEnd: 40,
          jump: 0.8 + wobble(seed, 0.1),
        }),
      },
      {
        settings: { lr: 1, warmup: 'gradual' },
        course: (seed) => ({ test: 0.96 + wobble(seed, 0.002), warmupEnd: 40 }),
      },
      {
        settings: { lr: 1 },
        course: (seed) => ({ test: 0.3 + wobble(seed, 0.05), divergedAt: seed === 1 ? 33 : null }),
      },
      {
        settings: { residual: true },
        course: (seed) => ({ test: 0.968 + wobble(seed, 0.001) }),
      },
    ],
    {
      factors: [
        { name: 'optimizer', levels: optimizers.map(([optimizer]) => optimizer) },
        { name: 'residual', levels: [false, true] },
      ],
      trials: optimizers.flatMap(([optimizer, lr]) =>
        [-2, -1, 0, 1, 2].map((power) => ({
          optimizer,
          lr: Number((lr * 3 ** power).toPrecision(3)),
          budget: power === 0 ? 400 : 100,
          validationLoss: power === 2 && optimizer === 'sgd' ? null : 0.1 + 0.08 * power * power + lr / 10,
        })),
      ),
      ...change,
    },
  );
}
