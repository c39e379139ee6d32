import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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
  const loaded: unknown = await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw fail(reasonOf(error));
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

/** What tells a module from another one: its own text, not that of what it imports. @throws UsageError */
export function hashOfModel(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (error) {
    throw new UsageError(`the network ${show(path)}: ${reasonOf(error)}`);
  }
}
