import { readFileSync } from 'node:fs';
import { show } from '../../core/validate.js';
import { UsageError } from '../errors.js';
import { reasonOf } from '../files.js';
import { type JsonSchema, problemOf } from '../json-schema.js';
import { factorNames, factors } from './factors.js';
import type { Study, StudyRun } from './study.js';

const text: JsonSchema = { type: 'string' };
const number: JsonSchema = { type: 'number' };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const orNull = ({ type, ...rest }: JsonSchema): JsonSchema => ({
  ...rest,
  type: [...[type ?? []].flat(), 'null'],
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** An object that has all of these, and nothing else. */
function record(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** The settings of a configuration, all of them. */
const settings = record(Object.fromEntries(factorNames.map((name) => [name, factors[name].schema])));

const evaluation = record({
  step: count,
  trainLoss: number,
  trainMetric: number,
  testLoss: number,
  testMetric: number,
});

const run = record({
  hash: text,
  configuration: text,
  seed: count,
  steps: count,
  losses: list(number),
  lossSteps: list(count),
  learningRates: list(number),
  evaluations: list(evaluation),
  divergedAt: orNull(count),
  stepsToGoal: orNull(count),
  secondsToGoal: orNull(number),
  seconds: number,
  samplesPerSecond: number,
  weightsHash: text,
  switch: orNull(record({ step: count, lr: number })),
  warmupSteps: orNull(count),
});

/** The JSON that `lockstep compare --json` writes. */
export const studySchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A study of lockstep compare: what was run, on what, and what came out',
  ...record({
    schema: { const: 1 },
    version: text,
    date: text,
    command: text,
    machine: record({ cpu: text, platform: text, node: text }),
    target: text,
    threads: count,
    data: record({
      name: text,
      kind: { enum: ['classification', 'regression'] },
      trainRows: count,
      testRows: count,
      columns: count,
      classes: count,
    }),
    metric: { enum: ['accuracy', 'r2'] },
    goal: number,
    epochs: count,
    seeds: list(count),
    base: settings,
    factors: list(
      record({
        name: { enum: factorNames },
        levels: list({ type: ['string', 'number', 'boolean'] }),
      }),
    ),
    configurations: list(record({ id: text, name: text, settings })),
    runs: list(run),
    trials: list(record({ optimizer: text, lr: number, budget: count, validationLoss: orNull(number) })),
  }),
};

export const isStudyRun = (value: object): value is StudyRun => problemOf(run, value, 'run') === null;

function isStudy(value: unknown): value is Study {
  return problemOf(studySchema, value, 'study') === null;
}

/** A JSON file. @throws UsageError */
export function readJson(path: string, flag: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return value;
  } catch (error) {
    throw new UsageError(`${flag} ${show(path)}: ${reasonOf(error)}`);
  }
}

/** A study that `--json` wrote. @throws UsageError that names what is wrong with it. */
export function readStudy(path: string): Study {
  const value = readJson(path, '--from');
  if (isStudy(value)) return value;
  throw new UsageError(`--from ${show(path)}: ${problemOf(studySchema, value, 'study')}`);
}
