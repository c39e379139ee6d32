import { show } from '../../core/validate.js';
import * as format from '../../text/format.js';
import { UsageError } from '../errors.js';
import { unknownName } from '../flags.js';
import { type JsonSchema, problemOf } from '../json-schema.js';
import { activations, inits } from './layers.js';
import { optimizerIds, optimizerOf } from './optimizers.js';
import type { Level, Settings } from './study.js';

/** What a study can vary: a setting, the levels that it may have, and how they are written and told. */
interface FactorDefinition {
  /** What it decides, for the help. */
  readonly help: string;
  /** Its levels in JSON. */
  readonly schema: JsonSchema;
  /** The level that a word of the command line stands for. */
  readonly read: (text: string) => unknown;
  /** A level as part of the name of a configuration. */
  readonly words: (level: Level) => string;
}

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => (text.trim() === '' ? text : Number(text));
const yesOrNo = (text: string): unknown => (text === 'yes' ? true : text === 'no' ? false : text);

const choice = (
  help: string,
  levels: readonly string[],
  words: (level: Level) => string = String,
): FactorDefinition => ({ help, schema: { enum: levels }, read: asText, words });

const size = (help: string, word: string, maximum: number): FactorDefinition => ({
  help,
  schema: { type: 'integer', minimum: 1, maximum },
  read: asNumber,
  words: (level) => `${word} ${level}`,
});

/** The networks that need no module of the user's. */
export const NETWORKS = ['mlp', 'cnn', 'resnet'] as const;

/** All factors, by the names of the settings. */
export const factors: Readonly<Record<keyof Settings, FactorDefinition>> = {
  network: {
    help: `The network: ${NETWORKS.join(', ')} (the latter two for images), or the path of a module, see --model.`,
    schema: { type: 'string', minLength: 1 },
    read: asText,
    words: (level) => String(level).replace(/^.*[\\/]/, ''),
  },
  depth: size('Linear layers or convolutions before the last layer.', 'depth', 1000),
  width: size('Features of a layer, or channels of the first convolution.', 'width', 65_536),
  activation: choice('The function between layers.', [...activations.keys()]),
  init: choice('How weights begin.', [...inits.keys()], (level) => `${level} initialisation`),
  norm: choice('The normalisation before each activation.', ['none', 'layer', 'batch'], (level) =>
    level === 'none' ? 'no normalisation' : `${level} normalisation`,
  ),
  residual: {
    help: 'Whether layers are added to what goes past them.',
    schema: { type: 'boolean' },
    read: yesOrNo,
    words: (level) => (level === true ? 'residual' : 'not residual'),
  },
  optimizer: choice('The optimizer.', optimizerIds, (level) => optimizerOf(String(level)).name),
  lr: {
    help: 'The learning rate.',
    schema: { type: 'number', exclusiveMinimum: 0 },
    read: asNumber,
    words: (level) => `rate ${format.rate(Number(level))}`,
  },
  warmup: choice(
    'How the rate begins: constant, a hundredth of it until the training error is below 80 %; gradual, growing over the first tenth of the steps.',
    ['none', 'constant', 'gradual'],
    (level) => (level === 'none' ? 'no warm-up' : `${level} warm-up`),
  ),
  batch: {
    help: 'Rows in a batch, or full: all of them.',
    schema: { anyOf: [{ type: 'integer', minimum: 1 }, { const: 'full' }] },
    read: (text) => (text === 'full' ? text : asNumber(text)),
    words: (level) => (level === 'full' ? 'full batch' : `batches of ${level}`),
  },
};

export const factorNames = Object.keys(factors).filter(isFactor);

export function isFactor(name: string): name is keyof Settings {
  return Object.hasOwn(factors, name);
}

/** The factor of this name. @throws UsageError */
export function factorNamed(name: string, what: string): keyof Settings {
  if (isFactor(name)) return name;
  throw new UsageError(`${what}: ${unknownName(name, factorNames, 'factor ')}`);
}

/** A level of a factor, checked. @throws UsageError that says what it is for and which there are. */
export function checkLevel(name: keyof Settings, value: unknown, what: string): Level {
  const { schema } = factors[name];
  const { enum: levels } = schema;
  if (levels !== undefined && typeof value === 'string' && !levels.includes(value)) {
    throw new UsageError(`${what}: ${unknownName(value, levels.map(String))}`);
  }
  if (
    name === 'network' &&
    typeof value === 'string' &&
    /^[\w-]+$/.test(value) &&
    !NETWORKS.some((one) => one === value)
  ) {
    throw new UsageError(
      `${what}: ${unknownName(value, NETWORKS)}; a module of your own is a path, as ./model.js`,
    );
  }
  const problem = problemOf(schema, value, what);
  if (problem !== null) throw new UsageError(problem);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new UsageError(`${what} must be a finite number, got ${show(value)}`);
}

/** A level as one writes it on the command line. @throws UsageError as `checkLevel`. */
export function readLevel(name: keyof Settings, text: string, what: string): Level {
  const value = factors[name].read(text.trim());
  if (name === 'residual' && typeof value !== 'boolean') {
    throw new UsageError(`${what} must be yes or no, got ${show(text)}`);
  }
  return checkLevel(name, typeof value === 'number' && Number.isNaN(value) ? text : value, what);
}

/** A level as `--vary` takes it. */
export const levelInFlag = (level: Level): string =>
  typeof level === 'boolean' ? (level ? 'yes' : 'no') : String(level);

/** What of the settings differs from others, in words; `''` where nothing does. */
export function changeInWords(change: Partial<Settings>): string {
  return factorNames
    .flatMap((name) => {
      const level = change[name];
      return level === undefined ? [] : [factors[name].words(level)];
    })
    .join(', ');
}
