import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { show } from '../../core/validate.js';
import { type Generator, Module } from '../../nn/index.js';
import { UsageError } from '../errors.js';
import { reasonOf } from '../files.js';
import type { NetworkShape } from './shape.js';
import type { Settings } from './study.js';

/** What the function that a module of the user's exports is given. */
export interface ModelRequest extends Settings, NetworkShape {
  /** Where the first weights are to come from: the same seed, the same weights. */
  readonly generator: Generator;
}

/** A network that a module of the user's makes. */
export interface UserModel {
  readonly build: (request: ModelRequest) => Promise<Module>;
}

/** Loads a module whose default export makes networks. @throws UsageError */
export async function readUserModel(path: string): Promise<UserModel> {
  const fail = (problem: string) => new UsageError(`the network ${show(path)}: ${problem}`);
  if (!isFile(path)) throw fail('no such file');
  const loaded: unknown = await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw fail(reasonOf(error) + remedyFor(error));
  });
  const make = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : null;
  if (typeof make !== 'function') {
    throw fail('has no default export that is a function of { columns, classes, generator, ...settings }');
  }
  return {
    async build(request) {
      const model: unknown = await Promise.resolve(Reflect.apply(make, undefined, [request]));
      if (model instanceof Module) return model;
      throw fail(
        `its function must give a Module of lockstep/nn, of the same installation as this command, got ${show(model)}`,
      );
    },
  };
}

/** Node.js 22.18 and later leave out the types by themselves. */
function remedyFor(error: unknown): string {
  const isTypeScript =
    error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
  return isTypeScript
    ? `; Node.js ${process.versions.node} reads no TypeScript: take 22.18 or later, or set NODE_OPTIONS="--import tsx" with tsx installed`
    : '';
}

/**
 * What tells a module from another one: its text, and that of the files which it imports by a relative path, and they.
 * What packages hold, and files that are read, is not in it.
 * @throws UsageError
 */
export function hashOfModel(path: string): string {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const add = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    hash.update(JSON.stringify(text));
    for (const imported of relativeImports(text)) {
      const found = fileOf(resolve(dirname(file), imported));
      if (found !== undefined) add(found);
    }
  };
  try {
    add(resolve(path));
    return hash.digest('hex');
  } catch (error) {
    throw new UsageError(`the network ${show(path)}: ${reasonOf(error)}`);
  }
}

/** Strings behind `from`, `import` and `require` that are relative paths; one too many does no harm. */
const relativeImports = (text: string): string[] =>
  [...text.matchAll(/\b(?:from|import|require)\b[\s(]*(['"`])(\.{1,2}\/[^'"`]+)\1/g)].map(
    ([, , path]) => path,
  );

/** TypeScript calls a file by the name that it has when it is compiled. */
const fileOf = (path: string): string | undefined =>
  [path, path.replace(/\.([cm]?)js$/, '.$1ts')].find(isFile);

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
