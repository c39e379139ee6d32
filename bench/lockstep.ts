import { existsSync } from 'node:fs';
import type { Kernels } from '../src/backend/contract/kernels.js';
import type * as lockstep from '../src/index.js';
import type * as nn from '../src/nn/index.js';
import type * as train from '../src/train/index.js';

export type Lockstep = typeof lockstep;
export type Nn = typeof nn;

/** A module of the package as it is shipped. */
function shipped(path: string): string {
  const entry = new URL(`../dist/${path}`, import.meta.url);
  if (!existsSync(entry)) throw new Error('dist/ is missing: run `npm run build` first');
  return entry.href;
}

/**
 * The package as it is shipped: what a loader makes of the sources would be another program. The sources serve where
 * speed does not matter.
 */
export async function loadLockstep({ quick }: { readonly quick: boolean }): Promise<Lockstep> {
  return quick ? import('../src/index.js') : import(shipped('index.js'));
}

/** `lockstep/nn`, of the same kind. */
export async function loadNn({ quick }: { readonly quick: boolean }): Promise<Nn> {
  return quick ? import('../src/nn/index.js') : import(shipped('nn/index.js'));
}

/** `lockstep/train`, of the same kind. */
export async function loadTrain({ quick }: { readonly quick: boolean }): Promise<typeof train> {
  return quick ? import('../src/train/index.js') : import(shipped('train/index.js'));
}

/** The kernels below them. */
export async function loadKernels({ quick }: { readonly quick: boolean }): Promise<() => Kernels> {
  const select: typeof import('../src/backend/select.js') = quick
    ? await import('../src/backend/select.js')
    : await import(shipped('backend/select.js'));
  return select.kernels;
}
