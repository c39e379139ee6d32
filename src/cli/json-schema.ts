import { isObject, show } from '../core/validate.js';

type TypeName = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

/** As much of JSON Schema (https://json-schema.org, draft 2020-12) as the files of this program need. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: TypeName | readonly TypeName[];
  readonly const?: string | number;
  readonly enum?: readonly (string | number | boolean)[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** What is wrong with a value, naming the place: `runs[3].seed must be ..., got ...`; `null` where nothing is. */
export function problemOf(schema: JsonSchema, value: unknown, at: string): string | null {
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return `${at} must be ${types.map((type) => WORDS[type]).join(' or ')}, got ${show(value)}`;
  }
  const choices = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  if (choices.length > 0 && !choices.some((choice) => choice === value)) {
    return `${at} must be ${choices.length > 1 ? 'one of ' : ''}${choices.map(show).join(', ')}, got ${show(value)}`;
  }
  const { anyOf } = schema;
  if (anyOf !== undefined) {
    const problems = anyOf.map((choice) => problemOf(choice, value, at));
    if (!problems.includes(null)) return problems.filter((problem) => problem !== null).join('; or ');
  }
  if (typeof value === 'number') return numberProblem(schema, value, at);
  if (typeof value === 'string' && value.length < (schema.minLength ?? 0)) return `${at} must not be empty`;
  if (Array.isArray(value)) return listProblem(schema, value, at);
  return isObject(value) ? objectProblem(schema, value, at) : null;
}

const WORDS: Readonly<Record<TypeName, string>> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  null: 'null',
};

function isOfType(value: unknown, type: TypeName): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return isObject(value) && !Array.isArray(value);
  return typeof value === type;
}

function numberProblem(
  { minimum, exclusiveMinimum, maximum }: JsonSchema,
  value: number,
  at: string,
): string | null {
  if (minimum !== undefined && !(value >= minimum)) return `${at} must be at least ${minimum}, got ${value}`;
  if (exclusiveMinimum !== undefined && !(value > exclusiveMinimum))
    return `${at} must be greater than ${exclusiveMinimum}, got ${value}`;
  if (maximum !== undefined && !(value <= maximum)) return `${at} must be at most ${maximum}, got ${value}`;
  return null;
}

function listProblem(
  { items, minItems = 0 }: JsonSchema,
  value: readonly unknown[],
  at: string,
): string | null {
  if (value.length < minItems) return `${at} must have at least ${minItems} items, got ${value.length}`;
  return items === undefined
    ? null
    : first(value.map((item, index) => () => problemOf(items, item, `${at}[${index}]`)));
}

function objectProblem(
  { properties = {}, required = [], additionalProperties = true }: JsonSchema,
  value: Record<string, unknown>,
  at: string,
): string | null {
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${at} has no ${JSON.stringify(missing)}`;
  return first(
    Object.entries(value).map(([name, item]) => () => {
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (schema !== undefined) return problemOf(schema, item, `${at}.${name}`);
      if (additionalProperties) return null;
      return `${at} has no place for ${JSON.stringify(name)}; known are ${Object.keys(properties).join(', ')}`;
    }),
  );
}

function first(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const problem = check();
    if (problem !== null) return problem;
  }
  return null;
}
