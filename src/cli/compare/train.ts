import type { Module } from '../../nn/index.js';
import {
  DataLoader,
  DivergedError,
  evaluate,
  fit,
  type Stepper,
  type StepReport,
  type Target,
} from '../../train/index.js';
import type { StudyData } from './data.js';
import { evaluationSteps } from './evaluation-steps.js';
import { classification, firstOf, type Judge, regression } from './judge.js';
import { MovingAverage } from './moving-average.js';
import { buildNetwork } from './network.js';
import { optimizerOf, switchOf } from './optimizers.js';
import type { Settings, StudyEvaluation, StudyRun } from './study.js';
import { gradualSteps, scheduleOf } from './warmup.js';
import { weightsHash } from './weights-hash.js';

/** One training that is to be done, by itself: plain JSON. */
export interface Task {
  /** Of all that decides what comes out. */
  readonly hash: string;
  /** The id of its configuration. */
  readonly configuration: string;
  readonly settings: Settings;
  readonly seed: number;
  readonly epochs: number;
  /** Steps after which it ends, though more were planned; `null`: all. */
  readonly limit: number | null;
  /** The metric on the rows that judge whose reaching is timed. */
  readonly goal: number;
}

/** Where a training stands. */
export interface Standing {
  /** Of its steps, in [0, 1]. */
  readonly share: number;
  /** Of the last batch; `null` before the first step. */
  readonly loss: number | null;
  /** On the rows that judge. */
  readonly metric: number;
}

/** Whoever watches is told this often, in milliseconds. */
const WATCH_EVERY = 100;

/** A batch beyond this many rows is worked through in even parts, so that memory does not grow with it. */
const ROWS_AT_ONCE = 1024;

/** The training error that ends a constant warm-up is averaged over about this many batches. */
const ERROR_WINDOW = 10;

/** More losses than a chart has pixels across would only make files larger. */
const MOST_LOSSES = 3000;

/** Trains a new network in one way. `watch` is told the standing several times a second. */
export async function train(
  task: Task,
  data: StudyData,
  watch: (standing: Standing) => void,
): Promise<StudyRun> {
  const network = await buildNetwork(task.settings, data, task.seed);
  return data.kind === 'classification'
    ? new Training(task, data, network, classification(data), watch).run()
    : new Training(task, data, network, regression(data), watch).run();
}

/** Steps that a training takes in all. */
export function stepsOf(
  { settings, epochs, limit }: Pick<Task, 'settings' | 'epochs' | 'limit'>,
  rows: number,
): number {
  const { batchSize, dropLast } = batchesOf(settings, rows);
  const steps = epochs * (dropLast ? Math.floor : Math.ceil)(rows / batchSize);
  return Math.min(steps, limit ?? steps);
}

/** Evaluations on the way, at even distances, besides those at the very beginning. */
const POINTS = { least: 6, most: 30 } as const;

/** After how many steps a whole training is judged: as often as can be without more rows than those that are learnt from. */
export function evaluationsOf(
  { settings, epochs }: Pick<Task, 'settings' | 'epochs'>,
  { train, test }: StudyData,
): Set<number> {
  const judged = Math.min(train.rows, test.rows) + test.rows;
  const points = Math.round((epochs * train.rows) / judged);
  return evaluationSteps(
    stepsOf({ settings, epochs, limit: null }, train.rows),
    Math.min(POINTS.most, Math.max(POINTS.least, points)),
  );
}

function batchesOf({ batch, norm }: Settings, rows: number) {
  const batchSize = batch === 'full' ? rows : batch;
  const parts = Math.ceil(batchSize / ROWS_AT_ONCE);
  return {
    batchSize,
    rowsAtOnce: Math.ceil(batchSize / parts),
    // A single row has no statistics.
    dropLast: norm === 'batch' && batchSize < rows && rows % batchSize === 1,
  };
}

