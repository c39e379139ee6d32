import type { Comparison, RunResult } from '../../src/cli/compare/result.js';
import { runs, settingsOf } from '../../src/cli/compare/runs.js';

/** A comparison of all runs with made-up results. */
export function sampleComparison(change: Partial<Comparison> = {}): Comparison {
  return {
    version: '0.1.0',
    date: '2026-11-22T12:00:00.000Z',
    command: 'lockstep compare --seed 1',
    machine: { cpu: 'A processor', platform: 'linux x64', node: '20.20.2' },
    target: 'scalar',
    threads: 2,
    seed: 1,
    data: { name: 'sample', trainRows: 800, testRows: 200, columns: 4, classes: 3 },
    network: { layers: 'Linear 4→64', parameters: 320 },
    epochs: 4,
    batch: 32,
    goalAccuracy: 0.97,
    runs: runs.map((run, index): RunResult => {
      const steps = run.fullBatch ? 4 : 100;
      const counts = Array.from({ length: steps }, (_, step) => step);
      const turned = run.id === 'swats';
      const diverged = run.id === 'momentum-large';
      return {
        id: run.id,
        name: run.name,
        settings: settingsOf(run),
        batch: run.fullBatch ? 800 : 32,
        steps,
        losses: counts.map((step) => 2 / (1 + step)),
        learningRates: counts.map(() => run.lr),
        evaluations: [0, steps].map((step) => ({
          step,
          loss: 1 / (1 + step),
          accuracy: step === 0 ? 0.3 : 0.9 + index / 100,
        })),
        finalLoss: diverged ? null : 0.02,
        bestAccuracy: 0.9 + index / 100,
        stepsToGoal: index < 7 ? null : 90 - index,
        seconds: 1.5,
        samplesPerSecond: 12_345,
        weightsHash: '0123456789abcdef',
        divergedAt: diverged ? 33 : null,
        switch: turned ? { step: 60, lr: 0.25 } : null,
        warmupSteps: run.warmup === null ? null : 10,
      };
    }),
    ...change,
  };
}
