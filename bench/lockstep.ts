import { existsSync } from 'node:fs';
import type * as lockstep from '../src/index.js';

export type Lockstep = typeof lockstep;

/**
 * The package as it is shipped: what a loader makes of the sources would be another program. The sources serve where
 * speed does not matter.
 */
export async function loadLockstep({ quick }: { readonly quick: boolean }): Promise<Lockstep> {
  if (quick) return import('../src/index.js');
  const entry = new URL('../dist/index.js', import.meta.url);
  if (!existsSync(entry)) throw new Error('dist/ is missing: run `npm run build` first');
  return import(entry.href);
}
