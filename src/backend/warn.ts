import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { LoadResult } from './native.js';
import { bundleFolder, platform } from './places.js';

/** What it is to have no native kernels. */
export const IN_TYPESCRIPT = 'runs in TypeScript, some 10 to 100 times slower';

/**
 * Warns where no native binary could be loaded, or not the one that LOCKSTEP_BINARY names. LOCKSTEP_QUIET=1 silences it;
 * who asks for TypeScript needs no binary.
 */
export function warnOf({ addon, path, errors }: LoadResult): void {
  const { LOCKSTEP_QUIET, LOCKSTEP_TARGET } = process.env;
  if (LOCKSTEP_QUIET === '1' || LOCKSTEP_TARGET === 'typescript') return;
  const reasons = (list: typeof errors) =>
    list.map((error) => `  ${error.path}: ${error.message}\n`).join('');
  if (addon === null) {
    const what = `Lockstep found no native kernels and ${IN_TYPESCRIPT}:`;
    warn('LOCKSTEP_TYPESCRIPT', `${what}\n${reasons(errors)}${remedy()} LOCKSTEP_QUIET=1 silences this.`);
  }
  const passedOver = errors.filter(({ isNamed }) => isNamed);
  if (addon !== null && passedOver.length > 0) {
    const what = 'Lockstep could not load the binary that LOCKSTEP_BINARY names:';
    warn(
      'LOCKSTEP_BINARY',
      `${what}\n${reasons(passedOver)}It uses ${path}. LOCKSTEP_QUIET=1 silences this.`,
    );
  }
}

function remedy(): string {
  if (bundleFolder === null) return '`npx lockstep doctor` tells what to do.';
  const binary = `prebuilds/${platform()}/lockstep.node`;
  return `Leave lockstep out of the bundle, or copy ${binary} from the package to ${bundleFolder}.`;
}

/** Once a process: worker threads take over from the thread that starts them what was told. */
function warn(code: string, message: string): void {
  if (getEnvironmentData(code) !== undefined) return;
  setEnvironmentData(code, true);
  process.emitWarning(message, { code });
}