class Training<Y extends Target> {
  readonly #task: Task;
  readonly #network: Module;
  readonly #judge: Judge<Y>;
  readonly #watch: (standing: Standing) => void;
  readonly #loader: DataLoader<Y>;
  readonly #judged: {
    readonly train: ReturnType<Judge<Y>['examples']>;
    readonly test: ReturnType<Judge<Y>['examples']>;
  };
  /** Without the limit: what the warm-up goes by. */
  readonly #planned: number;
  readonly #steps: number;
  readonly #evaluateAt: ReadonlySet<number>;
  readonly #optimizer: Stepper;
  readonly #error = new MovingAverage(ERROR_WINDOW);
  readonly #losses: number[] = [];
  readonly #learningRates: number[] = [];
  readonly #evaluations: StudyEvaluation[] = [];
  readonly #secondsAt: number[] = [];
  #divergedAt: number | null = null;
  #samples = 0;
  #seconds = 0;
  #lastWatch = performance.now();

  constructor(
    task: Task,
    data: StudyData,
    network: Module,
    judge: Judge<Y>,
    watch: (standing: Standing) => void,
  ) {
    const { settings, seed, epochs, limit } = task;
    this.#task = task;
    this.#network = network;
    this.#judge = judge;
    this.#watch = watch;
    this.#loader = new DataLoader(judge.examples(data.train), {
      ...batchesOf(settings, data.train.rows),
      seed,
    });
    // As many rows that were learnt from as those that were not.
    this.#judged = {
      train: judge.examples(firstOf(data, data.train, data.test.rows)),
      test: judge.examples(data.test),
    };
    this.#planned = stepsOf({ settings, epochs, limit: null }, data.train.rows);
    this.#steps = stepsOf({ settings, epochs, limit }, data.train.rows);
    // Of a part of a training only the end is of interest.
    this.#evaluateAt = limit === null ? evaluationsOf(task, data) : new Set([this.#steps]);
    const rate = scheduleOf(settings, this.#planned);
    this.#optimizer = optimizerOf(settings.optimizer).create(
      network.parameters(),
      rate,
      batchesOf(settings, data.train.rows).batchSize,
    );
  }

  async run(): Promise<StudyRun> {
    const { loss, metric } = this.#judge;
    const { epochs, seed, settings } = this.#task;
    try {
      await this.#evaluate(0);
      await fit(this.#network, this.#loader, {
        loss,
        // Nobody else asks for the metric of a batch.
        metrics: settings.warmup === 'constant' ? { metric } : {},
        optimizer: this.#optimizer,
        epochs,
        seed,
        afterStep: (report) => this.#note(report),
        observe: false,
      });
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      this.#divergedAt = error.step;
    }
    return this.#result();
  }

  async #note({ step, loss, lr, metrics, samples, seconds }: StepReport): Promise<'stop' | undefined> {
    this.#losses.push(loss);
    this.#learningRates.push(lr);
    this.#samples = samples;
    this.#seconds = seconds;
    this.#optimizer.observe(this.#error.add(this.#judge.errorOf(loss, metrics.metric ?? Number.NaN)));
    if (performance.now() - this.#lastWatch >= WATCH_EVERY) this.#tell();
    if (this.#evaluateAt.has(step)) await this.#evaluate(step);
    return step === this.#steps ? 'stop' : undefined;
  }

  async #evaluate(step: number): Promise<void> {
    const { evaluationWeights } = this.#optimizer;
    evaluationWeights?.apply();
    try {
      const train = await this.#evaluation(this.#judged.train);
      const test = await this.#evaluation(this.#judged.test);
      for (const { loss } of [train, test]) {
        if (!Number.isFinite(loss)) throw new DivergedError(loss, step, 0);
      }
      this.#evaluations.push({
        step,
        trainLoss: train.loss,
        trainMetric: train.metrics.metric,
        testLoss: test.loss,
        testMetric: test.metrics.metric,
      });
      this.#secondsAt.push(this.#seconds);
    } finally {
      evaluationWeights?.restore();
    }
  }

  #evaluation(examples: ReturnType<Judge<Y>['examples']>) {
    const { loss, metric } = this.#judge;
    return evaluate(this.#network, examples, { loss, metrics: { metric } });
  }

  #tell(): void {
    this.#lastWatch = performance.now();
    this.#watch({
      share: this.#losses.length / this.#steps,
      loss: this.#losses.at(-1) ?? null,
      metric: this.#evaluations.at(-1)?.testMetric ?? 0,
    });
  }

  #result(): StudyRun {
    const { hash, configuration, seed, goal } = this.#task;
    const kept = spread(this.#losses.length, MOST_LOSSES);
    const reached = this.#evaluations.findIndex(({ testMetric }) => testMetric >= goal);
    return {
      hash,
      configuration,
      seed,
      steps: this.#losses.length,
      losses: kept.map((index) => shortened(this.#losses[index])),
      lossSteps: kept.map((index) => index + 1),
      learningRates: kept.map((index) => shortened(this.#learningRates[index])),
      evaluations: this.#evaluations,
      divergedAt: this.#divergedAt,
      stepsToGoal: reached < 0 ? null : this.#evaluations[reached].step,
      secondsToGoal: reached < 0 ? null : this.#secondsAt[reached],
      seconds: this.#seconds,
      samplesPerSecond: this.#seconds === 0 ? 0 : this.#samples / this.#seconds,
      weightsHash: weightsHash(this.#network.parameters()),
      switch: switchOf(this.#optimizer),
      warmupSteps: this.#warmupSteps(),
    };
  }

  #warmupSteps(): number | null {
    const { warmup, lr } = this.#task.settings;
    if (warmup === 'none') return null;
    const rates = this.#learningRates;
    const steps = warmup === 'gradual' ? gradualSteps(this.#planned) : rates.indexOf(lr);
    return steps < 0 || steps > rates.length ? null : steps;
  }
}

/** At most so many of `length` indices, evenly spread, both ends among them. */
function spread(length: number, most: number): number[] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, index) =>
    Math.round((index * (length - 1)) / Math.max(1, count - 1)),
  );
}

const shortened = (value: number) => Number(value.toPrecision(6));
