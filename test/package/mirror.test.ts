// The two halves name the same things in the same order: what the compiler cannot see, and a number in the wrong place
// would not tell.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES as rules } from '../../src/backend/contract/rules.js';
import * as matrix from '../../src/backend/typescript/matrix/index.js';

const NATIVE = 'native';
const TYPESCRIPT = 'src/backend/typescript';
const CONTRACT = 'src/backend/contract';

function read(...path: string[]): string {
  return readFileSync(join(...path), 'utf8');
}

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort();
}

function namesIn(folder: string, extension: string, ...others: string[]): string[] {
  return filesIn(folder, extension)
    .map((name) => basename(name, extension))
    .filter((name) => !others.includes(name));
}

function textOf(folder: string): string {
  return filesIn(folder, '.h')
    .map((name) => read(folder, name))
    .join('\n');
}

/** How kernels.ts calls the element types of a kind of line in kernels.def. */
const TYPES = {
  KERNEL: '',
  SINGLES: '',
  NUMBERS: '<NumberArray>',
  ELEMENTS: '<ElementArray>',
  MASKS: '<Uint8Array>',
};
const KERNELS = Object.keys(TYPES) as (keyof typeof TYPES)[];

type Kind = 'RULE' | keyof typeof TYPES | 'UNARY' | 'UNARY_NUMBERS' | 'BINARY' | 'BINARY_NUMBERS';

/** [x, Arguments] of the lines LOCKSTEP_KIND(x) or LOCKSTEP_KIND(x, Arguments). */
function listed(kind: Kind): [string, string | undefined][] {
  const lines = read(NATIVE, 'kernels.def').matchAll(
    new RegExp(`^LOCKSTEP_${kind}\\((\\w+)(?:, (\\w+))?\\)$`, 'gm'),
  );
  return [...lines].map(([, name, type]) => [name, type]);
}

interface Struct {
  readonly base: string | undefined;
  readonly body: string;
}

/** The structs in C++ sources, by name. */
function structsOf(text: string): Map<string, Struct> {
  const found = text.matchAll(/^struct (\w+)(?: : (\w+)(?:<T>)?)? \{\n(.*?)^\};/gms);
  return new Map([...found].map(([, name, base, body]): [string, Struct] => [name, { base, body }]));
}

/** What `find` finds in a struct, or in the one it inherits from. */
function inherited(
  structs: Map<string, Struct>,
  name: string,
  find: (body: string) => string[],
): string[] | null {
  const struct = structs.get(name);
  if (struct === undefined) return null;
  const own = find(struct.body);
  return own.length > 0 || struct.base === undefined ? own : inherited(structs, struct.base, find);
}

/** What `find` finds in a struct, behind that of the one it inherits from. */
function fieldsOf(structs: Map<string, Struct>, name: string, find: (body: string) => string[]): string[] {
  const struct = structs.get(name);
  if (struct === undefined) return [];
  return [...(struct.base === undefined ? [] : fieldsOf(structs, struct.base, find)), ...find(struct.body)];
}

/** The names in each list of arguments of the contract; a list that another one spreads stands for its names. */
function contractArguments(): (type: string) => string[] {
  const text = read(CONTRACT, 'arguments.ts') + read('src/core/window-geometry.ts');
  const lists = new Map(
    [...text.matchAll(/^(?:export )?type (\w+)(?:<.*?>)? = (.*?);$/gms)].map(([, name, body]) => [
      name,
      body,
    ]),
  );
  const namesOf = (type: string): string[] =>
    [...(lists.get(type) ?? '').matchAll(/\.\.\.(?:\w+: )?(\w+)\b(?!:)|(\w+): (?!\[)/g)].flatMap(
      ([, spread, name]) => (spread === undefined ? [name] : namesOf(spread)),
    );
  return namesOf;
}

describe('rules', () => {
  const structs = structsOf(textOf('native/rules'));

  test('are the same on both sides', () => {
    const names = listed('RULE').map(([name]) => name);
    expect(names.sort()).toEqual(Object.keys(rules).sort());
  });

  test('lie in files of the same names', () => {
    expect(namesIn('native/rules', '.h')).toEqual(namesIn(`${TYPESCRIPT}/rules`, '.ts', 'index', 'rule'));
  });

  test.each(Object.entries(rules))('%s has the same scalars in the same order', (name, { scalars }) => {
    const fields = (body: string) => /^ {2}T ([\w, ]+);/m.exec(body)?.[1].split(', ') ?? [];
    expect(fieldsOf(structs, name, fields)).toEqual(scalars);
  });

  test.each(Object.entries(rules))('%s has the same operands in the same order', (name, { operands }) => {
    const parameters = (body: string) =>
      /update\(([^)]*)\)/
        .exec(body)?.[1]
        .split(', ')
        .map((parameter) => parameter.replace(/^V&? /, '')) ?? [];
    expect(inherited(structs, name, parameters)).toEqual(operands);
  });
});

