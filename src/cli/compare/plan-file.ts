import { show } from '../../core/validate.js';
import { UsageError } from '../errors.js';
import { type JsonSchema, problemOf } from '../json-schema.js';
import { factorNames, factors } from './factors.js';
import type { Level, Settings } from './study.js';
import { readJson } from './study-file.js';

/** What a file for `--plan` says; everything may be left out. Flags on the command line come before it. */
export interface PlanFile {
  readonly data?: string;
  readonly label?: string;
  readonly regression?: boolean;
  readonly image?: string;
  readonly model?: string;
  readonly base?: Partial<Settings>;
  readonly vary?: Readonly<Partial<Record<keyof Settings, readonly Level[]>>>;
  readonly design?: 'full' | 'one-at-a-time';
  readonly configurations?: readonly {
    readonly id?: string;
    readonly name?: string;
    readonly settings: Partial<Settings>;
  }[];
  readonly epochs?: number;
  readonly seed?: number;
  readonly seeds?: number;
  readonly tune?: number;
  readonly goal?: number;
}

const levels = (of: (schema: JsonSchema) => JsonSchema, description: string): JsonSchema => ({
  description,
  type: 'object',
  properties: Object.fromEntries(
    factorNames.map((name) => [name, { description: factors[name].help, ...of(factors[name].schema) }]),
  ),
  additionalProperties: false,
});

const settings = (description: string) => levels((schema) => schema, description);
const text = (description: string): JsonSchema => ({ description, type: 'string', minLength: 1 });
const count = (description: string, minimum: number, maximum?: number): JsonSchema => ({
  ...{ description, type: 'integer', minimum },
  ...(maximum === undefined ? {} : { maximum }),
});

/** The JSON that `--plan` reads. */
export const planSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A plan of lockstep compare: what to train, and on what',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    data: text('As --data.'),
    label: text('As --label.'),
    regression: { description: 'As --regression.', type: 'boolean' },
    image: text('As --image.'),
    model: text('As --model.'),
    base: settings('Settings that all configurations have, unless they say otherwise.'),
    vary: levels((items) => ({ type: 'array', items, minItems: 1 }), 'Levels of factors, as --vary.'),
    design: { description: 'As --design.', enum: ['full', 'one-at-a-time'] },
    configurations: {
      description: 'Ways of training one by one, in the place of vary.',
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          id: text('Its name on the command line. Default: its number, from 1.'),
          name: text('Its name in the report. Default: its settings.'),
          settings: settings('What differs from the base.'),
        },
        required: ['settings'],
        additionalProperties: false,
      },
    },
    epochs: count('As --epochs.', 1, 1_000_000),
    seed: count('As --seed.', 0),
    seeds: count('As --seeds.', 1, 1000),
    tune: count('As --tune.', 2, 100),
    goal: { description: 'As --goal.', type: 'number' },
  },
  additionalProperties: false,
};

function isPlan(value: unknown): value is PlanFile {
  return problemOf(planSchema, value, 'plan') === null;
}

/** @throws UsageError that names what is wrong with it. */
export function readPlan(path: string): PlanFile {
  const value = readJson(path, '--plan');
  if (!isPlan(value)) throw new UsageError(`--plan ${show(path)}: ${problemOf(planSchema, value, 'plan')}`);
  if (value.vary !== undefined && value.configurations !== undefined) {
    throw new UsageError(`--plan ${show(path)}: vary and configurations exclude each other`);
  }
  return value;
}
