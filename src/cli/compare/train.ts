import type { Split } from '../../data/index.js';
import { accuracy, crossEntropy, type Module } from '../../nn/index.js';
import { DataLoader, DivergedError, evaluate, examplesOf, fit, type StepReport } from '../../train/index.js';
import { evaluationSteps } from './evaluation-steps.js';
import { MovingAverage } from './moving-average.js';
import { buildNetwork, type NetworkShape } from './network.js';
import type { RunResult, TestResult } from './result.js';
import { gradualSteps, type Optimizer, type Run, scheduleOf, settingsOf, switchOf } from './runs.js';
import { weightsHash } from './weights-hash.js';

/** What all runs of a comparison have in common. */
export interface Conditions {
  readonly split: Split;
  readonly network: NetworkShape;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly goalAccuracy: number;
}

/** Where a run stands. */
export interface Standing {
  /** Rows seen so far, each as often as it was seen. */
  readonly samples: number;
  readonly samplesOfAll: number;
  /** Of the last batch; `null` before the first step. */
  readonly loss: number | null;
  readonly accuracy: number;
  readonly samplesPerSecond: number;
}

/** Whoever watches is told this often, in milliseconds. */
const WATCH_EVERY = 50;

/** A batch beyond this many rows is worked through in parts, so that memory does not grow with it. */
const ROWS_AT_ONCE = 1024;

/** What is judged, in steps and in evaluations. */
const judge = { loss: crossEntropy, metrics: { accuracy } };

/** The training error that ends a constant warm-up is averaged over about this many batches. */
const ERROR_WINDOW = 10;

/** Trains a new network in one way. `watch` is told the standing several times a second. */
export async function train(
  run: Run,
  conditions: Conditions,
  watch: (standing: Standing) => void,
): Promise<RunResult> {
  const training = new Training(run, conditions, watch);
  await training.start();
  return training.result();
}

class Training {
  readonly #run: Run;
  readonly #conditions: Conditions;
  readonly #watch: (standing: Standing) => void;
  readonly #network: Module;
  readonly #batch: number;
  readonly #loader: DataLoader<Int32Array>;
  readonly #steps: number;
  readonly #evaluateAt: ReadonlySet<number>;
  readonly #optimizer: Optimizer;
  readonly #error = new MovingAverage(ERROR_WINDOW);
  readonly #losses: number[] = [];
  readonly #learningRates: number[] = [];
  readonly #evaluations: TestResult[] = [];
  #divergedAt: number | null = null;
  #samples = 0;
  #seconds = 0;
  #lastWatch = performance.now();

  constructor(run: Run, conditions: Conditions, watch: (standing: Standing) => void) {
    this.#run = run;
    this.#conditions = conditions;
    this.#watch = watch;
    const { split, seed, epochs, network } = conditions;
    this.#network = buildNetwork(network, seed);
    this.#batch = run.fullBatch ? split.train.rows : conditions.batch;
    this.#loader = new DataLoader(examplesOf(split.train), {
      batchSize: this.#batch,
      rowsAtOnce: ROWS_AT_ONCE,
      seed,
    });
    this.#steps = epochs * this.#loader.stepsPerEpoch;
    this.#evaluateAt = evaluationSteps(this.#steps);
    this.#optimizer = run.create(this.#network.parameters(), scheduleOf(run, this.#steps));
  }

  async start(): Promise<void> {
    const { epochs, seed } = this.#conditions;
    const [optimizer, afterStep] = [this.#optimizer, (report: StepReport) => this.#note(report)];
    try {
      await this.#evaluate(0);
      await fit(this.#network, this.#loader, {
        ...judge,
        optimizer,
        epochs,
        seed,
        afterStep,
        observe: false,
      });
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      this.#divergedAt = error.step;
    }
  }

  async #note({ step, loss, lr, metrics, samples, seconds }: StepReport): Promise<void> {
    this.#losses.push(loss);
    this.#learningRates.push(lr);
    this.#samples = samples;
    this.#seconds = seconds;
    this.#optimizer.observe(this.#error.add(1 - metrics.accuracy));
    if (performance.now() - this.#lastWatch >= WATCH_EVERY) this.#tell();
    if (this.#evaluateAt.has(step)) await this.#evaluate(step);
  }

  async #evaluate(step: number): Promise<void> {
    const { loss, metrics } = await evaluate(this.#network, examplesOf(this.#conditions.split.test), judge);
    if (!Number.isFinite(loss)) throw new DivergedError(loss, step, 0);
    this.#evaluations.push({ step, loss, accuracy: metrics.accuracy });
  }

  #tell(): void {
    this.#lastWatch = performance.now();
    this.#watch({
      samples: this.#samples,
      samplesOfAll: this.#conditions.epochs * this.#conditions.split.train.rows,
      loss: this.#losses.at(-1) ?? null,
      accuracy: this.#evaluations[this.#evaluations.length - 1].accuracy,
      samplesPerSecond: this.#samplesPerSecond(),
    });
  }

  #samplesPerSecond(): number {
    return this.#seconds === 0 ? 0 : this.#samples / this.#seconds;
  }

  result(): RunResult {
    const { id, name } = this.#run;
    const { goalAccuracy } = this.#conditions;
    return {
      id,
      name,
      settings: settingsOf(this.#run),
      batch: this.#batch,
      steps: this.#losses.length,
      losses: this.#losses,
      learningRates: this.#learningRates,
      evaluations: this.#evaluations,
      finalLoss: this.#divergedAt === null ? finalLoss(this.#losses) : null,
      bestAccuracy: Math.max(...this.#evaluations.map(({ accuracy }) => accuracy)),
      stepsToGoal: this.#evaluations.find(({ accuracy }) => accuracy >= goalAccuracy)?.step ?? null,
      seconds: this.#seconds,
      samplesPerSecond: this.#samplesPerSecond(),
      weightsHash: weightsHash(this.#network.parameters()),
      divergedAt: this.#divergedAt,
      switch: switchOf(this.#optimizer),
      warmupSteps: this.#warmupSteps(),
    };
  }

  #warmupSteps(): number | null {
    const { warmup, lr } = this.#run;
    if (warmup === null) return null;
    const rates = this.#learningRates;
    const steps = warmup.kind === 'gradual' ? gradualSteps(warmup, this.#steps) : rates.indexOf(lr);
    return steps < 0 || steps > rates.length ? null : steps;
  }
}

/** The mean over the last tenth of the steps, at most 100: one batch says little. */
function finalLoss(losses: readonly number[]): number {
  const last = losses.slice(-Math.min(100, Math.ceil(losses.length / 10)));
  return last.reduce((sum, loss) => sum + loss, 0) / last.length;
}
