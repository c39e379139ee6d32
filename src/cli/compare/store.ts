import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive } from '../../core/is-alive.js';
import { isObject, show } from '../../core/validate.js';
import { VERSION } from '../../core/version.js';
import { writeWhole } from '../../data/write-whole.js';
import { UsageError } from '../errors.js';
import { reasonOf } from '../files.js';
import { isBuiltIn } from './network.js';
import type { StudyRun } from './study.js';
import { isStudyRun } from './study-file.js';
import type { Task } from './train.js';
import { hashOfModel } from './user-model.js';

/** Changes with whatever makes runs of one version of the package other ones. */
const FORMAT = 1;

/** Where runs are kept unless it is said otherwise, below the current folder. */
export const DEFAULT_STORE = join('.lockstep', 'runs');

/**
 * The hash of all that decides a run: what is trained, on what, and by which code. The kernels' target is not among it, nor are the threads:
 * they give the same bits, but for the target in TypeScript.
 */
export function hashOf(
  { settings, seed, epochs, limit, goal }: Omit<Task, 'hash' | 'configuration'>,
  dataHash: string,
  isTypeScript: boolean,
): string {
  const { network } = settings;
  const decides = {
    ...{ format: FORMAT, version: VERSION, data: dataHash, seed, epochs, limit, goal, isTypeScript },
    // In one order, whoever wrote them.
    settings: Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)),
    model: isBuiltIn(network) ? null : hashOfModel(network),
  };
  return createHash('sha256').update(JSON.stringify(decides)).digest('hex').slice(0, 32);
}

/** Runs that are done, in a folder, each in a file named by its hash that is there whole or not at all. */
export class RunStore {
  readonly folder: string;
  readonly #tell: (text: string) => void;

  /** @param tell hears of files that are no runs, though they have the names of some. */
  constructor(folder: string, tell: (text: string) => void = () => {}) {
    this.folder = folder;
    this.#tell = tell;
  }

  /** Makes the folder, before runs are written. @throws UsageError where it cannot be. */
  prepare(): void {
    const { folder } = this;
    try {
      mkdirSync(folder, { recursive: true });
      this.#ignore();
      this.#clean();
    } catch (error) {
      throw new UsageError(`--store ${show(folder)}: cannot be used: ${reasonOf(error)}`);
    }
  }

  /** The run of a task, if it is there and whole; its configuration may have another name by now. */
  read({ hash, configuration }: Task): StudyRun | null {
    const path = this.#path(hash);
    if (!existsSync(path)) return null;
    const run = runIn(path);
    if (run !== null && run.hash === hash) return { ...run, configuration };
    this.#tell(`${path} is no run, or another one: it is not used, and what it should be is trained anew`);
    return null;
  }

  async write(run: StudyRun): Promise<void> {
    await writeWhole(this.#path(run.hash), [Buffer.from(`${JSON.stringify(run)}\n`)]);
  }

  #path(hash: string): string {
    return join(this.folder, `${hash}.json`);
  }

  /** Nobody wants these under version control by chance. */
  #ignore(): void {
    if (this.folder !== DEFAULT_STORE) return;
    writeFileSync(join(dirname(this.folder), '.gitignore'), '*\n');
  }

  /** What a process that was killed had begun to write. */
  #clean(): void {
    for (const name of readdirSync(this.folder)) {
      const pid = /\.json\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
      if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(this.folder, name), { force: true });
    }
  }
}

function runIn(path: string): StudyRun | null {
  try {
    const run: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isObject(run) && isStudyRun(run) ? run : null;
  } catch {
    return null;
  }
}
