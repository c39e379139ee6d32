import type { Comparison, RunResult } from '../compare/result.js';
import { type Run, runOf } from '../compare/runs.js';
import type { Settings, Study, StudyRun } from '../compare/study.js';

/** What a comparison of fixed runs with one seed is as a study. It knows metrics of the test rows alone. */
export function studyOf({ runs, batch, seed, network, goalAccuracy, ...rest }: Comparison): Study {
  const settings = (run: Run): Settings => ({
    network: network.layers,
    depth: 3,
    width: 0,
    activation: 'relu',
    init: 'kaiming',
    norm: 'layer',
    residual: true,
    optimizer: run.id.startsWith('momentum') ? 'momentum' : run.fullBatch ? 'sgd' : run.id,
    lr: run.lr,
    warmup: run.warmup?.kind ?? 'none',
    batch: run.fullBatch ? 'full' : batch,
  });
  const configurations = runs.map(({ id, name }) => ({ id, name, settings: settings(runOf(id)) }));
  return {
    ...rest,
    schema: 1,
    data: { ...rest.data, kind: 'classification' },
    metric: 'accuracy',
    goal: goalAccuracy,
    seeds: [seed],
    base: configurations[0].settings,
    factors: [],
    configurations,
    runs: runs.map((run) => studyRun(run, seed)),
    trials: [],
  };
}

function studyRun(
  { id, evaluations, bestAccuracy: _, finalLoss: __, ...run }: RunResult,
  seed: number,
): StudyRun {
  return {
    ...run,
    hash: run.weightsHash,
    configuration: id,
    seed,
    lossSteps: run.losses.map((_, index) => index + 1),
    evaluations: evaluations.map(({ step, loss, accuracy }) => ({
      step,
      trainLoss: Number.NaN,
      trainMetric: Number.NaN,
      testLoss: loss,
      testMetric: accuracy,
    })),
    secondsToGoal: null,
  };
}
