import { type Sample, type Timing, timingOf } from '../measure.js';
import { type Child, type Message, sampleIn, startProgram } from './child.js';
import { peerEnvironment } from './environment.js';

/** TensorFlow.js' backends that run in Node. */
export const TFJS_BACKENDS = ['cpu', 'wasm'] as const;

export type TfjsBackend = (typeof TFJS_BACKENDS)[number];

/** The name of a contender. */
export const tfjsName = (backend: TfjsBackend) => `tfjs-${backend}`;

/** Starts a program that calls `serveTfjs()`, on one of the backends. */
export function startTfjs(script: URL, backend: TfjsBackend): ReturnType<typeof startProgram> {
  // It has one thread; garbage collection and compilation are then on it.
  return startProgram(script, [backend], peerEnvironment(1), ['--single-threaded']);
}

/** How long a figure of a peer that is a hundred times slower may take, in seconds. */
export interface Patience {
  /** Steps are taken until so many have passed. */
  readonly enough: number;
  /** A process that has not answered by then is ended. */
  readonly most: number;
}

/** One measurement, or why there is none. */
export type Attempt =
  | { readonly version: string; readonly timing: Timing }
  | { readonly version?: string; readonly failure: string };

/**
 * Measures once, in a new process: a step that compiles, and then as many as `enough` seconds hold, one at least. With
 * minutes to a step there is no time for turns with others, and the differences are so large that none are needed.
 */
export async function attemptTfjs(
  script: URL,
  backend: TfjsBackend,
  request: Message,
  work: number,
  { enough, most }: Patience,
): Promise<Attempt> {
  let version: string | undefined;
  let child: Child | undefined;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child?.kill();
  }, 1000 * most);
  try {
    const started = await startTfjs(script, backend);
    child = started.child;
    version = String(started.hello.version);
    await child.request({ ...request, command: 'prepare' });
    const run = async (steps: number) => sampleIn((await child?.request({ command: 'run', steps })) ?? {});
    await run(1);
    let steps = 1;
    let sample: Sample = await run(1);
    if (sample.seconds < enough / 2) {
      steps = Math.ceil(enough / sample.seconds);
      sample = await run(steps);
    }
    await child.request({ command: 'finish' });
    const contender = { name: tfjsName(backend), threads: 1, work, run };
    return { version, timing: timingOf(contender, steps, [sample]) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const failure = late ? `took more than ${most} s` : message;
    return version === undefined ? { failure } : { version, failure };
  } finally {
    clearTimeout(timer);
    child?.close();
  }
}
