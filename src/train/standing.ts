import { checkAtLeast, checkInteger, checkNumber, checkObject, show } from '../core/validate.js';
import { checkEpoch, positionOfLayers } from '../data/epochs.js';
import { Generator } from '../nn/index.js';
import { type Evaluation, Means } from './evaluate.js';
import type { Target } from './examples.js';
import type { Metric } from './metrics/metric.js';
import type { EpochReport } from './reports.js';

/** What a training has done. */
interface Counts {
  /** Rows seen, each as often as it was seen. */
  readonly samples: number;
  /** Time spent, but for the turns of the event loop and what hooks took. */
  readonly milliseconds: number;
}

/**
 * How far a training is: what its steps and its reports depend on beside the model, the optimizer and whatever else has a state of
 * its own. A run that goes on goes on from this.
 */
export class Standing<Y extends Target> {
  readonly #seed: number;
  readonly #metrics: Readonly<Record<string, Metric<Y>>>;
  /** The epoch at work, or the next one. */
  #epoch: number;
  /** What there was before it. */
  #before: Counts = { samples: 0, milliseconds: 0 };
  #means: Means<Y>;
  #generator: Generator;
  #epochs: EpochReport[] = [];
  /** Steps taken in the epoch. */
  stepsInEpoch = 0;
  steps = 0;
  samples = 0;
  milliseconds = 0;
  /** The rate of the last step. */
  lr = 0;

  constructor(epoch: number, seed: number, metrics: Readonly<Record<string, Metric<Y>>>) {
    this.#seed = seed;
    this.#metrics = metrics;
    this.#epoch = epoch;
    this.#means = new Means(metrics);
    this.#generator = new Generator(seed, positionOfLayers(epoch));
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Of the rows of the epoch so far. */
  get means(): Means<Y> {
    return this.#means;
  }

  /** Gives the numbers of layers. */
  get generator(): Generator {
    return this.#generator;
  }

  /** The reports of all epochs that are over. */
  get epochs(): readonly EpochReport[] {
    return this.#epochs;
  }

  get seconds(): number {
    return this.milliseconds / 1000;
  }

  /** What the epoch has done so far. */
  get inEpoch(): Counts {
    const { samples, milliseconds } = this.#before;
    return { samples: this.samples - samples, milliseconds: this.milliseconds - milliseconds };
  }

  /** Ends the epoch at work; the next one begins. */
  endEpoch(report: EpochReport): void {
    this.#epochs.push(report);
    this.stepsInEpoch = 0;
    this.#begin(this.#epoch + 1, positionOfLayers(this.#epoch + 1));
    this.#before = { samples: this.samples, milliseconds: this.milliseconds };
  }

  #begin(epoch: number, position: number): void {
    this.#epoch = epoch;
    this.#means = new Means(this.#metrics);
    this.#generator = new Generator(this.#seed, position);
  }

  /** A copy of it as plain data. @throws TypeError where a metric cannot be saved within an epoch. */
  stateDict() {
    const { epoch, stepsInEpoch, steps, samples, milliseconds, lr } = this;
    return {
      ...{ epoch, stepsInEpoch, steps, samples, milliseconds, lr },
      position: this.#generator.position,
      before: { ...this.#before },
      means: stepsInEpoch === 0 ? null : this.#means.stateDict(),
      epochs: [...this.#epochs],
    };
  }

  /** Goes on from what `stateDict()` gave. @throws TypeError or RangeError naming what does not fit; nothing has then changed. */
  loadStateDict(state: unknown): void {
    checkObject('training', state);
    const { epoch, stepsInEpoch, steps, lr, position, before, means: saved, epochs } = state;
    checkEpochOf('training.epoch', epoch);
    checkInteger('training.stepsInEpoch', stepsInEpoch, 0);
    checkInteger('training.steps', steps, 0);
    checkNumber('training.lr', lr);
    checkInteger('training.position', position, 0);
    const counts = readCounts('training', state);
    const countsBefore = readCounts('training.before', before);
    if (!Array.isArray(epochs)) throw new TypeError(`training.epochs must be an array, got ${show(epochs)}`);
    const reports = epochs.map((report: unknown, i) => readReport(`training.epochs[${i}]`, report));
    const means = new Means(this.#metrics);
    if (stepsInEpoch > 0) means.loadStateDict(saved);

    this.#begin(epoch, position);
    this.#means = means;
    this.#before = countsBefore;
    this.#epochs = reports;
    Object.assign(this, counts, { stepsInEpoch, steps, lr });
  }
}

function checkEpochOf(name: string, epoch: unknown): asserts epoch is number {
  checkInteger(name, epoch, 0);
  // The one after the last may be the next one.
  if (epoch > 0) checkEpoch(name, epoch - 1);
}

function readCounts(name: string, counts: unknown): Counts {
  checkObject(name, counts);
  const { samples, milliseconds } = counts;
  checkInteger(`${name}.samples`, samples, 0);
  checkAtLeast(`${name}.milliseconds`, milliseconds, 0);
  return { samples, milliseconds };
}

function readReport(name: string, report: unknown): EpochReport {
  checkObject(name, report);
  const { epoch, step, validation, lr, seconds, samplesPerSecond } = report;
  checkInteger(`${name}.epoch`, epoch, 0);
  checkInteger(`${name}.step`, step, 0);
  checkNumber(`${name}.lr`, lr);
  checkNumber(`${name}.seconds`, seconds);
  checkNumber(`${name}.samplesPerSecond`, samplesPerSecond);
  const judged = validation === null ? null : readEvaluation(`${name}.validation`, validation);
  return {
    ...{ epoch, step, ...readEvaluation(name, report) },
    ...{ validation: judged, lr, seconds, samplesPerSecond },
  };
}

function readEvaluation(name: string, evaluation: unknown): Evaluation {
  checkObject(name, evaluation);
  const { loss, metrics } = evaluation;
  checkNumber(`${name}.loss`, loss);
  checkObject(`${name}.metrics`, metrics);
  const numbers = Object.entries(metrics).map(([metric, value]) => {
    checkNumber(`${name}.metrics.${metric}`, value);
    return [metric, value] as const;
  });
  return { loss, metrics: Object.fromEntries(numbers) };
}
