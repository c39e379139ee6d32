import { setImmediate } from 'node:timers/promises';
import type { Split } from '../../data/index.js';
import { accuracy, crossEntropy, type Module } from '../../nn/index.js';
import { Batches } from './batches.js';
import { Evaluator, evaluationSteps } from './evaluate.js';
import { MovingAverage } from './moving-average.js';
import { buildNetwork, type NetworkShape } from './network.js';
import type { Evaluation, RunResult } from './result.js';
import { gradualSteps, type Optimizer, type Run, scheduleOf, settingsOf, switchOf } from './runs.js';
import { weightsHash } from './weights-hash.js';

/** What all runs of a comparison have in common. */
export interface Setting {
  readonly split: Split;
  readonly network: NetworkShape;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly targetAccuracy: number;
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

/** The event loop gets its turn this often, for signals and for whoever watches. */
const MILLISECONDS_AT_ONCE = 50;

/** The training error that ends a constant warm-up is averaged over about this many batches. */
const ERROR_WINDOW = 10;

/** Trains a new network in one way. `watch` is told the standing several times a second. */
export async function train(
  run: Run,
  setting: Setting,
  watch: (standing: Standing) => void,
): Promise<RunResult> {
  const training = new Training(run, setting, watch);
  await training.start();
  return training.result();
}

class Training {
  readonly #run: Run;
  readonly #setting: Setting;
  readonly #watch: (standing: Standing) => void;
  readonly #network: Module;
  readonly #batches: Batches;
  readonly #batch: number;
  readonly #steps: number;
  readonly #optimizer: Optimizer;
  readonly #evaluator: Evaluator;
  readonly #error = new MovingAverage(ERROR_WINDOW);
  readonly #losses: number[] = [];
  readonly #learningRates: number[] = [];
  readonly #evaluations: Evaluation[] = [];
  #divergedAt: number | null = null;
  #samples = 0;
  #milliseconds = 0;
  #lastPause = performance.now();

  constructor(run: Run, setting: Setting, watch: (standing: Standing) => void) {
    this.#run = run;
    this.#setting = setting;
    this.#watch = watch;
    const { split, seed, epochs, network } = setting;
    this.#network = buildNetwork(network, seed);
    this.#batch = run.batch === 'full' ? split.train.rows : setting.batch;
    this.#batches = new Batches(split.train, this.#batch, seed);
    this.#steps = epochs * this.#batches.stepsPerPass;
    this.#optimizer = run.create(this.#network.parameters(), scheduleOf(run, this.#steps));
    this.#evaluator = new Evaluator(split.test);
  }

  async start(): Promise<void> {
    const evaluateAt = evaluationSteps(this.#steps);
    this.#evaluate();
    for (let pass = 0; pass < this.#setting.epochs; pass++) {
      for (const rows of this.#batches.pass(pass)) {
        await this.#step(rows);
        if (this.#divergedAt === null && evaluateAt.has(this.#losses.length)) this.#evaluate();
        if (this.#divergedAt !== null) return;
      }
    }
  }

  /** One step of the optimizer, with the gradient of the mean loss over these rows. */
  async #step(rows: Int32Array): Promise<void> {
    this.#optimizer.zeroGrad();
    let loss = 0;
    let error = 0;
    for (const { x, labels, share } of this.#batches.parts(rows)) {
      const start = performance.now();
      const logits = this.#network.forward(x);
      const partLoss = crossEntropy(logits, labels);
      error += share * (1 - accuracy(logits, labels));
      loss += share * partLoss.item();
      (share === 1 ? partLoss : partLoss.mul(share)).backward();
      this.#milliseconds += performance.now() - start;
      this.#samples += labels.length;
      await this.#pause();
    }
    if (!Number.isFinite(loss)) {
      this.#divergedAt = this.#losses.length + 1;
      return;
    }
    this.#losses.push(loss);
    this.#learningRates.push(this.#optimizer.lr);
    const start = performance.now();
    this.#optimizer.step();
    this.#milliseconds += performance.now() - start;
    this.#optimizer.observe(this.#error.add(error));
  }

  #evaluate(): void {
    const step = this.#losses.length;
    const evaluation = this.#evaluator.evaluate(this.#network);
    if (Number.isFinite(evaluation.loss)) this.#evaluations.push({ step, ...evaluation });
    else this.#divergedAt = step;
  }

  async #pause(): Promise<void> {
    if (performance.now() - this.#lastPause < MILLISECONDS_AT_ONCE) return;
    this.#watch({
      samples: this.#samples,
      samplesOfAll: this.#setting.epochs * this.#setting.split.train.rows,
      loss: this.#losses.at(-1) ?? null,
      accuracy: this.#evaluations[this.#evaluations.length - 1].accuracy,
      samplesPerSecond: this.#samplesPerSecond(),
    });
    await setImmediate();
    this.#lastPause = performance.now();
  }

  #samplesPerSecond(): number {
    return this.#milliseconds === 0 ? 0 : (1000 * this.#samples) / this.#milliseconds;
  }

  result(): RunResult {
    const { id, name } = this.#run;
    const { targetAccuracy } = this.#setting;
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
      stepsToTarget: this.#evaluations.find(({ accuracy }) => accuracy >= targetAccuracy)?.step ?? null,
      seconds: this.#milliseconds / 1000,
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