describe('matrix kernels', () => {
  const structs = structsOf(textOf('native/matrix'));
  const argumentsOf = new Map([
    ...KERNELS.flatMap(listed),
    ...[...listed('UNARY'), ...listed('UNARY_NUMBERS')].flatMap(([name]): [string, string][] => [
      [`${name}Forward`, 'Unary'],
      [`${name}Backward`, 'UnaryBackward'],
    ]),
    ...[...listed('BINARY'), ...listed('BINARY_NUMBERS')].map(([name]): [string, string] => [name, 'Binary']),
  ]);

  test('are the same on both sides', () => {
    expect([...argumentsOf.keys()].sort()).toEqual(Object.keys(matrix).sort());
  });

  test('take what the contract says', () => {
    const lines = read(CONTRACT, 'kernels.ts').matchAll(/readonly (\w+): args\.([\w<>]+);/g);
    const wanted = KERNELS.flatMap((kind) => listed(kind).map(([name, type]) => [name, type + TYPES[kind]]));
    expect(Object.fromEntries([...lines].map(([, name, type]) => [name, type]))).toEqual(
      Object.fromEntries(wanted),
    );
  });

  test('lie in files of the same names', () => {
    const headers = namesIn('native/matrix', '.h');
    expect(namesIn(`${TYPESCRIPT}/matrix`, '.ts', 'index').filter((name) => !headers.includes(name))).toEqual(
      [],
    );
  });

  const inContract = contractArguments();
  test.each(Object.entries(matrix))('%s has the same arguments in the same order', (name, kernel) => {
    // A visit of what is inherited stands for the arguments of the base.
    const visitedOf = (struct: Struct | undefined): string[] =>
      [...(struct?.body ?? '').matchAll(/\bv\.\w+\("(\w+)"|\bvisit[A-Z]\w*\(v\)/g)].flatMap(([, argument]) =>
        argument === undefined ? visitedOf(structs.get(struct?.base ?? '')) : [argument],
      );
    const type = argumentsOf.get(name) ?? name;
    const visited = (body: string) => visitedOf({ base: structs.get(type)?.base, body });
    const parameters = (/\(([^)]*)\)/.exec(kernel.toString())?.[1] ?? '')
      .split(',')
      .map((parameter) => parameter.trim().replace(/^_/, ''));
    expect(inherited(structs, type, visited)).toEqual(parameters);
    expect(inContract(type)).toEqual(parameters);
  });
});

test('a file that names its mirror is named by it', () => {
  const mirrors = new Map<string, string>();
  for (const folder of [
    NATIVE,
    'native/rules',
    'native/matrix',
    'native/simd',
    `${TYPESCRIPT}/rules`,
    `${TYPESCRIPT}/matrix`,
    TYPESCRIPT,
    'src/core',
  ]) {
    for (const name of readdirSync(folder).filter((file) => /\.(h|ts)$/.test(file))) {
      const mirror = /Mirror: ((?:native|src)\/[\w/-]+\.(?:h|ts))/.exec(read(folder, name));
      if (mirror !== null) mirrors.set(`${folder}/${name}`, mirror[1]);
    }
  }
  expect(mirrors.size).toBeGreaterThan(30);
  for (const [file, mirror] of mirrors) expect([file, mirrors.get(mirror)]).toEqual([file, file]);
});
